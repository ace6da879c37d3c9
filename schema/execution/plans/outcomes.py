"""What the resolvers of an operation's own fields came to, so that none of them runs twice."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from .classes import is_awaitable
from .parts import Root

if TYPE_CHECKING:
    from .run import Run


class Outcome(NamedTuple):
    """What a resolver returned, raised, or will come to."""

    value: Any = None
    error: Exception | None = None
    # How many others were awaited to their end before.
    turn: int | None = None

    def again(self) -> Any:
        """Comes to the same once more, in the same way."""
        if self.turn is not None:
            return self._later(self.turn)
        if self.error is not None:
            raise self.error
        return self.value

    async def _later(self, turn: int) -> Any:
        # Errors stand in an answer in the order in which they came up.
        for _ in range(turn):
            await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        return self.value


class Outcomes:
    """Calls the resolvers of an operation's own fields and notes what they come to."""

    def __init__(self) -> None:
        self._found: dict[str, Outcome] = {}
        self._turns = 0

    async def of(self, root: Root, run: "Run") -> Any:
        """Returns the value of one field; raises what its resolver raises."""
        value = self._called(root, run)
        return await self._noted(root.key, value) if is_awaitable(value) else value

    async def of_all(self, roots: list[Root], run: "Run") -> list[Any]:
        """Returns the values of all fields, awaited together; raises when one of them raises."""
        found = [self._called(root, run) for root in roots]
        places = [place for place, value in enumerate(found) if is_awaitable(value)]
        # All of them come to their end: nothing that has begun may begin again.
        awaited = await asyncio.gather(
            *(self._noted(roots[place].key, found[place]) for place in places),
            return_exceptions=True,
        )
        for place, value in zip(places, awaited, strict=True):
            if isinstance(value, BaseException):
                raise value
            found[place] = value
        return found

    def _called(self, root: Root, run: "Run") -> Any:
        try:
            value = root.read(run.call, run)
        except Exception as error:
            self._found[root.key] = Outcome(error=error)
            raise
        self._found[root.key] = Outcome(value)
        return value

    async def _noted(self, key: str, value: Awaitable[Any]) -> Any:
        try:
            found = await value
        except Exception as error:
            self._found[key] = Outcome(error=error, turn=self._turns)
            raise
        else:
            self._found[key] = Outcome(found, turn=self._turns)
            return found
        finally:
            self._turns += 1

    @property
    def middleware(self) -> Callable[..., Any]:
        """What hands the outcomes to graphql-core in place of the resolvers."""
        found = self._found

        def known(resolve: Callable[..., Any], source: Any, info: Any, /, **arguments: Any) -> Any:
            outcome = None if info.path.prev else found.get(info.path.key)
            return outcome.again() if outcome else resolve(source, info, **arguments)

        return known
