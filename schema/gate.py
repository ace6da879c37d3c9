"""The gate around every operation: scope, validation, transaction, event.

Resolvers are declared with `@reads` or `@writes` and then know that the caller may, the input is
valid and a transaction is open.
"""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog

from db.engine import Tenancy
from db.queries import events

from .call import Call
from .constraints import checker

P = ParamSpec("P")
T = TypeVar("T")
Operation = Callable[Concatenate[Call, P], Coroutine[Any, Any, T]]

log = structlog.get_logger("connect.gate")
running: set[asyncio.Task[Any]] = set()


def reads(function: Operation[P, T]) -> Operation[P, T]:
    """Makes `function` a reading operation: scope `read`, one snapshot."""
    check = checker(function)

    @wraps(function)
    async def operation(call: Call, *args: P.args, **arguments: P.kwargs) -> T:
        call.require("read")
        check(arguments)
        async with call.services.database.read() as transaction:
            bound = call.within(Tenancy(transaction, call.caller.organization_id))
            return await function(bound, *args, **arguments)

    return operation


def writes(function: Operation[P, T]) -> Operation[P, T]:
    """Makes `function` a writing operation: scope `write`, all of it or nothing, with its events.

    Once begun it is carried to its end, also when the client goes away; the log then says how
    it ended.
    """
    check = checker(function)

    async def write(call: Call, *args: P.args, **arguments: P.kwargs) -> T:
        async with call.services.database.write() as transaction:
            bound = call.within(Tenancy(transaction, call.caller.organization_id))
            result = await function(bound, *args, **arguments)
            if bound.events:
                await events.append(bound.tx, bound.events)
        return result

    @wraps(function)
    async def operation(call: Call, *args: P.args, **arguments: P.kwargs) -> T:
        call.require("write")
        check(arguments)
        task = asyncio.ensure_future(write(call, *args, **arguments))
        running.add(task)
        task.add_done_callback(running.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(lambda done: _tell(done, function.__name__, call.request_id))
            raise

    return operation


async def drain() -> None:
    """Waits until every write that has begun is over."""
    while running:
        await asyncio.wait(set(running))


def _tell(done: "asyncio.Task[Any]", operation: str, request_id: str) -> None:
    failed = done.cancelled() or done.exception() is not None
    log.warning(
        "client_gone",
        operation=operation,
        request_id=request_id,
        outcome="nothing was written" if failed else "written",
    )
