"""A migrated database file, opened."""

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ClauseElement, literal_column, select

from db.ids import new_id
from db.models import OrganizationRow
from db.queries import system
from db.sqlite import SqliteDatabase
from db.statement import Statement

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def path(migrated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(migrated, tmp_path / "connect.db"))


@pytest.fixture
async def database(path: Path) -> AsyncIterator[SqliteDatabase]:
    database = await SqliteDatabase.open(path)
    yield database
    await database.close()


async def add_organization(database: SqliteDatabase, name: str = "A") -> str:
    id = new_id()
    async with database.write() as tx:
        await system.add_organization(tx, OrganizationRow(id, name, True, NOW))
    return id


class Written(Statement[Any]):
    """A statement that a test writes itself."""

    clause: ClauseElement = literal_column("1")

    def __init__(self, clause: ClauseElement) -> None:
        super().__init__("a test's own")
        self.clause = clause


def counting_to(number: int) -> Statement[Any]:
    """A statement that takes as long as one likes: a second for every ten million or so."""
    return Written(
        select(
            literal_column(
                "(WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n"
                f" LIMIT {number}) SELECT count(*) FROM n)"
            )
        )
    )
