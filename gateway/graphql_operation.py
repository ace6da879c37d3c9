"""A GraphQL operation, whatever transport it comes by: found, priced, executed, refused."""

from collections.abc import AsyncGenerator, Mapping
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

from .graphql_request import Params

# No limit of the variables can be reached in a request of so many bytes.
SMALL = 8_192
RETRY = (b"retry-after", b"5")
# What `refused` words for the caller.
REFUSALS = (
    *(RequestError, Throttled, TooManyConnections),
    *(Unauthenticated, DeadlineExceeded, DatabaseUnavailable),
)


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

    def __init__(self, options: GraphQLOptions, trusted: Trusted | None = None) -> None:
        self._executor = Executor(options)
        self._requests = Requests(self._executor, options, trusted)
        self.most_points = options.limits.points

    @property
    def counts(self) -> Mapping[tuple[str, str], int]:
        """How operations were executed, and why so."""
        return self._executor.counts

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
        with Deadline(services.deadlines) as deadline:
            if call is not None:
                call.deadline = deadline
            return await self._executor.run(operation, call, variables)

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
