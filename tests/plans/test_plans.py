"""What is asked every day is found by an index, on both databases.

SQLite plans by the statistics that the migrations plant, so an empty file has the plans of a million
appointments. PostgreSQL also looks at how large the tables are: some thousand appointments suffice
for the plans of a million, as the long test shows, which makes both and compares them.
"""

import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from db import migrate
from db.connect import open_database
from db.engine import Database
from db.location import Location, Server, SqliteFile
from schema.operator import seeding
from schema.operator.seeding import Seeding
from tests.postgresql.databases import Databases

from . import postgresql as on_server
from . import sqlite as on_file
from .questions import Subject, questions, subject_of

NOW = datetime(2026, 3, 4, 11, tzinfo=UTC)
FEW, MANY = 12_000, 1_000_000
# What a question may touch at a million appointments, whatever the plan says.
MOST_ROWS = 1_500
# The same on SQLite, in thousands of its operations: about a millisecond.
MOST_STEPS = 50


async def seeded(location: Location, size: int) -> tuple[Database, Subject]:
    """A database with one organization of this size, and a smaller one."""
    database = await open_database(location)
    large = await seeding.seed(database, Seeding("Large", size), NOW, lambda _: None)
    await seeding.seed(database, Seeding("Small", size // 20), NOW, lambda _: None)
    return database, await subject_of(database, large.id)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plans") / "connect.db"
    migrate.upgrade(SqliteFile(path))
    return path


@pytest.fixture
async def subject(file: Path, tmp_path: Path) -> Subject:
    copy = shutil.copy(file, tmp_path / "connect.db")
    database, subject = await seeded(SqliteFile(Path(copy)), 100)
    await database.close()
    return subject


async def test_sqlite_finds_everything_by_an_index(file: Path, subject: Subject) -> None:
    with closing(sqlite3.connect(file)) as empty:
        found = {
            question.name: on_file.faults(on_file.explained(empty, question), question)
            for question in questions(subject)
        }
    assert {name: faults for name, faults in found.items() if faults} == {}
    assert len(found) > 80


class Analyzed:
    """A database on a server, with statistics."""

    def __init__(self, connection: asyncpg.Connection, subject: Subject) -> None:
        self.connection = connection
        self.subject = subject

    async def plans(self) -> dict[str, Any]:
        """Returns the plans of all questions, for their values and for any."""
        return {
            f"{question.name}, {'any' if generic else 'these'} values": (
                question,
                await on_server.explained(self.connection, question, generic=generic),
            )
            for question in questions(self.subject)
            for generic in (False, True)
        }


async def analyzed(location: Server, size: int) -> AsyncIterator[Analyzed]:
    database, subject = await seeded(location, size)
    await database.close()
    connection = await asyncpg.connect(location.dsn)
    try:
        await connection.execute("VACUUM ANALYZE")
        yield Analyzed(connection, subject)
    finally:
        await connection.close()


@pytest.fixture
async def some(postgresql: Databases) -> AsyncIterator[Analyzed]:
    with postgresql.one() as location:
        async for each in analyzed(location, FEW):
            yield each


async def test_postgresql_finds_everything_by_an_index(some: Analyzed) -> None:
    plans = await some.plans()
    found = {name: on_server.faults(plan, question) for name, (question, plan) in plans.items()}
    assert {name: faults for name, faults in found.items() if faults} == {}
    assert len(found) > 160


@pytest.mark.long
async def test_postgresql_has_the_same_plans_at_a_million(
    some: Analyzed, postgresql: Databases
) -> None:
    few = await some.plans()
    with postgresql.one() as location:
        async for million in analyzed(location, MANY):
            for name, (question, plan) in (await million.plans()).items():
                assert on_server.faults(plan, question) == [], name
                assert on_server.used(plan) == on_server.used(few[name][1]), name
            for question in questions(million.subject):
                touched = await on_server.touched(million.connection, question)
                assert touched <= MOST_ROWS, question.name


@pytest.mark.long
async def test_sqlite_has_the_same_plans_at_a_million(file: Path, tmp_path: Path) -> None:
    path = tmp_path / "connect.db"
    migrate.upgrade(SqliteFile(path))
    database, subject = await seeded(SqliteFile(path), MANY)
    await database.close()
    with closing(sqlite3.connect(file)) as empty, closing(sqlite3.connect(path)) as million:
        for question in questions(subject):
            wanted = on_file.explained(empty, question)
            assert on_file.explained(million, question) == wanted, question.name
            assert on_file.operations(million, question) <= MOST_STEPS, question.name
