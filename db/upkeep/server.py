"""Examines a database on a server: does it agree with itself, and does the server keep promises?"""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from .. import migrate
from ..location import Server
from .examination import DISAGREEMENTS, LATEST, TABLES, Examination

# With one of these off, a crash may lose what was acknowledged.
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")
# What others may not use up, and what the user and the database are limited to; -1 is no limit.
ROOM = """
SELECT current_setting('max_connections')::int
    - coalesce(current_setting('superuser_reserved_connections', true)::int, 0)
    - coalesce(current_setting('reserved_connections', true)::int, 0),
  (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user),
  (SELECT datconnlimit FROM pg_database WHERE datname = current_database())
"""


class ServerExamination(NamedTuple):
    """What a database on a server holds, and what is said of the server itself."""

    content: Examination
    version: str
    # The number that stays one where the version has words, such as 18beta2.
    major: int
    bytes: int
    # By how many seconds the clock of the server is ahead of the one of this machine.
    ahead_seconds: float
    not_durable: list[str]
    encoding: str = "UTF8"
    only_reads: bool = False
    # How many connections we may have; None behind a pooler, which has limits of its own.
    room: int | None = None
    # Whether there was time to read all of the content.
    is_complete: bool = True


def examine_server(server: Server, connect_seconds: float, seconds: float) -> ServerExamination:
    """Reads what the doctor asks of a server, in one snapshot; raises DatabaseUnavailable.

    The revision is empty before the first migration; reading the content takes `seconds` at most.
    """
    # The driver is not needed to look at a file.
    from ..postgresql.inspection import apart

    return apart(lambda: asyncio.run(_examined(server, connect_seconds, seconds)))


def open_password_files(server: Server) -> list[Path]:
    """Returns files of passwords that are not used, because other users may read them.

    Raises DatabaseUnavailable for a URL that is not understood.
    """
    from ..postgresql.address import addresses

    logins = [each.login for each in addresses(server.dsn, 1.0) if each.login is not None]
    return list(dict.fromkeys(login.file for login in logins if login.is_open_to_others()))


async def _examined(server: Server, connect_seconds: float, seconds: float) -> ServerExamination:
    from ..postgresql.inspection import snapshot

    async with snapshot(server.dsn, connect_seconds) as connection:
        found = ServerExamination(
            Examination(await _revision(connection), {}, [], None),
            await connection.fetchval("SHOW server_version"),
            int(await connection.fetchval("SHOW server_version_num")) // 10_000,
            await connection.fetchval("SELECT pg_database_size(current_database())"),
            await _ahead(connection),
            [each for each in DURABLE if await connection.fetchval(f"SHOW {each}") == "off"],
            await connection.fetchval("SHOW server_encoding"),
            await _only_reads(connection),
            await _room(connection),
        )
        if found.content.revision != migrate.head():
            return found
        try:
            async with asyncio.timeout(seconds):
                return found._replace(content=await _content(connection, migrate.head()))
        except TimeoutError:
            return found._replace(is_complete=False)


async def _only_reads(connection: Any) -> bool:
    """Whether new transactions cannot write: on a standby, or where that was set."""
    return bool(
        await connection.fetchval(
            "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool"
        )
    )


async def _room(connection: Any) -> int | None:
    # A pooler announces a number of its own.
    if await connection.fetchval("SELECT pg_backend_pid()") != connection.get_server_pid():
        return None
    limits = await connection.fetchrow(ROOM)
    return int(min(limit for limit in limits if limit is not None and limit >= 0))


async def _revision(connection: Any) -> str:
    if not await connection.fetchval("SELECT to_regclass('alembic_version') IS NOT NULL"):
        return ""
    return str(await connection.fetchval("SELECT version_num FROM alembic_version"))


async def _content(connection: Any, revision: str) -> Examination:
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
