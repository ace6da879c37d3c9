"""Who holds which sockets and streams open: how many a token may, and when they have to end."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from db.engine import DatabaseUnavailable
from rest.wire.stream import TooManyConnections
from schema.domain.errors import Unauthenticated
from schema.operation.call import Caller, Services

from ..crew.counts import Counts, OwnCounts
from .figures import Figures

# Also of streams, which have no closing code: one word for one thing in the metrics.
COMPLETED, ABNORMAL, FAILED, TRY_LATER = 1000, 1006, 1011, 1013
FORBIDDEN = 4403


class Connection(Protocol):
    """A socket or a stream."""

    def end(self, code: int, reason: str) -> None:
        """Ends it soon; called again it changes nothing."""


class _Holder:
    """The connections of one token, and the task that notices when it is no longer good."""

    def __init__(self) -> None:
        self.connections: set[Connection] = set()
        self.watch: asyncio.Task[None] | None = None


class Connections:
    """All sockets and streams of this process, at most `most` for each token.

    `counts` says how many a token has, in all workers together where there are several.
    """

    def __init__(self, most: int, counts: Counts | None = None) -> None:
        self.most = most
        self._counts = counts or OwnCounts()
        self.figures = Figures()
        self._holders: dict[str, _Holder] = {}

    def __len__(self) -> int:
        """How many are open."""
        return sum(len(holder.connections) for holder in self._holders.values())

    @contextmanager
    def held(
        self, caller: Caller, services: Services, transport: str, connection: Connection
    ) -> Iterator[None]:
        """Counts a connection while the block runs, and ends it when its token is refused.

        Raises TooManyConnections when the token holds as many as it may.
        """
        token = caller.token_id
        holder = self._holders.get(token)
        if self._counts.total(token) >= self.most:
            raise TooManyConnections(self.most)
        if holder is None:
            holder = self._holders[token] = _Holder()
            holder.watch = asyncio.ensure_future(self._watch(caller, services, holder))
        holder.connections.add(connection)
        self._counts.add(token, 1)
        try:
            with self.figures.counted(transport):
                yield
        finally:
            self._counts.add(token, -1)
            holder.connections.discard(connection)
            if not holder.connections:
                self._forget(token, holder)

    def _forget(self, token: str, holder: _Holder) -> None:
        if self._holders.get(token) is holder:
            del self._holders[token]
        if holder.watch is not None:
            holder.watch.cancel()

    async def _watch(self, caller: Caller, services: Services, holder: _Holder) -> None:
        try:
            await services.feed.refusal(caller.organization_id, caller.token_id)
        except Unauthenticated as refused:
            # Whoever comes back with a token that is good again is watched anew.
            del self._holders[caller.token_id]
            for connection in list(holder.connections):
                connection.end(FORBIDDEN, refused.message)
        except DatabaseUnavailable:
            return  # The service stops, and ends all of them.
