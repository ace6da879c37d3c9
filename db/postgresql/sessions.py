"""What readers and writers share: the pool, how transactions begin and end, the figures."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from ..engine import DatabaseUnavailable, Options
from ..pool import Pool
from . import commands
from .connection import Connection
from .opening import Door


def writer(tenant: str) -> str:
    """Returns the name under which a tenant's writes wait in the pool, apart from its reads.

    A tenant writes on one connection at a time. Behind a crowd of its own readers, the clock would
    wait with it, and hold up everybody else. So one that reads on all but one may write on the
    last: others then wait until its write ends, or one of its reads.
    """
    return tenant and f"{tenant} writes"


class Sessions:
    """Lends connections in a transaction, and takes them back."""

    def __init__(self, door: Door, options: Options) -> None:
        self.seconds = options.transaction_seconds
        self.pool: Pool[Connection] = Pool(door.open, [], options.connections, door.figures)
        self.door = door
        self._reading = commands.reading(self.seconds)
        self._writing = commands.writing(self.seconds)
        self._ending: set[asyncio.Task[None]] = set()

    async def begin_reading(self, tenant: str) -> Connection:
        """Returns a connection with a snapshot; raises DatabaseUnavailable."""
        return await self._begin(tenant, self._reading)

    async def begin_writing(self, tenant: str) -> Connection:
        """Returns a connection in a transaction in which only `tenant` is written.

        To be given back as that of `writer(tenant)`. Raises DatabaseUnavailable.
        """
        return await self._begin(writer(tenant), self._writing + commands.locking(tenant))

    async def _begin(self, tenant: str, command: str) -> Connection:
        connection = await self.pool.take(tenant)
        try:
            await connection.begin(command, self.seconds + commands.MARGIN_SECONDS)
        except DatabaseUnavailable:
            # A connection that broke while it was idle shows that only when it is used.
            is_stale = connection.is_broken and not connection.is_overdue
            self.end(connection, tenant)
            if not is_stale:
                raise
        except BaseException:
            self.end(connection, tenant)
            raise
        else:
            return connection
        return await self._begin_anew(tenant, command)

    async def _begin_anew(self, tenant: str, command: str) -> Connection:
        # Its contemporaries are probably as dead.
        self.pool.drop_idle()
        connection = await self.pool.take(tenant)
        try:
            await connection.begin(command, self.seconds + commands.MARGIN_SECONDS)
        except BaseException:
            self.end(connection, tenant)
            raise
        return connection

    def end(self, connection: Connection, tenant: str) -> None:
        """Rolls back what is open, in the background, and gives the connection back."""
        if not connection.may_be_in_transaction:
            self._give_back(connection, tenant)
            return
        self.spawn(self._roll_back(connection, tenant))

    async def _roll_back(self, connection: Connection, tenant: str) -> None:
        try:
            async with asyncio.timeout(commands.ROLLBACK_SECONDS):
                await connection.control("ROLLBACK")
        except (DatabaseUnavailable, TimeoutError):
            connection.abort()
        finally:
            self._give_back(connection, tenant)

    def _give_back(self, connection: Connection, tenant: str) -> None:
        connection.rest()
        if connection.met_pooler:
            self.door.is_pooled = True
        if connection.spoils_others:
            self.pool.drop_idle()
        self.pool.give_back(connection, tenant)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs what ends a transaction as a task of its own, which closing waits for."""
        task = asyncio.ensure_future(work)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """Waits for what ends, then closes every connection."""
        if self._ending:
            await asyncio.wait(set(self._ending))
        await self.pool.close()
