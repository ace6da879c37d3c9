"""How SQLite reads the event log: along an index, never a whole log, in bounded steps."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from db import migrate
from db.engine import Tenancy
from db.location import SqliteFile
from db.models import EventType
from db.queries import events, system
from db.queries.events import EventFilter
from db.sqlite import SqliteDatabase
from db.sqlite.changes import Changes
from db.sqlite.connection import DIALECT
from db.statement import Statement

from .conftest import NOW, add_organization

EVENTS = 20_000
AT = "2026-03-02T12:00:00.000000Z"
RARE = EventType.APPOINTMENT_DELETED
KEY = "SEARCH event USING INDEX sqlite_autoindex_event_1 (organization_id=? AND seq"
OF_APPOINTMENT = "INDEX event_of_appointment (organization_id=? AND appointment_id=? AND seq"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 20,000 events, one of them rare, among forty appointments; another organization."""
    path = tmp_path_factory.mktemp("log") / "connect.db"
    migrate.upgrade(SqliteFile(path))
    connection = sqlite3.connect(path)
    for id in ("o", "other"):
        connection.execute(
            "INSERT INTO organization (id, name, is_active, event_seq, created_at, appointment_count, event_floor) VALUES (?1, ?1, 1, ?2, '', 0, 0)",
            [id, EVENTS],
        )
        connection.executemany(
            "INSERT INTO event VALUES (?, ?, ?, ?, ?, NULL, '[]', NULL, 'x', 'rest', 'r', ?)",
            [
                (id, seq, f"{id}{seq}", RARE if seq == EVENTS else "appointment.updated",
                 f"a{seq % 40}", AT)
                for seq in range(1, EVENTS + 1)
            ],
        )  # fmt: skip
    connection.commit()
    connection.close()
    return path


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


def plan(connection: sqlite3.Connection, statement: Statement[Any]) -> list[str]:
    text = statement.compiled(DIALECT).text
    rows = connection.execute(f"EXPLAIN QUERY PLAN {text}", ["1"] * text.count("?"))
    return [row[3] for row in rows]


@pytest.mark.parametrize("of_types", [False, True])
@pytest.mark.parametrize("of_appointment", [False, True])
def test_a_part_of_the_log_is_read_along_an_index(
    connection: sqlite3.Connection, of_appointment: bool, of_types: bool
) -> None:
    first, *rest = plan(connection, events._part(of_appointment, of_types))
    assert (OF_APPOINTMENT if of_appointment else KEY) in first
    assert "seq>? AND seq<?" in first
    assert not [step for step in rest if "TEMP" in step or "event" in step]


def test_what_else_is_asked_of_the_log_is_one_search(connection: sqlite3.Connection) -> None:
    (ends,) = plan(connection, events._ENDS)
    assert ends == "SEARCH organization USING INDEX sqlite_autoindex_organization_1 (id=?)"
    (nth,) = plan(connection, events._NTH_OF_APPOINTMENT)
    assert "COVERING " + OF_APPOINTMENT in nth
    (oldest,) = plan(connection, events._OLDEST)
    assert oldest.startswith(KEY)
    removed, *below = plan(connection, events._REMOVE)
    assert removed.startswith(KEY)
    assert not [step for step in below if step.startswith("SCAN")]
    organizations, _, oldest_of_each = plan(connection, system._EXPIRED)
    assert organizations.startswith("SCAN organization")
    assert oldest_of_each == KEY + "=?)"


async def steps_of(path: Path, after: int, until: int, **wanted: Any) -> int:
    """What reading a part of the log takes, in thousands of operations of SQLite."""
    database = await SqliteDatabase.open(path)
    try:
        async with database.read("o") as transaction:
            tx = Tenancy(transaction, "o")
            await events.part(tx, EventFilter(**wanted), after, until, 26)
        return transaction.steps
    finally:
        await database.close()


async def test_types_are_looked_for_no_further_than_one_is_told(path: Path) -> None:
    # 2,000 of 20,000 events: a tenth of the work, though nothing matches.
    stretch = await steps_of(path, 0, 2_000, types=(RARE,))
    assert 0 < stretch <= 45
    assert await steps_of(path, 0, EVENTS, types=(RARE,)) > 5 * stretch
    # Without them the limit ends it, and an appointment leads to its own.
    assert await steps_of(path, 0, EVENTS) <= 2
    assert await steps_of(path, 0, EVENTS, appointment_id="a7") <= 2
    assert await steps_of(path, 0, EVENTS, types=(RARE,), appointment_id="a7") < stretch


async def test_parts_are_those_of_one_organization(path: Path) -> None:
    database = await SqliteDatabase.open(path)
    try:
        async with database.read("o") as transaction:
            tx = Tenancy(transaction, "o")
            found = await events.part(tx, EventFilter(), 3, 5, 100)
            assert [each.id for each in found] == ["o4", "o5"]
            assert [each.occurred_at for each in found] == [
                datetime(2026, 3, 2, 12, tzinfo=UTC)
            ] * 2
            wanted = EventFilter((RARE,), "a0")
            assert [each.seq for each in await events.part(tx, wanted, 0, EVENTS, 9)] == [EVENTS]
            assert await events.nth_of_appointment(tx, "a7", 0, 2) == 47
            assert await events.nth_of_appointment(tx, "a7", 0, 501) is None
            nobody = Tenancy(transaction, "nobody")
            assert await events.part(nobody, EventFilter(), 0, EVENTS, 9) == []
            assert await events.ends(nobody) == (0, 0)
    finally:
        await database.close()


async def test_a_commit_of_another_connection_is_seen_once(database: SqliteDatabase) -> None:
    changes = database.changes()
    assert changes.seen()
    assert not changes.seen()
    await add_organization(database)
    assert changes.seen()
    assert not changes.seen()
    changes.forget()
    assert changes.seen()
    changes.close()
    assert changes.seen()
    changes.close()


async def test_what_cannot_be_asked_counts_as_changed(tmp_path: Path) -> None:
    changes = Changes(tmp_path / "none.db")
    assert changes.seen()
    assert changes.seen()
    changes.close()


async def test_old_events_are_removed_by_number(database: SqliteDatabase) -> None:
    organization = await add_organization(database, "B")
    async with database.write() as transaction:
        tx = Tenancy(transaction, organization)
        await events.append(tx, [event(f"e{place}") for place in range(5)])
        assert await events.remove_oldest(tx, NOW, 3) == 3
        assert await events.ends(tx) == (3, 5)
        assert await events.remove_oldest(tx, NOW, 3) == 2
        assert await events.remove_oldest(tx, NOW, 3) == 0
        assert await events.append(tx, [event("e6")]) == 6
    async with database.read() as reading:
        assert organization in await system.expired_logs(reading, NOW, 10)
        assert await system.log_ends(reading, [organization, "x"]) == {organization: 6}


def event(id: str) -> dict[str, Any]:
    return {
        "id": id, "type": EventType.APPOINTMENT_UPDATED, "appointment_id": "a",
        "participant_id": None, "changed_fields": [], "data": None, "actor": "x",
        "source": "rest", "request_id": "r", "occurred_at": NOW,
    }  # fmt: skip
