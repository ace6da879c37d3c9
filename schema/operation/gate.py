"""The gate around every operation: scope, validation, transaction, event.

Resolvers are declared with `@reads` or `@writes` and then know that the caller may, the input is
valid and a transaction is open.
"""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

import structlog

from db.engine import Tenancy
from db.queries import events

from ..constraints import checker
from .call import Call, Services

P = ParamSpec("P")
T = TypeVar("T")
Operation = Callable[P, Coroutine[Any, Any, T]]

log = structlog.get_logger("connect.gate")


def reads(function: Operation[P, T]) -> Operation[P, T]:
    """Makes `function` a reading operation: scope `read`, in the snapshot of its call."""
    check = checker(function)
    run: Callable[..., Coroutine[Any, Any, T]] = function

    async def operation(call: Call, *rest: Any, **arguments: Any) -> T:
        call.require("read")
        check(arguments)
        tx = call.snapshot.shared()
        if tx is not None:
            return await run(call.within(tx), *rest, **arguments)
        return await call.snapshot.read(lambda tx: run(call.within(tx), *rest, **arguments))

    return cast(Operation[P, T], wraps(function)(operation))


def writes(function: Operation[P, T]) -> Operation[P, T]:
    """Makes `function` a writing operation: scope `write`, all of it or nothing, with its events.

    Once it has its turn it is carried to its end: when the client goes away, the log says how it
    ended; when the deadline passes, it is answered late. One that still waits for its turn when
    the deadline passes is not made.
    """
    check = checker(function)
    run: Callable[..., Coroutine[Any, Any, T]] = function

    async def write(begun: asyncio.Event, call: Call, *rest: Any, **arguments: Any) -> T:
        committed, bound = False, call
        # A reader that is kept while waiting for the writer would be missed by others.
        await call.snapshot.renew()
        try:
            async with call.services.database.write() as transaction:
                begun.set()
                bound = call.within(Tenancy(transaction, call.caller.organization_id))
                result = await run(bound, *rest, **arguments)
                if bound.events:
                    await events.append(bound.tx, bound.events)
            committed = call.snapshot.has_written = True
        finally:
            bound.settle(committed)
            await call.snapshot.renew(keep=committed)
        return result

    async def operation(call: Call, *rest: Any, **arguments: Any) -> T:
        call.require("write")
        check(arguments)
        begun = asyncio.Event()
        task = call.services.spawn(write(begun, call, *rest, **arguments))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if not call.is_overdue():
                _tell_later(task, function.__name__, call.request_id)
                raise
        if not begun.is_set():
            task.cancel()
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if not task.cancelled():
                _tell_later(task, function.__name__, call.request_id)
            raise

    return cast(Operation[P, T], wraps(function)(operation))


async def drain(services: Services) -> None:
    """Waits until every write that has begun is over."""
    while services.running:
        await asyncio.wait(set(services.running))


def _tell_later(task: "asyncio.Task[Any]", operation: str, request_id: str) -> None:
    task.add_done_callback(lambda done: _tell(done, operation, request_id))


def _tell(done: "asyncio.Task[Any]", operation: str, request_id: str) -> None:
    failed = done.cancelled() or done.exception() is not None
    log.warning(
        "client_gone",
        operation=operation,
        request_id=request_id,
        outcome="nothing was written" if failed else "written",
    )
