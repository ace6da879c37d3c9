"""Carrying work to its end, and undoing it when nobody waits for it any more."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from .call import Services

T = TypeVar("T")


async def carried(
    services: Services, work: Coroutine[Any, Any, T], undo: Callable[[T], Coroutine[Any, Any, None]]
) -> T:
    """Returns what `work` returns; when nobody waits for it any more, has it undone."""
    task = services.spawn(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if not task.cancelled():
            services.spawn(_undone(task, undo))
        raise


async def _undone(task: "asyncio.Task[T]", undo: Callable[[T], Coroutine[Any, Any, None]]) -> None:
    # Who has gone is told nothing of a failure, and a failure has left nothing to undo.
    with suppress(Exception):
        await undo(await task)
