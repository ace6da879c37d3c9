"""What stands in a database, read beside the service, and what its engine says about itself."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

TABLES = ("organization", "appointment", "participant", "event")
DOCUMENTS = frozenset({"config", "changed_fields", "data"})
Row = dict[str, Any]
T = TypeVar("T")


class State(NamedTuple):
    """The rows of the tables, and what the engine's own check found wrong."""

    organization: list[Row]
    appointment: list[Row]
    participant: list[Row]
    event: list[Row]
    broken: list[str]


def of_sqlite(path: Path) -> State:
    """Reads a SQLite file, whatever process died with it open."""
    with closing(sqlite3.connect(path, timeout=30)) as connection:
        connection.row_factory = sqlite3.Row
        # One snapshot for all of it.
        connection.execute("BEGIN")
        tables = [
            [_plain(dict(row)) for row in connection.execute(f"SELECT * FROM {table}")]
            for table in TABLES
        ]
        checks = ("PRAGMA integrity_check", "PRAGMA foreign_key_check")
        found = [str(tuple(row)) for check in checks for row in connection.execute(check)]
    return State(*tables, [each for each in found if each != "('ok',)"])


# A table and its parent, by the columns that refer to it.
REFERENCES = (
    ("appointment", "organization", {"organization_id": "id"}),
    ("event", "organization", {"organization_id": "id"}),
    ("api_token", "organization", {"organization_id": "id"}),
    ("participant", "appointment", {"organization_id": "organization_id", "appointment_id": "id"}),
)


async def of_postgresql(dsn: str) -> State:
    """Reads a PostgreSQL database."""
    import asyncpg

    connection = await asyncpg.connect(dsn, timeout=30)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            tables = [
                [_plain(dict(row)) for row in await connection.fetch(f"SELECT * FROM {table}")]
                for table in TABLES
            ]
            broken = [
                f"{count} of {child} without their {parent}"
                for child, parent, columns in REFERENCES
                if (count := await connection.fetchval(_orphans(child, parent, columns)))
            ]
            invalid = "SELECT conname FROM pg_constraint WHERE NOT convalidated"
            broken += [f"{row[0]} is not valid" for row in await connection.fetch(invalid)]
        broken += await _broken_indexes(connection)
    finally:
        await connection.close()
    return State(*tables, broken)


def _orphans(child: str, parent: str, columns: dict[str, str]) -> str:
    same = " AND ".join(f"p.{theirs} = c.{ours}" for ours, theirs in columns.items())
    return f"SELECT count(*) FROM {child} c WHERE NOT EXISTS (SELECT FROM {parent} p WHERE {same})"


async def _broken_indexes(connection: Any) -> list[str]:
    """Compares every index with its table, where the server has the extension for it."""
    import asyncpg

    known = "SELECT count(*) FROM pg_available_extensions WHERE name = 'amcheck'"
    if not await connection.fetchval(known):
        return []
    await connection.execute("CREATE EXTENSION IF NOT EXISTS amcheck")
    indexes = (
        "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON oid = indrelid"
        " WHERE relnamespace = 'public'::regnamespace"
    )
    try:
        for (name,) in await connection.fetch(indexes):
            await connection.execute(f"SELECT bt_index_check('{name}'::regclass, true)")
    except asyncpg.PostgresError as error:
        return [f"an index is broken: {error}"]
    return []


def reader(url: str) -> Callable[[], State]:
    """Returns what reads the database of a URL."""
    if url.startswith("sqlite:"):
        path = Path(url.removeprefix("sqlite:///"))
        return lambda: of_sqlite(path)
    return lambda: apart(of_postgresql(url))


def apart(work: Coroutine[Any, Any, T]) -> T:
    """Runs it in a loop of its own, also where a loop is running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def _plain(row: Row) -> Row:
    return {name: _value(name, value) for name, value in row.items()}


def _value(name: str, value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if name.endswith(("_at", "_time")) and isinstance(value, str) and value:
        return datetime.fromisoformat(value)
    if name in DOCUMENTS and isinstance(value, str):
        return json.loads(value)
    return value if isinstance(value, list | dict) else str(value)
