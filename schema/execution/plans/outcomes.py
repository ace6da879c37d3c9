"""What the resolvers of an operation's own fields came to, so that none of them runs twice."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, Protocol

from .classes import is_awaitable
from .parts import Root


class Running(Protocol):
    """One execution of a plan, as its fields see it."""

    call: Any


class Outcome(NamedTuple):
    """What a resolver returned or raised; what it returned may still be on its way."""

    value: Any = None
    error: Exception | None = None
    was_awaited: bool = False

    def again(self) -> Any:
        """Comes to the same once more, in the same way."""
        if self.was_awaited:
            return self._later()
        if self.error is not None:
            raise self.error
        return self.value

    async def _later(self) -> Any:
        if self.error is not None:
            raise self.error
        return self.value


class Outcomes:
    """Calls the resolvers of an operation's own fields and notes what they come to."""

    def __init__(self) -> None:
        self._found: dict[str, Outcome] = {}
        self._ended: list[str] = []

    async def of(self, root: Root, run: Running) -> Any:
        """Returns the value of one field; raises what its resolver raises."""
        value = self._called(root, run)
        if not is_awaitable(value):
            return value
        try:
            value = await value
        except Exception as error:
            self._found[root.key] = Outcome(error=error, was_awaited=True)
            raise
        self._found[root.key] = Outcome(value, was_awaited=True)
        return value

    def begun(self, roots: list[Root], run: Running) -> list[Any]:
        """Calls the resolvers of all fields; what has to be awaited is on its way as a task."""
        values = []
        for root in roots:
            value = self._called(root, run)
            if is_awaitable(value):
                value = asyncio.ensure_future(value)
                value.add_done_callback(partial(self._end, root.key))
                self._found[root.key] = Outcome(value)
            values.append(value)
        return values

    def _end(self, key: str, task: "asyncio.Future[Any]") -> None:
        self._ended.append(key)
        if not task.cancelled():
            # Perhaps nobody else will look at it, and then it would be logged as lost.
            task.exception()

    def _called(self, root: Root, run: Running) -> Any:
        try:
            value = root.read(run.call, run)
        except Exception as error:
            self._found[root.key] = Outcome(error=error)
            raise
        self._found[root.key] = Outcome(value)
        return value

    def cancel(self) -> None:
        """Ends what is on its way: nobody waits for it any more."""
        for outcome in self._found.values():
            if isinstance(outcome.value, asyncio.Future):
                outcome.value.cancel()

    def clear(self) -> None:
        """Forgets everything: an error that is kept keeps the frames that it came through."""
        self._found.clear()

    @property
    def middleware(self) -> Callable[..., Any]:
        """What hands the outcomes to graphql-core in place of the resolvers."""
        found, ended = self._found, list(self._ended)

        def known(resolve: Callable[..., Any], source: Any, info: Any, /, **arguments: Any) -> Any:
            key = info.path.key
            outcome = None if info.path.prev else found.get(key)
            if outcome is None:
                return resolve(source, info, **arguments)
            if not isinstance(outcome.value, asyncio.Future):
                return outcome.again()
            # Errors stand in an answer in the order in which they came up.
            return _after(ended.index(key) if key in ended else len(ended), outcome.value)

        return known


async def _after(turns: int, task: "asyncio.Future[Any]") -> Any:
    for _ in range(turns):
        await asyncio.sleep(0)
    return await task
