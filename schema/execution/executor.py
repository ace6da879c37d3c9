"""Runs GraphQL operations, from the text of a document to the answer as the specification has it.

A document that comes again runs by its plan; the rest, and what a plan cannot answer, is left to
graphql-core. Strawberry's own entry makes an extension runner and a parser call per request.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from typing import Any, NamedTuple

from graphql import ExecutionResult, GraphQLSchema, Middleware, execute
from strawberry import Schema

from ..build import build
from ..internals import core_of
from ..operation.budget import afford
from ..operation.call import Call
from ..operation.deadline import Deadline
from ..operation.pace import Pace
from . import sources
from .documents import Documents, Operation
from .errors import MAX_ERRORS, RequestError, ensure_available, problem, rendered
from .limits import ensure_values_within, fragments_of, refuse
from .options import OFF, OPEN, GraphQLOptions
from .plans import Incomplete, Unplanned
from .plans.classes import is_awaitable
from .quicken import quickened

SCHEMA = " Or take the schema from /schema.graphql."

# Taken by whoever holds a response in memory.
Room = AbstractAsyncContextManager[Any]
# Events that are executed side by side; who reads them slowly is not among these.
MOST_DELIVERING = 4


class Delivery(NamedTuple):
    """An event of a subscription, and the response to it as GraphQL defines it."""

    event: Any
    response: dict[str, Any]


class Executor:
    """Holds the schema and the documents seen before."""

    def __init__(self, options: GraphQLOptions | None = None, schema: Schema | None = None) -> None:
        """Takes our schema unless another is given; raises ValueError for one with extensions."""
        self._options = options or GraphQLOptions()
        self._schema: GraphQLSchema = sources.resumable(quickened(core_of(schema or build())))
        # Hundreds of followers of one event must not hold up those who ask for something.
        self._turns = asyncio.Semaphore(MOST_DELIVERING)
        # How operations were executed, and why so: for the metrics.
        self.counts: Counter[tuple[str, str]] = Counter()
        # The codes of errors, wherever in an operation they came up.
        self.errors: Counter[str] = Counter()
        self.documents = Documents(
            self._schema,
            self._options.limits,
            self._options.document_bytes,
            suggests=self._options.suggests,
        )

    def prepare(self, query: str, operation_name: str | None) -> Operation:
        """Returns the operation that a caller with a token asks for; raises RequestError."""
        operation = self.documents.get(query).operation(operation_name)
        if operation.asks_about_schema:
            self._ensure_open()
        return operation

    def prepare_public(self, query: str, operation_name: str | None) -> Operation | None:
        """Returns the operation that a caller without a token asks for; None when it needs one.

        Raises RequestError when the document is not valid or over a limit.
        """
        if self._options.introspection != OPEN:
            return None
        document = self.documents.get_public(query)
        return document and document.operation(operation_name)

    def ensure_runnable(self, query: str) -> None:
        """Raises RequestError for a document that could not be run, whatever the variables."""
        for operation in self.documents.read(query).operations:
            if operation.asks_about_schema:
                self._ensure_open()
            points, limit = operation.points.fixed, self._options.limits.points
            if points > limit and not operation.points.variable:
                raise refuse("points", points, limit)

    def _ensure_open(self) -> None:
        if self._options.introspection == OFF:
            raise RequestError(
                [problem("Introspection is switched off here.", "INTROSPECTION_OFF")]
            )

    def ensure_within(self, variables: Mapping[str, Any]) -> None:
        """Raises RequestError when the variables are larger than they may be."""
        ensure_values_within(variables, self._options.limits)

    def points(
        self, operation: Operation, variables: Mapping[str, Any], *, is_public: bool = False
    ) -> int:
        """Returns what the operation may cost; raises RequestError when that is over the limit."""
        limits = self._options.limits
        limit = limits.public_points if is_public else limits.points
        points = operation.points.at(variables)
        if points > limit:
            raise refuse("points", points, limit, SCHEMA if operation.asks_about_schema else "")
        return points

    async def run(
        self, operation: Operation, call: Call | None, variables: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Executes the operation and returns the response as GraphQL defines it.

        Raises DatabaseUnavailable when the database failed before anything was written.
        """
        if operation.is_standard:
            fragments = fragments_of(operation.document)
            known = self.documents.introspection.answer(operation.node, fragments, variables)
            if known is not None:
                self.counts["unplanned", "introspection"] += 1
                return {"data": known}
        async with call or nullcontext():
            return await self._run(operation, call, variables)

    async def subscribe(
        self,
        operation: Operation,
        call: Call,
        variables: Mapping[str, Any],
        points: int,
        room: Room | None = None,
    ) -> AsyncGenerator[Delivery, None]:
        """Executes a subscription: each event on its own, like a query that costs `points`.

        An event waits while the token cannot afford it, and for the `room` that its response takes
        until the next is asked for. Raises RequestError when the events end with an error, and
        what a query raises; no event is passed over. To be closed.
        """
        source = await self._opened(operation, call, variables)
        async with aclosing(source):
            while True:
                try:
                    event = await anext(source)
                except StopAsyncIteration:
                    return
                except sources.OURS:
                    raise
                except Exception as error:
                    raise sources.broken(error, operation, call) from error
                await afford(call, points)
                async with room or nullcontext():
                    # Many followers of one event must not hold up those who ask for something.
                    await call.services.pace.wait()
                    yield Delivery(
                        event, await self._deliver(operation, call.apart(event), variables)
                    )

    async def _opened(
        self, operation: Operation, call: Call, variables: Mapping[str, Any]
    ) -> AsyncGenerator[Any, None]:
        suggests = self._options.suggests
        async with self._turns:
            with Deadline(call.services.deadlines):
                return await sources.opened(
                    self._schema, operation, call, variables, suggests=suggests
                )

    async def _deliver(
        self, operation: Operation, call: Call, variables: Mapping[str, Any]
    ) -> dict[str, Any]:
        with Deadline(call.services.deadlines) as call.deadline:
            async with call:
                return await self._run(operation, call, variables)

    async def _run(
        self, operation: Operation, call: Call | None, variables: Mapping[str, Any]
    ) -> dict[str, Any]:
        pace = call.services.pace if call else Pace()
        result = await self.executed(operation, call, variables, pace)
        if not result.errors:
            return {"data": result.data}
        ensure_available(result.errors, call)
        errors = [rendered(error, call) for error in result.errors]
        if result.data is None and not any(error.path for error in result.errors):
            raise RequestError(errors)
        self.errors.update(error["extensions"]["code"] for error in errors)
        return {"data": result.data, "errors": errors}

    async def executed(
        self, operation: Operation, root: Any, variables: Mapping[str, Any], pace: Pace
    ) -> ExecutionResult:
        """Executes the operation, by its plan where it has one, and counts how."""
        try:
            data = await operation.plans.get(variables).answer(root, variables, pace)
            self.counts["planned", ""] += 1
            return ExecutionResult(data, None)
        except Unplanned as unplanned:
            self.counts["unplanned", unplanned.reason] += 1
            outcomes = None
        except Incomplete as incomplete:
            self.counts["completed", incomplete.reason] += 1
            outcomes = incomplete.outcomes
            if isinstance(root, Call):
                # Loaders that know the answer would change which of two errors comes first.
                root.snapshot.forget()
        if outcomes is None:
            return await self._completed(operation, root, variables)
        try:
            return await self._completed(operation, root, variables, [outcomes.middleware])
        finally:
            outcomes.clear()

    async def _completed(
        self,
        operation: Operation,
        root: Any,
        variables: Mapping[str, Any],
        known: Sequence[Callable[..., Any]] = (),
    ) -> ExecutionResult:
        """Has graphql-core execute the operation, but for what is `known` already."""
        outcome = execute(
            self._schema,
            operation.document,
            root_value=root,
            context_value=root,
            variable_values=dict(variables),
            operation_name=operation.name,
            max_coercion_errors=MAX_ERRORS - 1,
            middleware=_noted(root, known),
            is_awaitable=is_awaitable,
            hide_suggestions=not self._options.suggests,
        )
        return outcome if isinstance(outcome, ExecutionResult) else await outcome


def _noted(root: Any, known: Sequence[Callable[..., Any]]) -> Middleware | None:
    """Returns the middleware that keyed writes need in addition, to know their places."""
    is_keyed = isinstance(root, Call) and root.idempotency_key is not None
    return [*known, _noting] if is_keyed else tuple(known) or None


def _noting(resolve: Callable[..., Any], source: Any, info: Any, /, **arguments: Any) -> Any:
    if info.path.prev is None:
        source.place = info.path.key
    return resolve(source, info, **arguments)
