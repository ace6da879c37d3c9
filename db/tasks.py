"""Waiting for work that must be carried to its end."""

import asyncio
from typing import Any


async def finished(running: "asyncio.Future[Any]") -> None:
    """Waits until `running` is done, however often the waiting task is cancelled."""
    while not running.done():
        try:
            await asyncio.wait([running])
        except asyncio.CancelledError:
            continue
    if not running.cancelled():
        running.exception()  # Marked as retrieved: a cancelled caller no longer handles it.
