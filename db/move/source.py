"""The file that is moved: nobody writes to it meanwhile."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from ..upkeep.progress import Progress
from . import digests
from .digests import Figures
from .layout import MovedTable, tables

BATCH = 2_000
# Answers that are kept for retries may take 40 KiB each.
BATCHES = {"idempotency": 100}
PATIENCE_SECONDS = 10.0
MOST_NAMED = 5

Rows = list[tuple[int, tuple[Any, ...]]]  # the number of a row in its table, and the row


class MoveFailed(Exception):
    """Nothing was moved, or not all; the message says why and what to do."""


class Source:
    """A SQLite database within one transaction that keeps others from writing."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.tables = tables()

    def count(self, table: MovedTable) -> int:
        """Returns how many rows a table has."""
        ask = f"SELECT count(*) FROM {table.name}"  # noqa: S608  (a name of ours)
        return int(self._connection.execute(ask).fetchone()[0])

    def batches(self, table: MovedTable, after: int = 0) -> Iterator[Rows]:
        """Yields the rows behind a number, converted, a batch at a time."""
        names = ", ".join(f'"{name}"' for name in table.columns)
        limit = BATCHES.get(table.name, BATCH)
        ask = (
            f"SELECT rowid, {names} FROM {table.name}"  # noqa: S608  (names of ours)
            " WHERE rowid > ? ORDER BY rowid LIMIT ?"
        )
        while records := self._connection.execute(ask, [after, limit]).fetchall():
            after = records[-1][0]
            yield [(number, table.converted(values)) for number, *values in records]

    def figures(self, progress: Progress) -> Figures:
        """Returns counts and digests of all rows; raises MoveFailed for what cannot be stored.

        PostgreSQL has no text with a null character in it.
        """
        found, unstorable = digests.empty(), []
        for table in self.tables:
            total = self.count(table)
            progress.begin(f"reading {total:,} rows of {table.name}", total)
            for batch in self.batches(table):
                rows = [row for _, row in batch]
                digests.add(found, table, rows)
                unstorable += [_named(table, row) for row in rows if _has_null(row)]
                progress.add(len(rows))
        if unstorable:
            raise MoveFailed(
                f"{len(unstorable):,} rows hold a null character, which PostgreSQL cannot store: "
                f"{'; '.join(unstorable[:MOST_NAMED])}. Change them over the API first"
            )
        return dict(found)


def _has_null(row: tuple[Any, ...]) -> bool:
    return any(isinstance(value, str) and "\x00" in value for value in row)


def _named(table: MovedTable, row: tuple[Any, ...]) -> str:
    key = "id" if "id" in table.columns else "key"
    return f"{table.name} {row[table.columns.index(key)]!r}"


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Opens a file and takes its write lock; raises MoveFailed while somebody else has it."""
    with closing(
        sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=rw",
            uri=True,
            timeout=PATIENCE_SECONDS,
            isolation_level=None,
        )
    ) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise MoveFailed(f"{path} is being written to: stop the service first") from error
        try:
            yield Source(connection)
        except sqlite3.Error as error:
            raise MoveFailed(f"{path} cannot be read: {error}") from error
        finally:
            connection.rollback()
