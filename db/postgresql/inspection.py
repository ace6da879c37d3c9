"""What a database on a server holds, and connections apart from the pool, for migrations."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import asyncpg

from ..engine import DatabaseUnavailable
from .address import addresses
from .advice import advice
from .opening import Door

T = TypeVar("T")

CONNECT_SECONDS = 10.0
ERRORS = (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError)


def first(dsn: str, table: str, column: str) -> object:
    """Returns a column of the first row of a table; None when there is no row or no table.

    Raises DatabaseUnavailable, with what to do, when the database cannot be read.
    """
    return apart(lambda: asyncio.run(_first(dsn, table, column)))


def apart(work: Callable[[], T]) -> T:
    """Does the work on a thread, which may run a loop although the caller's already does."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()


def ensure_fit(dsn: str) -> None:
    """Raises DatabaseUnavailable for a database that cannot hold every text."""
    apart(lambda: asyncio.run(Door(addresses(dsn, CONNECT_SECONDS)).look()))


def migrating(work: Callable[[], None]) -> None:
    """Does the work apart; raises DatabaseUnavailable for what the server refuses."""
    from sqlalchemy.exc import DBAPIError

    try:
        apart(work)
    except DBAPIError as error:
        raise DatabaseUnavailable(advice(error.orig or error)) from error
    except ERRORS as error:
        raise DatabaseUnavailable(advice(error)) from error


async def connect(dsn: str, seconds: float = CONNECT_SECONDS) -> Any:
    """Returns a connection that keeps no prepared statements, which a pooler would lose."""
    return await Door(addresses(dsn, seconds), is_pooled=True).connect()


async def _first(dsn: str, table: str, column: str) -> object:
    async with snapshot(dsn) as connection:
        if not await connection.fetchval(f"SELECT to_regclass('{table}') IS NOT NULL"):
            return None
        found: object = await connection.fetchval(f"SELECT {column} FROM {table} LIMIT 1")  # noqa: S608
        return found


@asynccontextmanager
async def snapshot(dsn: str, seconds: float = CONNECT_SECONDS) -> AsyncIterator[Any]:
    try:
        connection = await connect(dsn, seconds)
        try:
            # In one transaction: behind a pooler each would go to another connection.
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                yield connection
        finally:
            await connection.close(timeout=CONNECT_SECONDS)
    except ERRORS as error:
        raise DatabaseUnavailable(advice(error)) from error
