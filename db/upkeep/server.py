"""Examines a database on a server: does it agree with itself, and does the server keep promises?"""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any, NamedTuple

from .. import migrate
from ..location import Server
from .examination import DISAGREEMENTS, LATEST, TABLES, Examination

# With one of these off, a crash may lose what was acknowledged.
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")


class ServerExamination(NamedTuple):
    """What a database on a server holds, and what is said of the server itself."""

    content: Examination
    version: str
    bytes: int
    # By how many seconds the clock of the server is ahead of the one of this machine.
    ahead_seconds: float
    not_durable: list[str]


def examine_server(server: Server) -> ServerExamination:
    """Reads what the doctor asks of a server, in one snapshot; raises DatabaseUnavailable.

    The revision is empty before the first migration.
    """
    # The driver is not needed to look at a file.
    from ..postgresql.inspection import apart

    return apart(lambda: asyncio.run(_examined(server)))


async def _examined(server: Server) -> ServerExamination:
    from ..postgresql.inspection import snapshot

    async with snapshot(server.dsn) as connection:
        return ServerExamination(
            await _content(connection),
            await connection.fetchval("SHOW server_version"),
            await connection.fetchval("SELECT pg_database_size(current_database())"),
            await _ahead(connection),
            [each for each in DURABLE if await connection.fetchval(f"SHOW {each}") == "off"],
        )


async def _content(connection: Any) -> Examination:
    if not await connection.fetchval("SELECT to_regclass('alembic_version') IS NOT NULL"):
        return Examination("", {}, [], None)
    revision = str(await connection.fetchval("SELECT version_num FROM alembic_version"))
    if revision != migrate.head():
        return Examination(revision, {}, [], None)
    problems = []
    for what, (_, question) in DISAGREEMENTS.items():
        count = await connection.fetchval(question)
        problems += [f"{count:,} {what}"] if count else []
    counts = "SELECT count(*) FROM "
    rows = {table: await connection.fetchval(counts + table) for table in TABLES}
    return Examination(revision, rows, problems, await connection.fetchval(LATEST))


async def _ahead(connection: Any) -> float:
    begun = time.monotonic()
    there: datetime = await connection.fetchval("SELECT clock_timestamp()")
    here = datetime.now(UTC).timestamp() - (time.monotonic() - begun) / 2
    return there.timestamp() - here
