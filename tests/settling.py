"""Waiting for what goes on in the background."""

import asyncio
from typing import Any

SECONDS = 5.0


async def idle(database: Any, readers: int = 0) -> None:
    """Waits until so many readers are in use: on a server, they are rolled back in the background."""
    async with asyncio.timeout(SECONDS):
        while database.readers_in_use != readers:  # noqa: ASYNC110
            await asyncio.sleep(0.002)
