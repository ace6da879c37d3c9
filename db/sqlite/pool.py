"""The pool of readers: who gets the next one, and how a broken one is replaced."""

import asyncio
from collections.abc import Awaitable, Callable

from ..engine import DatabaseUnavailable
from .connection import Connection

WAIT_SECONDS = 10.0
Waiter = asyncio.Future[Connection | None]


class ReaderPool:
    """Hands out readers: the next one to the tenant that holds the fewest.

    A tenant can hold all readers but one. The tenant "" stands for reads for no organization,
    which have no such limit.
    """

    def __init__(
        self, open_reader: Callable[[], Awaitable[Connection]], readers: list[Connection]
    ) -> None:
        self.size = len(readers)
        self.statements = 0
        self._open = open_reader
        self._share = max(1, self.size - 1)
        # None stands for a broken reader, which is replaced when it is taken.
        self._idle: list[Connection | None] = [*readers]
        self._connections = set(readers)
        # Tenants that hold no reader have no entry.
        self._held: dict[str, int] = {}
        self._waiting: dict[str, dict[Waiter, None]] = {}
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def in_use(self) -> int:
        """How many readers are handed out."""
        return self.size - len(self._idle)

    def take_at_once(self, tenant: str) -> Connection | None:
        """Returns an idle reader, to be given back; None when there is none that works."""
        if self._idle and self._idle[-1] is not None and self._may_have_more(tenant):
            return self._hand_out(tenant)
        return None

    async def take(self, tenant: str) -> Connection:
        """Returns a reader, to be given back by `give_back`.

        Raises DatabaseUnavailable when none becomes free, or a broken one cannot be replaced.
        """
        # Jumps no queue: a tenant that waits while a reader is idle has reached its limit.
        if self._idle and self._may_have_more(tenant):
            connection = self._hand_out(tenant)
        else:
            connection = await self._wait(tenant)
        return connection or await self._replacement(tenant)

    def give_back(self, connection: Connection | None, tenant: str) -> None:
        """Takes a reader back; closes a broken one, which is replaced when it is next taken."""
        held = self._held.pop(tenant)
        if held > 1:
            self._held[tenant] = held - 1
        if connection is not None and not connection.is_broken:
            self._idle.append(connection)
        else:
            # At the other end, so that working readers are used first.
            self._idle.insert(0, None)
            if connection is not None:
                self._discard(connection)
        self._serve()

    async def close(self) -> None:
        """Closes every reader, including those in use."""
        for connection in self._connections:
            await connection.close()
        if self._closing:
            await asyncio.wait(self._closing)

    def _may_have_more(self, tenant: str) -> bool:
        return not tenant or self._held.get(tenant, 0) < self._share

    def _hand_out(self, tenant: str) -> Connection | None:
        self._held[tenant] = self._held.get(tenant, 0) + 1
        return self._idle.pop()

    async def _wait(self, tenant: str) -> Connection | None:
        waiter: Waiter = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(tenant, {})[waiter] = None
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await waiter
        except BaseException as error:
            self._leave(tenant, waiter)
            if isinstance(error, TimeoutError):
                raise DatabaseUnavailable("every reader of the database is busy") from error
            raise

    def _leave(self, tenant: str, waiter: Waiter) -> None:
        if waiter.done() and not waiter.cancelled():
            self.give_back(waiter.result(), tenant)  # It was handed out just before the timeout.
            return
        queue = self._waiting.get(tenant, {})
        queue.pop(waiter, None)
        if not queue:
            self._waiting.pop(tenant, None)

    def _serve(self) -> None:
        while self._idle and self._waiting:
            able = [tenant for tenant in self._waiting if self._may_have_more(tenant)]
            if not able:
                return
            self._serve_next_of(min(able, key=lambda tenant: self._held.get(tenant, 0)))

    def _serve_next_of(self, tenant: str) -> None:
        queue = self._waiting.pop(tenant)
        waiter = next(iter(queue))
        del queue[waiter]
        if not waiter.cancelled():
            waiter.set_result(self._hand_out(tenant))
        if queue:
            self._waiting[tenant] = queue  # Moved behind other tenants that hold as many.

    async def _replacement(self, tenant: str) -> Connection:
        try:
            connection = await self._open()
        except BaseException:
            self.give_back(None, tenant)
            raise
        self._connections.add(connection)
        return connection

    def _discard(self, connection: Connection) -> None:
        self._connections.discard(connection)
        closing = asyncio.ensure_future(connection.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
