"""The pool of connections: who gets the next one, and how a broken one is replaced."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

from .engine import DatabaseUnavailable
from .figures import BUSY, CONNECTION, Figures

WAIT_SECONDS = 10.0


class Pooled(Protocol):
    """A connection that tells whether it must be replaced."""

    @property
    def is_broken(self) -> bool: ...

    async def close(self) -> None: ...


C = TypeVar("C", bound=Pooled)


class Pool(Generic[C]):
    """Hands out connections: the next one to the tenant that holds the fewest.

    A tenant can hold all connections but one. The tenant "" stands for work for no organization,
    which has no such limit.
    """

    def __init__(
        self,
        open_one: Callable[[], Awaitable[C]],
        opened: list[C],
        size: int | None = None,
        figures: Figures | None = None,
    ) -> None:
        self.size = len(opened) if size is None else size
        self.figures = figures or Figures()
        self.statements = 0
        self._open = open_one
        self._share = max(1, self.size - 1)
        # None stands for one that is broken or not open yet: it is opened when it is taken.
        self._idle: list[C | None] = [*[None] * (self.size - len(opened)), *opened]
        self._connections = set(opened)
        # Tenants that hold no connection have no entry.
        self._held: dict[str, int] = {}
        self._waiting: dict[str, dict[asyncio.Future[C | None], None]] = {}
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def in_use(self) -> int:
        """How many connections are handed out."""
        return self.size - len(self._idle)

    def take_at_once(self, tenant: str) -> C | None:
        """Returns an idle connection, to be given back; None when there is none that works."""
        idle = self._idle[-1] if self._idle else None
        if idle is not None and not idle.is_broken and self._may_have_more(tenant):
            return self._hand_out(tenant)
        return None

    async def take(self, tenant: str) -> C:
        """Returns a connection, to be given back by `give_back`.

        Raises DatabaseUnavailable when none becomes free, or a broken one cannot be replaced.
        """
        # Jumps no queue: a tenant that waits while one is idle has reached its limit.
        if self._idle and self._may_have_more(tenant):
            connection = self._hand_out(tenant)
        else:
            connection = await self._wait(tenant)
        if connection is not None and connection.is_broken:
            self._discard(connection)  # It broke while it was idle.
            connection = None
        return connection or await self._replacement(tenant)

    def give_back(self, connection: C | None, tenant: str) -> None:
        """Takes a connection back; closes a broken one, which is replaced when it is next taken."""
        held = self._held.pop(tenant)
        if held > 1:
            self._held[tenant] = held - 1
        if connection is not None and not connection.is_broken:
            self._idle.append(connection)
        else:
            # At the other end, so that working ones are used first.
            self._idle.insert(0, None)
            if connection is not None:
                self._discard(connection)
        self._serve()

    async def close(self) -> None:
        """Closes every connection, including those in use."""
        for connection in list(self._connections):
            await connection.close()
        if self._closing:
            await asyncio.wait(self._closing)

    def drop_idle(self) -> None:
        """Closes the idle connections: they are opened again when they are taken."""
        idle, self._idle = self._idle, [None] * len(self._idle)
        for connection in idle:
            if connection is not None:
                self._discard(connection)

    def _may_have_more(self, tenant: str) -> bool:
        return not tenant or self._held.get(tenant, 0) < self._share

    def _hand_out(self, tenant: str) -> C | None:
        self._held[tenant] = self._held.get(tenant, 0) + 1
        return self._idle.pop()

    async def _wait(self, tenant: str) -> C | None:
        waiter: asyncio.Future[C | None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(tenant, {})[waiter] = None
        try:
            with self.figures.waiting(CONNECTION):
                async with asyncio.timeout(WAIT_SECONDS):
                    return await waiter
        except BaseException as error:
            self._leave(tenant, waiter)
            if isinstance(error, TimeoutError):
                self.figures.errors[BUSY] += 1
                raise DatabaseUnavailable("every connection to the database is busy") from error
            raise

    def _leave(self, tenant: str, waiter: asyncio.Future[C | None]) -> None:
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

    async def _replacement(self, tenant: str) -> C:
        try:
            connection = await self._open()
        except BaseException:
            self.give_back(None, tenant)
            raise
        self._connections.add(connection)
        return connection

    def _discard(self, connection: C) -> None:
        self._connections.discard(connection)
        closing = asyncio.ensure_future(connection.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
