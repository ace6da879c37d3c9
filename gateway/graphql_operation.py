"""A GraphQL operation, whatever transport it comes by: found, priced, executed, refused."""

import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any, NamedTuple

from db.engine import DatabaseUnavailable
from rest.wire.answer import Header
from rest.wire.limits import throttled
from rest.wire.stream import TooManyConnections
from schema.domain.errors import DeadlineExceeded, Unauthenticated
from schema.execution.documents import Operation
from schema.execution.errors import RequestError, problem
from schema.execution.executor import Delivery, Executor, Room
from schema.execution.options import GraphQLOptions, Trusted
from schema.execution.requests import Requests
from schema.operation.arrival import Arrival
from schema.operation.call import Call, Services
from schema.operation.deadline import Deadline
from schema.operation.throttle import Allowance, Throttled

from .graphql_request import BadRequest, Params

# No limit of the variables can be reached in a request of so many bytes.
SMALL = 8_192
RETRY = (b"retry-after", b"5")
BAD_REQUEST = "BAD_REQUEST"
# Counts an operation: its type, its root field, and how many seconds it took.
Observe = Callable[[str, str, float], None]
# What `refused` words for the caller.
REFUSALS = (
    *(RequestError, Throttled, TooManyConnections),
    *(Unauthenticated, DeadlineExceeded, DatabaseUnavailable),
)


def unobserved(type: str, field: str, seconds: float) -> None:
    """Counts nothing."""


class Price(NamedTuple):
    """What an operation costs, and what the token has left after it."""

    points: int
    allowance: Allowance | None


class Refused(NamedTuple):
    """Why an operation was not executed: a status of HTTP, top-level errors, headers."""

    status: int
    errors: list[dict[str, Any]]
    headers: tuple[Header, ...] = ()


class Operations:
    """Finds, prices and runs operations over one schema."""

    def __init__(
        self, options: GraphQLOptions, trusted: Trusted | None = None, observe: Observe = unobserved
    ) -> None:
        self._executor = Executor(options)
        self._observe = observe
        self._requests = Requests(self._executor, options, trusted)
        self.most_points = options.limits.points

    @property
    def counts(self) -> Mapping[tuple[str, str], int]:
        """How operations were executed, and why so."""
        return self._executor.counts

    @property
    def errors(self) -> Counter[str]:
        """The codes of the errors that were answered."""
        return self._executor.errors

    @property
    def persisted_counts(self) -> Mapping[str, int]:
        """What became of the identifiers of documents."""
        return self._requests.persisted.counts

    def ensure_runnable(self, query: str) -> None:
        """Raises RequestError for a document that could not be run, whatever the variables."""
        self._executor.ensure_runnable(query)

    def find(self, params: Params, arrival: Arrival, call: Call | None) -> Operation:
        """Returns the operation that is asked for, by `call` or by a stranger.

        Raises RequestError when there is none to run, Throttled, Unauthenticated for a stranger
        who asks for more than the schema, and BadRequest for a wrong `Idempotency-Key`.
        """
        asked = (params.query, params.document_id, params.operation_name)
        if call is not None:
            found = self._requests.admit(*asked, call)
            if found.kind == "mutation":
                call.idempotency_key = params.idempotency_key()
            return found
        operation = self._requests.admit_public(*asked)
        if operation is None:
            raise arrival.refusal()
        return operation

    def price(self, operation: Operation, params: Params, call: Call | None) -> Price:
        """Charges for the operation; raises RequestError over a limit, Throttled."""
        if params.size > SMALL:
            self._executor.ensure_within(params.variables)
        points = self._executor.points(operation, params.variables, is_public=call is None)
        return Price(points, None if call is None else call.spend(points=points))

    async def run(
        self,
        operation: Operation,
        call: Call | None,
        variables: Mapping[str, Any],
        services: Services,
    ) -> dict[str, Any]:
        """Executes a query or a mutation within its time; raises what `REFUSALS` names."""
        began = time.perf_counter()
        try:
            with Deadline(services.deadlines) as deadline:
                if call is not None:
                    call.deadline = deadline
                return await self._executor.run(operation, call, variables)
        finally:
            self._observe(operation.kind, operation.field, time.perf_counter() - began)

    def follow(
        self,
        operation: Operation,
        call: Call,
        variables: Mapping[str, Any],
        points: int,
        room: Room | None = None,
    ) -> AsyncGenerator[Delivery, None]:
        """Executes a subscription, each event at `points`; raises what `REFUSALS` names."""
        return self._executor.subscribe(operation, call, variables, points, room)

    def refused(self, error: Exception) -> Refused:
        """Words one of `REFUSALS` for the caller, and counts it; raises any other error again."""
        found = refused(error)
        self.errors.update(each["extensions"]["code"] for each in found.errors)
        return found

    def malformed(self, bad: BadRequest) -> dict[str, Any]:
        """Words a request that is not GraphQL over HTTP, and counts it."""
        self.errors[BAD_REQUEST] += 1
        return problem(bad.message, BAD_REQUEST)


def refused(error: Exception) -> Refused:
    """Words one of `REFUSALS` for the caller; raises any other error again."""
    if isinstance(error, RequestError):
        return Refused(error.status, error.errors)
    if isinstance(error, Throttled):
        return Refused(429, [problem(error.message, "RATE_LIMITED")], throttled(error))
    if isinstance(error, TooManyConnections):
        return Refused(429, [problem(error.message, "TOO_MANY_CONNECTIONS")])
    if isinstance(error, Unauthenticated):
        challenge = (b"www-authenticate", b"Token")
        return Refused(401, [problem(error.message, "UNAUTHENTICATED")], (challenge,))
    if isinstance(error, DeadlineExceeded):
        return Refused(503, [problem(error.message, "DEADLINE_EXCEEDED")], (RETRY,))
    if isinstance(error, DatabaseUnavailable):
        return Refused(503, [problem("Try again in a moment.", "UNAVAILABLE")], (RETRY,))
    raise error
