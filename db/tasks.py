"""Waiting for work that must be carried to its end."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def finished(running: "asyncio.Future[Any]") -> None:
    """Waits until `running` is done, however often the waiting task is cancelled."""
    while not running.done():
        try:
            await asyncio.wait([running])
        except asyncio.CancelledError:
            continue
    if not running.cancelled():
        running.exception()  # Marked as retrieved: a cancelled caller no longer handles it.


async def carried(work: Coroutine[Any, Any, T]) -> T:
    """Carries the work to its end, also when the waiting task is cancelled meanwhile."""
    running = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(running)
    finally:
        await finished(running)
