"""What is asked about stays costs the same however long the history of a participant is."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from db import migrate
from db.engine import Tenancy
from db.location import SqliteFile
from db.models import EventType
from db.queries import events
from db.sqlite import SqliteDatabase
from db.sqlite.connection import DIALECT

HISTORY = 30_000
PEOPLE = ("busy", "calm")
AT = "2026-03-02T12:00:00.000000Z"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which a lot has happened to one participant, and little to another."""
    path = tmp_path_factory.mktemp("stays") / "connect.db"
    migrate.upgrade(SqliteFile(path))
    connection = sqlite3.connect(path)
    connection.execute(
        "INSERT INTO organization (id, name, is_active, event_seq, created_at, appointment_count, event_floor) VALUES ('o', 'A', 1, 0, '', 1, 0)"
    )
    connection.execute(
        "INSERT INTO appointment VALUES"
        " ('o', 'a', 'T', ?, 30, NULL, 'active', 1, NULL, NULL, NULL, NULL, ?, ?, ?, 2)",
        [AT, AT, AT, AT],
    )
    connection.executemany(
        "INSERT INTO participant VALUES ('o', ?, 'a', ?, NULL, 'moderator', 1, ?, ?)",
        [(name, name, AT, AT) for name in PEOPLE],
    )
    kinds = (
        EventType.PARTICIPANT_JOINED,
        EventType.PARTICIPANT_LEFT,
        EventType.PARTICIPANT_UPDATED,
    )
    happened = [("busy", kinds[place % 3]) for place in range(HISTORY)]
    happened[5:5] = [
        ("calm", EventType.PARTICIPANT_JOINED),
        ("calm", EventType.PARTICIPANT_UPDATED),
    ]
    # Nothing but changes at the end: what is asked for lies behind all of them.
    happened += [("busy", EventType.PARTICIPANT_UPDATED)] * HISTORY
    connection.executemany(
        "INSERT INTO event VALUES ('o', ?, ?, ?, 'a', ?, '[]', NULL, 'x', 'link', 'r', ?)",
        [(seq, str(seq), type, who, AT) for seq, (who, type) in enumerate(happened)],
    )
    connection.commit()
    connection.close()
    return path


async def test_the_latest_are_read_and_nothing_else(path: Path) -> None:
    database = await SqliteDatabase.open(path)
    try:
        async with database.read() as transaction:
            found = await events.presence(Tenancy(transaction, "o"), list(PEOPLE), 200)
            foreign = await events.presence(Tenancy(transaction, "other"), list(PEOPLE), 200)
            latest = await events.nth_latest(
                Tenancy(transaction, "o"), "busy", EventType.PARTICIPANT_LEFT, 200
            )
            never = await events.nth_latest(
                Tenancy(transaction, "o"), "calm", EventType.PARTICIPANT_JOINED, 2
            )
    finally:
        await database.close()
    who = [row.participant_id for row in found]
    assert (who.count("busy"), who.count("calm")) == (200, 1)
    assert [row.type for row in found if row.participant_id == "busy"] == [
        EventType.PARTICIPANT_JOINED,
        EventType.PARTICIPANT_LEFT,
    ] * 100
    assert foreign == []
    assert latest is not None and latest.year == 2026
    assert never is None


VALUES: dict[str, Any] = {"organization_id": "o", "participant_ids": '["busy","calm"]'}


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        (events._PRESENCE, {"limit": 200}),
        (events._BACK[EventType.PARTICIPANT_JOINED], {"participant_id": "busy", "skipped": 199}),
        (events._BACK[EventType.PARTICIPANT_LEFT], {"participant_id": "busy", "skipped": 199}),
    ],
)
def test_the_work_is_bounded(path: Path, statement: Any, values: dict[str, Any]) -> None:
    compiled = statement.compiled(DIALECT)
    bound = compiled.bind(VALUES | values)
    connection = sqlite3.connect(path)
    plan = connection.execute(f"EXPLAIN QUERY PLAN {compiled.text}", bound).fetchall()
    assert any(
        "USING INDEX event_of_stay" in row[3] or "USING COVERING INDEX event_of_stay" in row[3]
        for row in plan
    ), plan
    assert not any(row[3].startswith("SCAN event") for row in plan), plan
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.set_progress_handler(step, 100)
    connection.execute(compiled.text, bound).fetchall()
    connection.close()
    # In hundreds of operations of SQLite: some dozens for each of two hundred rows.
    assert steps < 200, steps
