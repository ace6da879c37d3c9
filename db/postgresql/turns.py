"""Whose turn it is to write, for each organization within this process.

A transaction that waits for another in the server holds a connection for it; one that waits here
holds none.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """A lock for each organization that is written just now; none for work of no organization."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._wanted: dict[str, int] = {}

    @asynccontextmanager
    async def turn(self, organization_id: str) -> AsyncIterator[None]:
        """Runs the block while no other block of the organization runs."""
        if not organization_id:
            yield
            return
        lock = self._locks.setdefault(organization_id, asyncio.Lock())
        self._wanted[organization_id] = self._wanted.get(organization_id, 0) + 1
        try:
            async with lock:
                yield
        finally:
            self._wanted[organization_id] -= 1
            if not self._wanted[organization_id]:
                del self._wanted[organization_id], self._locks[organization_id]
