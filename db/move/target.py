"""The database that a file is moved into, and how far the move has come, stored beside the rows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson

from .. import migrate
from ..engine import DatabaseUnavailable
from ..location import Server
from ..postgresql.advice import advice
from ..postgresql.inspection import CONNECT_SECONDS, ERRORS, connect
from ..upkeep.progress import Progress
from . import digests
from .digests import Figures
from .layout import DERIVED, LEFT, MovedTable
from .source import MoveFailed, Rows

BATCH = 2_000
# Beside the tables of the service until the move is complete.
BOOK = "unfinished_move"
SOURCE, REVISION = "source", "revision"
AGAIN = "Run this with --again to begin anew"


class Target:
    """A connection to the database; what it does between two calls is one transaction each."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def is_unfinished(self) -> bool:
        """Whether a move has begun and not ended."""
        return await self._exists(BOOK)

    async def _exists(self, table: str) -> bool:
        async with self._connection.transaction():
            return bool(
                await self._connection.fetchval(f"SELECT to_regclass('{table}') IS NOT NULL")
            )

    async def begin(self, figures: Figures) -> None:
        """Notes what is moved, and marks the database so that no service starts on it.

        Raises MoveFailed when it holds anything.
        """
        async with self._connection.transaction():
            await self._ensure_fit()
            await self._connection.execute(
                f"CREATE TABLE {BOOK} (what text PRIMARY KEY, said text NOT NULL)"
            )
            await self._note(SOURCE, _text(figures))
            await self._note(REVISION, migrate.head())
            await self._connection.execute(
                "UPDATE alembic_version SET version_num = $1", migrate.MOVING
            )

    async def _ensure_fit(self) -> None:
        encoding = await self._connection.fetchval("SELECT current_setting('server_encoding')")
        if encoding != "UTF8":
            raise MoveFailed(
                f"the database that is moved to has the encoding {encoding}: "
                "create one with ENCODING 'UTF8'"
            )
        if await self._connection.fetchval("SELECT EXISTS (SELECT FROM organization)"):
            raise MoveFailed(
                "the database that is moved to holds organizations already: if an earlier move "
                "made them, it is complete, and only the settings are left to change "
                "(CONNECT_DATABASE_URL, CONNECT_SECRET_KEYS); to move once more, give the URL of "
                "an empty one"
            )

    async def ensure_same(self, figures: Figures) -> None:
        """Raises MoveFailed unless the unfinished move is one of the same rows, by this release."""
        if await self._noted(REVISION) != migrate.head():
            raise MoveFailed(f"another release has begun this move: {AGAIN}")
        if await self._noted(SOURCE) != _text(figures):
            raise MoveFailed(
                "the database that is moved to holds the beginning of a move of other rows: the "
                f"file has changed since, or is another one. {AGAIN}"
            )

    async def forget(self, tables: list[MovedTable]) -> None:
        """Empties the database, and what is noted about the unfinished move."""
        revision = await self._noted(REVISION)
        names = (*(table.name for table in tables), DERIVED, *LEFT)
        there = [name for name in names if await self._exists(name)]
        async with self._connection.transaction():
            await self._connection.execute(f"TRUNCATE {', '.join(there)}")
            await self._end(revision)

    async def reached(self, table: MovedTable) -> int:
        """Returns the number of the last row of a table that was copied; 0 for none."""
        return int(await self._noted(table.name) or 0)

    async def copy(self, table: MovedTable, rows: Rows) -> None:
        """Stores rows, and how far that reaches, in one transaction."""
        async with self._connection.transaction():
            await self._connection.copy_records_to_table(
                table.name, records=[row for _, row in rows], columns=table.columns
            )
            await self._note(table.name, str(rows[-1][0]))

    async def figures(
        self, tables: list[MovedTable], expected: Figures, progress: Progress
    ) -> Figures:
        """Returns counts and digests of all rows."""
        found = digests.empty()
        async with self._connection.transaction(isolation="repeatable_read", readonly=True):
            for table in tables:
                await self._add_figures(found, table, expected, progress)
        return dict(found)

    async def _add_figures(
        self, found: Figures, table: MovedTable, expected: Figures, progress: Progress
    ) -> None:
        prefix = f"{table.name} of "
        total = sum(count for name, (count, _) in expected.items() if name.startswith(prefix))
        progress.begin(f"verifying {total:,} rows of {table.name}", total)
        names = ", ".join(f'"{name}"' for name in table.columns)
        ask = f"SELECT {names} FROM {table.name}"  # noqa: S608  (names of ours)
        cursor = await self._connection.cursor(ask)
        while records := await cursor.fetch(BATCH):
            digests.add(found, table, (tuple(record) for record in records))
            progress.add(len(records))

    async def end(self, tables: list[MovedTable]) -> None:
        """Lets services start on the database."""
        async with self._connection.transaction():
            await self._end(migrate.head())
        for table in tables:
            async with self._connection.transaction():
                await self._connection.execute(f"ANALYZE {table.name}")

    async def _end(self, revision: str | None) -> None:
        await self._connection.execute(f"DROP TABLE {BOOK}")
        await self._connection.execute("UPDATE alembic_version SET version_num = $1", revision)

    async def _note(self, what: str, said: str) -> None:
        await self._connection.execute(
            f"INSERT INTO {BOOK} (what, said) VALUES ($1, $2)"  # noqa: S608  (a name of ours)
            " ON CONFLICT (what) DO UPDATE SET said = excluded.said",
            what,
            said,
        )

    async def _noted(self, what: str) -> str | None:
        ask = f"SELECT said FROM {BOOK} WHERE what = $1"  # noqa: S608  (a name of ours)
        async with self._connection.transaction():
            said: str | None = await self._connection.fetchval(ask, what)
        return said


def _text(figures: Figures) -> str:
    return orjson.dumps(figures, option=orjson.OPT_SORT_KEYS).decode()


@asynccontextmanager
async def opened(server: Server) -> AsyncIterator[Target]:
    """Connects to the database; raises DatabaseUnavailable, with what to do, when it fails."""
    try:
        connection = await connect(server.dsn)
        try:
            yield Target(connection)
        finally:
            await connection.close(timeout=CONNECT_SECONDS)
    except ERRORS as error:
        raise DatabaseUnavailable(f"{server}: {advice(error)}") from error
