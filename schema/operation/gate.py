"""The gate around every operation: scope, validation, transaction, event, followers.

Resolvers are declared with `@reads` or `@writes` and then know that the caller may, the input is
valid and a transaction is open; or with `@follows`, and open short ones by themselves.
"""

import asyncio
import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import aclosing
from functools import wraps
from typing import Any, Generic, ParamSpec, TypeVar, cast

import structlog

from db.engine import Conflict

from ..checks import checker
from ..domain.errors import DeadlineExceeded
from .call import Call, Services
from .feed import LOOK_SECONDS
from .once import entry_of, once, patience, replay
from .work import unit_of_work

# How often a write is made that meets another one in the database.
ATTEMPTS = 3

P = ParamSpec("P")
T = TypeVar("T")
Resolver = Callable[P, Coroutine[Any, Any, T]]
Follower = Callable[P, Coroutine[Any, Any, AsyncGenerator[T, None]]]

log = structlog.get_logger("connect.gate")


def reads(function: Resolver[P, T]) -> Resolver[P, T]:
    """Makes `function` a reading operation: scope `read`, in the snapshot of its call."""
    check, named = checker(function), _naming(function)
    run: Callable[..., Coroutine[Any, Any, T]] = function

    async def operation(call: Call, *positional: Any, **arguments: Any) -> T:
        call.require("read")
        if positional:
            arguments = named(positional, arguments)
        check(arguments)
        tx = call.snapshot.shared()
        if tx is not None:
            return await run(call.within(tx), **arguments)
        return await call.snapshot.read(lambda tx: run(call.within(tx), **arguments))

    return cast(Resolver[P, T], wraps(function)(operation))


def follows(function: Follower[P, T]) -> Follower[P, T]:
    """Makes `function` a following operation: scope `read`, no transaction held while it waits.

    It returns a stream, which raises Unauthenticated within a second once the token is no longer
    good. To be closed by who reads it.
    """
    check, named = checker(function), _naming(function)
    run: Callable[..., Coroutine[Any, Any, AsyncGenerator[T, None]]] = function

    async def operation(call: Call, *positional: Any, **arguments: Any) -> AsyncGenerator[T, None]:
        call.require("read")
        if positional:
            arguments = named(positional, arguments)
        check(arguments)
        return _while_good(call, await run(call.apart(), **arguments))

    return cast(Follower[P, T], wraps(function)(operation))


async def _while_good(call: Call, stream: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """Yields from the stream; who takes a while to read is looked at again before the next."""
    now = asyncio.get_running_loop().time
    looked_at = -LOOK_SECONDS
    async with aclosing(stream):
        async for each in stream:
            if now() - looked_at > LOOK_SECONDS:
                await call.services.feed.ensure_good(call.caller.token_id)
                looked_at = now()
            yield each


def writes(function: Resolver[P, T]) -> Resolver[P, T]:
    """Makes `function` a writing operation: scope `write`, all of it or nothing, with its events.

    Once it has its turn it is carried to its end: when the client goes away, the log says how it
    ended; when the deadline passes, it is answered late. One that still waits for its turn when
    the deadline passes is not made, and neither is one that comes after it in its request.
    """
    check, named = checker(function), _naming(function)
    run: Callable[..., Coroutine[Any, Any, T]] = function

    async def operation(call: Call, *positional: Any, **arguments: Any) -> T:
        call.require("write")
        if positional:
            arguments = named(positional, arguments)
        check(arguments)
        if call.is_overdue():
            # Another write of the same request was answered late; this one would have no deadline.
            raise DeadlineExceeded(call.services.operation_seconds)
        if call.idempotency_key is not None:
            return cast(T, await _made_once(call, run, arguments))
        return await Write(call, run, arguments).result(function.__name__)

    return cast(Resolver[P, T], wraps(function)(operation))


async def _made_once(call: Call, run: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    entry = entry_of(call, run.__name__, arguments)
    running = call.services.keyed
    outcome = await running.earlier(entry.slot, patience(call))
    if outcome is not None:
        await call.snapshot.renew()
        replay(call, entry, outcome)
    else:
        write = Write(call, once(entry, run), arguments)
        running.note(entry.slot, write.task)
        outcome = await write.result(entry.operation)
    running.count(is_replayed=outcome.is_replayed)
    call.is_replayed = call.is_replayed or outcome.is_replayed
    return outcome.result


class Write(Generic[T]):
    """A write on its way: a task of its own, which has begun once it has its turn."""

    __slots__ = ("_begun", "_call", "task")

    def __init__(
        self, call: Call, run: Callable[..., Awaitable[T]], arguments: dict[str, Any]
    ) -> None:
        self._call = call
        self._begun = False
        self.task = call.services.spawn(self._make(run, arguments))

    async def _make(self, run: Callable[..., Awaitable[T]], arguments: dict[str, Any]) -> T:
        for _ in range(ATTEMPTS - 1):
            try:
                return await self._attempt(run, arguments)
            except Conflict:
                # It was rolled back, and nobody was told anything yet.
                if self._call.is_overdue():
                    raise
        return await self._attempt(run, arguments)

    async def _attempt(self, run: Callable[..., Awaitable[T]], arguments: dict[str, Any]) -> T:
        call, committed = self._call, False
        # A reader that is kept while waiting for the writer would be missed by others.
        await call.snapshot.renew()
        try:
            async with unit_of_work(call.services, call.caller.organization_id) as work:
                self._begun = True
                result = await run(work.bind(call), **arguments)
            committed = call.snapshot.has_written = True
        finally:
            await call.snapshot.renew(keep=committed)
        return result

    async def result(self, name: str) -> T:
        """Returns what it came to; `name` stands in the log when the client goes away."""
        call, task = self._call, self.task
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if not call.is_overdue():
                _tell_later(task, name, call.request_id)
                raise
        if not self._begun:
            task.cancel()
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if not task.cancelled():
                _tell_later(task, name, call.request_id)
            raise


def _naming(
    function: Callable[..., Any],
) -> Callable[[tuple[Any, ...], dict[str, Any]], dict[str, Any]]:
    """Returns what gives positional arguments their names; raises TypeError as a call would."""
    signature = inspect.signature(function)
    first = next(iter(signature.parameters))

    def named(positional: tuple[Any, ...], arguments: dict[str, Any]) -> dict[str, Any]:
        given = signature.bind(None, *positional, **arguments).arguments
        return {name: value for name, value in given.items() if name != first}

    return named


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
