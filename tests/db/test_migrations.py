"""Migrations build exactly what the tables declare, from any state."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import SQLModel

import db.tables
from db import migrate
from db.location import SqliteFile
from db.sqlite import pragmas

ROOT = Path(__file__).parents[2]


class Migrated:
    """A database at a revision of the past."""

    def __init__(self, path: Path, revision: str) -> None:
        self._config = migrate.configured(SqliteFile(path))
        self.upgrade(revision)

    def upgrade(self, revision: str) -> None:
        command.upgrade(self._config, revision)

    def downgrade(self, revision: str) -> None:
        command.downgrade(self._config, revision)


def checks(sql: str) -> Iterator[str]:
    """The conditions of all checks: columns that were added later share a line."""
    for each in sql.split("CHECK (")[1:]:
        depths = list(accumulate(each, lambda d, c: d + (c == "(") - (c == ")"), initial=1))
        yield each[: depths.index(0) - 1]


def described(connection: sqlite3.Connection) -> dict[str, dict[str, list[Any]]]:
    """Columns, keys, checks and indexes of every table, as SQLite has them."""
    names = [
        row[0]
        for row in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            " AND name NOT IN ('alembic_version') AND name NOT LIKE 'sqlite_%' ORDER BY name"
        )
    ]
    found: dict[str, dict[str, list[Any]]] = {}
    for name in names:
        sql = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", [name]).fetchone()[
            0
        ]
        found[name] = {
            "columns": sorted(
                tuple(row[1:4]) + tuple(row[5:])
                for row in connection.execute(f"PRAGMA table_info({name})")
            ),
            "keys": sorted(
                tuple(row[2:]) for row in connection.execute(f"PRAGMA foreign_key_list({name})")
            ),
            "checks": sorted(checks(sql)),
            "indexes": sorted(
                " ".join(row[0].split())
                for row in connection.execute(
                    "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ?"
                    " AND sql IS NOT NULL",
                    [name],
                )
            ),
        }
    return found


def test_migrations_build_what_the_tables_declare(tmp_path: Path) -> None:
    migrate.upgrade(SqliteFile(tmp_path / "migrated.db"))
    migrated = sqlite3.connect(tmp_path / "migrated.db")
    declared = sqlite3.connect(":memory:")
    for table in SQLModel.metadata.sorted_tables:
        if table.name not in {model.__tablename__ for model in MODELS}:
            continue
        declared.execute(str(CreateTable(table).compile(dialect=sqlite.dialect())))
        for index in table.indexes:
            declared.execute(str(CreateIndex(index).compile(dialect=sqlite.dialect())))
    found, wanted = described(migrated), described(declared)
    assert found.keys() == wanted.keys()
    for table, parts in wanted.items():
        for part, values in parts.items():
            assert found[table][part] == values, f"{part} of {table}"


MODELS = [
    db.tables.Organization,
    db.tables.ApiToken,
    db.tables.Appointment,
    db.tables.AppointmentHistogram,
    db.tables.Participant,
    db.tables.Event,
    db.tables.Idempotency,
    db.tables.Lease,
    db.tables.RoomSeat,
    db.tables.RoomMessage,
]


def test_checks_on_one_line_are_separated() -> None:
    sql = "CREATE TABLE t (a CHECK (length(a) <= 2), b CONSTRAINT c CHECK (b IN (1, 2)))"
    assert list(checks(sql)) == ["length(a) <= 2", "b IN (1, 2)"]


def test_a_second_upgrade_has_nothing_to_do(tmp_path: Path) -> None:
    path = tmp_path / "connect.db"
    assert not migrate.is_current(SqliteFile(path))
    assert migrate.upgrade(SqliteFile(path))
    assert migrate.is_current(SqliteFile(path))
    assert not migrate.upgrade(SqliteFile(path))


def test_two_processes_may_start_at_once(tmp_path: Path) -> None:
    code = "import sys; from db import migrate; from db.location import parse_url; "
    code += "migrate.upgrade(parse_url(sys.argv[1]))"
    program = [sys.executable, "-c", code, f"sqlite:///{tmp_path}/connect.db"]
    both = [subprocess.Popen(program, cwd=ROOT) for _ in range(2)]
    assert [each.wait(60) for each in both] == [0, 0]
    assert migrate.is_current(SqliteFile(tmp_path / "connect.db"))


def test_processes_that_make_one_file_take_turns_from_the_first_pragma_on(tmp_path: Path) -> None:
    def make(path: Path, together: threading.Barrier) -> str:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            together.wait(30)
            pragmas.enter_wal(connection)
            return connection.execute("PRAGMA journal_mode").fetchone()[0]

    # Without turns, one of about six of these rounds ended in "database is locked".
    with ThreadPoolExecutor(3) as threads:
        for attempt in range(100):
            path, together = tmp_path / f"{attempt}.db", threading.Barrier(3)
            made = [threads.submit(make, path, together) for _ in range(3)]
            assert [each.result(60) for each in made] == ["wal"] * 3


def test_appointments_booked_before_the_clock_existed_are_watched(tmp_path: Path) -> None:
    path = tmp_path / "connect.db"
    migrated = Migrated(path, "0001")
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO organization VALUES ('o', 'A', 1, 0, '')")
    for id, start in (
        ("past", "2020-01-01T10:00:00.000000Z"),
        ("ahead", "2999-01-01T10:00:00.000000Z"),
    ):
        connection.execute(
            "INSERT INTO appointment VALUES"
            " ('o', ?, 'T', ?, 30, NULL, 'scheduled', 1, NULL, NULL, NULL, NULL, '', '')",
            [id, start],
        )
    connection.commit()
    migrated.upgrade("head")
    rows = dict(connection.execute("SELECT id, clock_end_at FROM appointment").fetchall())
    connection.close()
    assert rows == {"past": None, "ahead": "2999-01-01T10:30:00.000000Z"}


def test_the_migration_counts_existing_rows(tmp_path: Path) -> None:
    path = tmp_path / "connect.db"
    migrated = Migrated(path, "0004")
    appointments = [("a", "none"), ("a", "two"), ("b", "one")]
    people = [("1", "a", "two"), ("2", "a", "two"), ("3", "b", "one")]
    with closing(sqlite3.connect(path)) as connection:
        connection.executemany(
            "INSERT INTO organization VALUES (?1, ?1, 1, 0, '')", [("a",), ("b",), ("c",)]
        )
        connection.executemany(
            "INSERT INTO appointment VALUES"
            " (?, ?, 'T', '', 45, NULL, 'completed', 1, NULL, NULL, NULL, NULL, '', '', NULL)",
            appointments,
        )
        connection.executemany(
            "INSERT INTO participant VALUES (?1, ?2, ?3, ?1, NULL, 'moderator', 1, '', '')", people
        )
        connection.commit()
    migrated.upgrade("head")
    counts = (
        "SELECT id, participant_count FROM appointment",
        "SELECT id, appointment_count FROM organization",
    )
    with closing(sqlite3.connect(path)) as connection:
        found = [dict(connection.execute(text).fetchall()) for text in counts]
        assert found == [{"none": 0, "two": 2, "one": 1}, {"a": 2, "b": 1, "c": 0}]
        for text in ("appointment SET participant", "organization SET appointment"):
            with pytest.raises(sqlite3.IntegrityError, match="CHECK constraint"):
                connection.execute(f"UPDATE {text}_count = -1")
        typical = "SELECT stat FROM sqlite_stat1 WHERE idx = 'appointment_by_start'"
        assert connection.execute(typical).fetchall() == [("100000 10000 2 1 1 1 1 1 1",)]
        typical = "SELECT stat FROM sqlite_stat1 WHERE idx = 'participant_in_order'"
        assert connection.execute(typical).fetchall() == [("300000 30000 3 1 1 1 1 1",)]
    # And back: the release before knows neither.
    migrated.downgrade("0004")
    assert migrate.current(SqliteFile(path)) == "0004"
    assert migrate.upgrade(SqliteFile(path))


def test_active_appointments_that_were_not_watched_are_watched(tmp_path: Path) -> None:
    path = tmp_path / "connect.db"
    migrated = Migrated(path, "0002")
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO organization VALUES ('o', 'A', 1, 0, '')")
    for status in ("scheduled", "active", "completed"):
        connection.execute(
            "INSERT INTO appointment VALUES"
            " ('o', ?, 'T', '2020-01-01T10:00:00.000000Z', 45, NULL, ?, 1, NULL, NULL, NULL, NULL,"
            " '', '', NULL)",
            [status, status],
        )
    connection.commit()
    migrated.upgrade("head")
    rows = dict(connection.execute("SELECT id, clock_end_at FROM appointment").fetchall())
    connection.close()
    assert rows == {
        "scheduled": None, "active": "2020-01-01T10:45:00.000000Z", "completed": None,
    }  # fmt: skip


def test_keys_that_began_with_the_id_begin_with_the_organization(tmp_path: Path) -> None:
    path = tmp_path / "connect.db"
    migrated = Migrated(path, "0008")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO organization VALUES ('o', 'A', 1, 0, '', 0, 0)")
        connection.execute(
            "INSERT INTO appointment VALUES ('o', 'a', 'T', '', 45, NULL, 'completed', 1,"
            " NULL, NULL, NULL, NULL, '', '', NULL, 0)"
        )
        connection.executemany(
            "INSERT INTO participant VALUES"
            " (?1, 'o', 'a', 'u' || ?1, 'N', 'moderator', ?2, 'c', 'u')",
            [(f"{number}", number) for number in range(1, 1001)],
        )
        connection.execute(
            "INSERT INTO api_token VALUES ('t', 'o', 'N', 'p', ?, 's', 'c', NULL, NULL, 'l')",
            ["d" * 64],
        )
        connection.commit()
        people, tokens, planned = (connection.execute(each).fetchall() for each in KEPT)
    migrated.upgrade("head")
    with closing(sqlite3.connect(path)) as connection:
        assert [connection.execute(each).fetchall() for each in KEPT[:2]] == [people, tokens]
        assert keys_of(connection, "participant") == keys_of(connection, "api_token")
        found = dict(connection.execute(KEPT[2]).fetchall())
        own = {"sqlite_autoindex_participant_1": "300000 30000 1", "participant_by_id": "300000 1"}
        assert found == dict(planned) | own
        # What another organization uses for itself is nobody else's business.
        connection.execute(
            "INSERT INTO organization SELECT 'o2', 'B', 1, 0, '', 0, 0, NULL, NULL, 0"
        )
        connection.execute(
            "INSERT INTO appointment SELECT 'o2', id, title, start_date_time, duration_minutes,"
            " config, status, version, started_at, ended_at, cancelled_at, cancel_reason,"
            " created_at, updated_at, clock_end_at, participant_count FROM appointment"
        )
        connection.execute(
            "INSERT INTO participant SELECT 'o2', id, appointment_id, unique_id, display_name,"
            " role, link_version, created_at, updated_at FROM participant"
        )
    migrated.downgrade("0008")
    with closing(sqlite3.connect(path)) as connection:
        assert [connection.execute(each).fetchall() for each in KEPT] == [people, tokens, planned]


KEPT = (
    "SELECT id, organization_id, appointment_id, unique_id, display_name, role, link_version,"
    " created_at, updated_at FROM participant ORDER BY id",
    "SELECT id, organization_id, name, prefix, digest, scopes, created_at, expires_at, revoked_at,"
    " last_used_at FROM api_token",
    "SELECT idx, stat FROM sqlite_stat1 WHERE tbl = 'participant' ORDER BY idx",
)


def keys_of(connection: sqlite3.Connection, table: str) -> list[str]:
    return [
        name
        for _, name, *_, place in sorted(
            connection.execute(f"PRAGMA table_info({table})"), key=lambda row: row[5]
        )
        if place
    ]


def test_the_histogram_counts_what_is_there_already(tmp_path: Path) -> None:
    path = tmp_path / "connect.db"
    migrated = Migrated(path, "0011")
    starts = ["2026-03-02T09:00:00.000000Z", "2026-03-02T09:30:00.000000Z", "0001-12-31T23:00:00Z"]
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO organization VALUES ('o', 'A', 1, 0, '', 3, 0)")
        connection.executemany(
            "INSERT INTO appointment VALUES ('o', ?1, 'T', ?1, 45, NULL, 'completed', 1,"
            " NULL, NULL, NULL, NULL, '', '', NULL, 0)",
            [(start,) for start in starts],
        )
        connection.commit()
    migrated.upgrade("head")
    counted = "SELECT parent, period, status, amount FROM appointment_histogram ORDER BY period"
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(counted).fetchall()
        assert [(parent, period, amount) for parent, period, _, amount in found] == [
            ("", "0001-12", 1),
            ("0001-12", "0001-12-31", 1),
            ("0001-12-31", "0001-12-31T23", 1),
            ("", "2026-03", 2),
            ("2026-03", "2026-03-02", 2),
            ("2026-03-02", "2026-03-02T09", 2),
        ]
        assert {status for _, _, status, _ in found} == {"completed"}
        # From now on triggers count, also what a hand with a shell does.
        connection.execute("UPDATE appointment SET status = 'no_show', title = 'U'")
        connection.execute("DELETE FROM appointment WHERE id = ?", starts[:1])
        kept = dict(
            connection.execute(
                "SELECT status, amount FROM appointment_histogram WHERE period = '2026-03'"
            ).fetchall()
        )
        assert kept == {"no_show": 1}
    migrated.downgrade("0011")
    with closing(sqlite3.connect(path)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master")]
        assert not [
            name for name in names if "histogram" in name or name.endswith(("comes", "goes"))
        ]
        connection.execute("DELETE FROM appointment")
