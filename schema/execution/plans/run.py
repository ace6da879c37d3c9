"""One execution of a plan: what is awaited, what is taken in turns, what the resolvers came to."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ...internals import VariableValues
from ...pace import SHORT, Pace, Paced
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

    __slots__ = ("_arguments", "_awaited", "_fixed", "_infos", "_paced", "call", "infos",
                 "outcomes", "pace", "raw_infos", "variables")  # fmt: skip

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
        self._awaited: list[Job] = []
        self._paced: list[Job] = []
        self.call = call
        self.variables = variables
        self.pace = pace
        self.infos: list[Any] = [None] * len(arguments)
        self.raw_infos: list[Any] = [None] * len(arguments)
        self.outcomes = Outcomes()

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
        job = Job(into, key, value, complete, item)
        if value.__class__ is Paced:
            self._paced.append(job)
        elif is_awaitable(value):
            self._awaited.append(job)
        elif isinstance(value, BaseException) or hasattr(value, "__aiter__"):
            odd(value)
        else:
            into[key] = complete(value, self)

    # The answer.

    async def data(self, roots: list[Root], *, serially: bool) -> dict[str, Any]:
        """Returns the completed data."""
        answer: dict[str, Any] = {}
        if serially or len(roots) == 1:
            for root in roots:
                answer[root.key] = None
                value = await self.outcomes.of(root, self)
                await self._finish(Job(answer, root.key, value, root.complete, root.item))
                await self._settle()
            return answer
        found = await self.outcomes.of_all(roots, self)
        answer = dict.fromkeys(root.key for root in roots)
        for root, value in zip(roots, found, strict=True):
            await self._finish(Job(answer, root.key, value, root.complete, root.item))
        await self._settle()
        return answer

    async def _settle(self) -> None:
        """Completes what came up, level by level, so that loaders see all that is asked of them."""
        while self._paced or self._awaited:
            paced, self._paced = self._paced, []
            for job in paced:
                await self._finish(job)
            if not self._paced:
                awaited, self._awaited = self._awaited, []
                for job, value in zip(awaited, await _all_of(awaited), strict=True):
                    await self._finish(job._replace(value=value))

    async def _finish(self, job: Job) -> None:
        rows = job.value.rows if job.value.__class__ is Paced else job.value
        if job.item is None or rows.__class__ not in (list, tuple) or len(rows) <= SHORT:
            job.into[job.key] = job.complete(rows, self)
        else:
            job.into[job.key] = await self._in_turns(rows, job.item)
        if self.pace.is_due():
            await self.pace.turn()

    async def _in_turns(self, rows: Any, item: Complete) -> list[Any]:
        completed = []
        is_due = self.pace.is_due
        for row in rows:
            if is_due():
                await self.pace.turn()
            completed.append(item(row, self))
        return completed

    def drop(self) -> None:
        """Lets go of what nobody will await."""
        for job in self._awaited:
            if asyncio.iscoroutine(job.value):
                job.value.close()
        self._awaited = []


async def _all_of(jobs: list[Job]) -> list[Any]:
    if len(jobs) == 1:
        return [await jobs[0].value]
    if not jobs:
        return []
    found = await asyncio.gather(*(job.value for job in jobs), return_exceptions=True)
    for each in found:
        if isinstance(each, BaseException):
            raise each
    return found
