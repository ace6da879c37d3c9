"""On PostgreSQL, too, migrations build exactly what the tables declare, from any state."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy.dialects import postgresql as dialects
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import SQLModel

import db.tables
from db import migrate
from db.engine import DatabaseUnavailable
from db.location import Server, SqliteFile
from db.postgresql.inspection import apart
from tests.postgresql import Databases, PgBouncer
from tests.postgresql.databases import run

ROOT = Path(__file__).parents[2]
NOBODY = "00000000-0000-4000-8000-00000000000"

COLUMNS = """
SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default,
       collation_name
FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
ORDER BY table_name, column_name
"""
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
  AND conrelid <> 'alembic_version'::regclass
ORDER BY 1, 2
"""
INDEXES = """
SELECT tablename, indexname, indexdef FROM pg_indexes
WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY 1, 2
"""


@pytest.fixture
def server(postgresql: Databases) -> Iterator[Server]:
    """A database without tables."""
    with postgresql.one(migrated=False) as location:
        yield location


def upgrade(location: Server, revision: str) -> None:
    apart(lambda: command.upgrade(migrate.configured(location), revision))


def rows(location: Server, text: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in run(location.dsn, text)]


def declared() -> Iterator[str]:
    names = {
        model.__tablename__ for model in vars(db.tables).values() if hasattr(model, "__table__")
    }
    for table in SQLModel.metadata.sorted_tables:
        if table.name in names:
            yield str(CreateTable(table).compile(dialect=dialects.dialect()))
            for index in sorted(table.indexes, key=lambda each: str(each.name)):
                yield str(CreateIndex(index).compile(dialect=dialects.dialect()))


@pytest.mark.parametrize(
    "asked", [COLUMNS, CONSTRAINTS, INDEXES], ids=["columns", "keys", "indexes"]
)
def test_migrations_build_what_the_tables_declare(
    server: Server, postgresql: Databases, asked: str
) -> None:
    migrate.upgrade(server)
    with postgresql.one(migrated=False) as other:
        run(other.dsn, *declared(), "CREATE TABLE alembic_version ()")
        assert rows(server, asked) == rows(other, asked)


def test_both_databases_have_the_same_tables(server: Server, tmp_path: Path) -> None:
    migrate.upgrade(server)
    migrate.upgrade(SqliteFile(tmp_path / "connect.db"))
    with sqlite3.connect(tmp_path / "connect.db") as file:
        names = [
            name
            for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not name.startswith("sqlite_") and name != "alembic_version"
        ]
        known = {
            (table, column, "NO" if needed or key else "YES")
            for table in names
            for _, column, _, needed, _, key in file.execute(f"PRAGMA table_info({table})")
        }
        indexes = {
            name
            for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'index'")
            if not name.startswith("sqlite_")
        }
    assert {(row[0], row[1], row[4]) for row in rows(server, COLUMNS)} == known
    named = {row[1] for row in rows(server, INDEXES) if not row[1].endswith("_pkey")}
    assert named == indexes


def test_a_second_upgrade_has_nothing_to_do(server: Server) -> None:
    assert migrate.current(server) is None
    assert migrate.upgrade(server)
    assert migrate.is_current(server)
    assert not migrate.upgrade(server)
    upgrade(server, "0003")  # What a process does that started before another one was done.
    assert migrate.is_current(server)


def test_processes_that_start_at_once_take_turns(server: Server) -> None:
    code = "import sys; from db import migrate; from db.location import parse_url; "
    code += "migrate.upgrade(parse_url(sys.argv[1]))"
    program = [sys.executable, "-c", code, server.dsn]
    all_three = [subprocess.Popen(program, cwd=ROOT) for _ in range(3)]
    assert [each.wait(60) for each in all_three] == [0, 0, 0]
    assert migrate.is_current(server)


def test_a_migration_goes_through_a_pooler(server: Server, pooler: PgBouncer) -> None:
    name = server.dsn.rpartition("/")[2]
    behind = Server(pooler.dsn(name))
    assert migrate.upgrade(behind)
    assert migrate.is_current(behind)
    held = rows(server, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
    assert held == [(0,)]


def test_the_clock_watches_what_was_booked_before_it_existed(server: Server) -> None:
    upgrade(server, "0001")
    add_organization(server)
    for place, (start, status) in enumerate(
        [("2020-01-01T10:00Z", "scheduled"), ("2999-01-01T10:00Z", "scheduled")]
    ):
        add_appointment(server, place, start, status)
    upgrade(server, "0002")
    for place, status in ((2, "active"), (3, "completed")):
        add_appointment(server, place, "2020-01-01T10:00Z", status)
    migrate.upgrade(server)
    found = rows(
        server,
        "SELECT right(id::text, 1)::int, (clock_end_at AT TIME ZONE 'UTC')::text FROM appointment",
    )
    assert dict(found) == {
        0: None, 1: "2999-01-01 10:30:00", 2: "2020-01-01 10:30:00", 3: None,
    }  # fmt: skip


def test_the_migration_counts_existing_rows(server: Server) -> None:
    upgrade(server, "0004")
    add_organization(server)
    add_appointment(server, 0, "2020-01-01T10:00Z", "completed")
    for each in (1, 2):
        run(
            server.dsn,
            "INSERT INTO participant (id, organization_id, appointment_id, unique_id, role,"
            " link_version, created_at, updated_at)"
            f" VALUES ('{NOBODY}{each}', '{NOBODY}9', '{NOBODY}0', 'p{each}', 'moderator', 1,"
            " now(), now())",
        )
    migrate.upgrade(server)
    assert rows(server, "SELECT participant_count FROM appointment") == [(2,)]
    assert rows(server, "SELECT appointment_count FROM organization") == [(1,)]


def test_a_migration_gives_up_on_a_table_that_somebody_holds(server: Server) -> None:
    upgrade(server, "0001")
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, server.dsn], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline()
        try:
            with pytest.raises(DatabaseUnavailable, match="somebody holds its tables"):
                migrate.upgrade(server)
        finally:
            holder.kill()
    assert migrate.current(server) == "0001"


HOLD = """
import asyncio, sys, asyncpg
async def hold():
    connection = await asyncpg.connect(sys.argv[1])
    async with connection.transaction():
        await connection.execute("LOCK TABLE appointment IN ACCESS SHARE MODE")
        print("held", flush=True)
        await asyncio.sleep(60)
asyncio.run(hold())
"""


def add_organization(location: Server) -> None:
    run(
        location.dsn,
        "INSERT INTO organization (id, name, is_active, event_seq, created_at)"
        f" VALUES ('{NOBODY}9', 'A', true, 0, now())",
    )


def add_appointment(location: Server, place: int, start: str, status: str) -> None:
    run(
        location.dsn,
        "INSERT INTO appointment (organization_id, id, title, start_date_time, duration_minutes,"
        " status, version, created_at, updated_at)"
        f" VALUES ('{NOBODY}9', '{NOBODY}{place}', 'T', '{start}', 30, '{status}', 1, now(), now())",
    )
