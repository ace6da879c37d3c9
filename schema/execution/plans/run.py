"""One execution of a plan: what is awaited, what is taken in turns, what the resolvers came to."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from inspect import CORO_CREATED, getcoroutinestate, iscoroutine
from itertools import repeat
from time import perf_counter
from typing import Any, NamedTuple

from ...internals import VariableValues
from ...operation.call import Call
from ...operation.pace import SHORT, SHORT_SECONDS, Pace, Paced
from .arguments import Argument, is_fixed, values
from .classes import is_awaitable
from .infos import Infos
from .outcomes import Outcomes
from .parts import Root
from .surprise import Surprise, odd

Complete = Callable[[Any, Any], Any]


class Job(NamedTuple):
    """A value that goes `into` an object of the answer under a key when it is completed."""

    into: dict[str, Any]
    key: str
    value: Any
    complete: Complete
    item: Complete | None


class Run:
    """Answers once; raises when anything is out of the ordinary."""

    __slots__ = ("_arguments", "_coroutines", "_fixed", "_infos", "_jobs", "_short_until",
                 "call", "infos", "outcomes", "pace", "raw_infos", "variables")  # fmt: skip

    def __init__(
        self,
        infos: Infos,
        arguments: list[list[Argument]],
        call: Any,
        variables: VariableValues,
        pace: Pace,
    ) -> None:
        self._infos = infos
        self._arguments = arguments
        self._fixed: dict[int, Mapping[str, Any]] = {}
        # What came up since it was last taken, and all coroutines that ever did.
        self._jobs: list[Job] = []
        self._coroutines: list[Any] = []
        self.call = call
        self.variables = variables
        self.pace = pace
        self.infos: list[Any] = [None] * len(arguments)
        self.raw_infos: list[Any] = [None] * len(arguments)
        self.outcomes = Outcomes()
        self._short_until = perf_counter() + SHORT_SECONDS

    # Asked by the code of the plan.

    def raw_info(self, place: int) -> Any:
        """Returns graphql-core's info of the field at `place`, made at the first use."""
        info = self.raw_infos[place] = self._infos.raw(place, self.call, self.variables)
        return info

    def info(self, place: int) -> Any:
        """Returns the info that the resolver of the field at `place` takes."""
        raw = self.raw_infos[place] or self.raw_info(place)
        info = self.infos[place] = self._infos.wrapped(place, raw)
        return info

    def arguments(self, place: int) -> Mapping[str, Any]:
        """Returns the arguments of the field at `place`, of its own where they can be changed."""
        found = self._fixed.get(place)
        if found is None:
            try:
                found = values(self._arguments[place], self.variables.coerced)
            except Exception:
                raise Surprise("arguments") from None
            if is_fixed(found):
                self._fixed[place] = found
        return found

    def later(
        self,
        into: dict[str, Any],
        key: str,
        value: Any,
        complete: Complete,
        item: Complete | None,
    ) -> None:
        """Has a value completed that is awaited, or that is a list to be taken in turns."""
        if value.__class__ is Paced:
            self._jobs.append(Job(into, key, value, complete, item))
        elif is_awaitable(value):
            self._jobs.append(Job(into, key, value, complete, item))
            self._coroutines.append(value)
        elif isinstance(value, BaseException) or hasattr(value, "__aiter__"):
            odd(value)
        else:
            into[key] = complete(value, self)

    # The answer.

    async def data(self, roots: list[Root], *, serially: bool) -> dict[str, Any]:
        """Returns the completed data."""
        answer: dict[str, Any] = {}
        if not serially and len(roots) > 1:
            answer = dict.fromkeys(root.key for root in roots)
            values = self.outcomes.begun(roots, self)
            await all_of(map(self._branch, repeat(answer), roots, values))
            return answer
        for root in roots:
            answer[root.key] = None
            if isinstance(self.call, Call):
                self.call.place = root.key
            value = await self.outcomes.of(root, self)
            await self._settle([Job(answer, root.key, value, root.complete, root.item)])
        return answer

    async def _branch(self, answer: dict[str, Any], root: Root, value: Any) -> None:
        if is_awaitable(value):
            # It goes on when another branch fails: graphql-core will await it then.
            value = await asyncio.shield(value)
        await self._settle([Job(answer, root.key, value, root.complete, root.item)])

    async def _settle(self, jobs: list[Job]) -> None:
        """Completes what comes up, level by level: loaders then see all that is asked of them."""
        ready, awaited = jobs, list[Job]()
        while ready or awaited:
            came_up: list[Job] = []
            for job in ready:
                came_up += await self._finish(job)
            ready = [job for job in came_up if job.value.__class__ is Paced]
            awaited += [job for job in came_up if job.value.__class__ is not Paced]
            if awaited and not ready:
                values = await self._values(awaited)
                ready = [Job(job.into, job.key, value, *job[3:]) for job, value in values]
                awaited = []

    async def _values(self, jobs: list[Job]) -> Iterable[tuple[Job, Any]]:
        if len(jobs) == 1:
            return [(jobs[0], await jobs[0].value)]
        return zip(jobs, await all_of(job.value for job in jobs), strict=True)

    async def _finish(self, job: Job) -> list[Job]:
        """Completes one value and returns what came up below it."""
        rows = job.value.rows if job.value.__class__ is Paced else job.value
        if job.item is None or rows.__class__ not in (list, tuple) or len(rows) <= SHORT:
            job.into[job.key] = job.complete(rows, self)
            came_up = self._taken()
        else:
            job.into[job.key], came_up = await self._in_turns(rows, job.item)
        if self._is_due():
            await self.pace.turn()
        return came_up

    async def _in_turns(self, rows: Any, item: Complete) -> tuple[list[Any], list[Job]]:
        completed: list[Any] = []
        came_up: list[Job] = []
        for row in rows:
            # Short operations pass here twenty times and more: they only look at the clock.
            if perf_counter() > self._short_until and self.pace.is_due():
                await self.pace.turn()
            completed.append(item(row, self))
            if self._jobs:
                came_up += self._taken()
        return completed, came_up

    def _is_due(self) -> bool:
        """Whether to let others run: never in a short operation, which holds a reader meanwhile."""
        now = perf_counter()
        return now > self._short_until and self.pace.is_due(now)

    def _taken(self) -> list[Job]:
        # Completing awaits nothing: what is there came up below the value just completed.
        jobs, self._jobs = self._jobs, []
        return jobs

    def drop(self) -> None:
        """Lets go of what nobody has begun to await."""
        for each in self._coroutines:
            if iscoroutine(each) and getcoroutinestate(each) == CORO_CREATED:
                each.close()


async def all_of(awaitables: Iterable[Awaitable[Any]]) -> list[Any]:
    """Awaits all together; when one of them raises, the others are cancelled, and it is raised."""
    tasks = [asyncio.ensure_future(each) for each in awaitables]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        return [task.result() for task in tasks if task.done()]
    finally:
        for task in tasks:
            if not task.cancel() and not task.cancelled():
                task.exception()
