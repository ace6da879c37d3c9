"""The GraphQL endpoint: GraphQL over HTTP, media types, statuses, the redirect to the explorer.

`gateway.app` mounts it at `/graphql`; `schema.execution` validates and executes operations.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import structlog
from starlette.types import Receive, Scope, Send

from db.engine import DatabaseUnavailable
from db.models import EventSource
from rest.wire.answer import render
from rest.wire.body import BodyTooLarge
from rest.wire.limits import limits, throttled
from schema.domain.errors import DeadlineExceeded, Unauthenticated
from schema.execution.documents import Operation
from schema.execution.errors import RequestError, problem
from schema.execution.executor import Executor
from schema.execution.options import GraphQLOptions, Trusted
from schema.execution.requests import Requests
from schema.operation.arrival import Arrival, Stranger
from schema.operation.call import Call, Services
from schema.operation.deadline import Deadline
from schema.operation.throttle import Throttled

from .docs import prefers_html
from .graphql_request import (
    JSON,
    RESPONSE,
    BadRequest,
    Headers,
    Params,
    negotiated,
    read_headers,
    read_params,
)
from .middleware.refusals import answer

# The limit for callers without a token: any introspection query is shorter.
MAX_PUBLIC_BYTES = 32_768
# A thousand participants with names of maximum length take less than half of this.
MAX_BYTES = 1024 * 1024
# A request of up to this many bytes cannot exceed the limits of variables.
SMALL = 8_192
Header = tuple[bytes, bytes]
CONTENT_TYPES = {kind: f"{kind}; charset=utf-8".encode() for kind in (JSON, RESPONSE)}
ALWAYS = ((b"vary", b"Accept"), (b"cache-control", b"no-store"))
RETRY = (b"retry-after", b"5")

log = structlog.get_logger("connect.graphql")


class GraphQLFace:
    """The endpoint `/graphql`."""

    def __init__(
        self, options: GraphQLOptions, *, explorer: bool = True, trusted: Trusted | None = None
    ) -> None:
        self._executor = Executor(options)
        self._requests = Requests(self._executor, options, trusted)
        self._explorer = explorer
        self._over_get = options.over_get
        self._limit = options.limits.points

    @property
    def counts(self) -> Mapping[tuple[str, str], int]:
        """How many operations were executed, by the way and the reason."""
        return self._executor.counts

    @property
    def persisted_counts(self) -> Mapping[str, int]:
        """What became of the identifiers of documents."""
        return self._requests.persisted.counts

    def ensure_runnable(self, query: str) -> None:
        """Raises RequestError for a document that could not be run, whatever the variables."""
        self._executor.ensure_runnable(query)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        sent = read_headers(scope)
        if self._explorer and _is_visit(scope, sent.accept):
            await answer(send, 303, b"", [(b"location", b"/explorer/"), (b"vary", b"Accept")])
            return
        media_type = JSON
        try:
            media_type = negotiated(sent.accept)
            status, payload, headers = await self._respond(scope, sent, receive, media_type)
        except BadRequest as bad:
            status, headers = bad.status, bad.headers
            payload = {"errors": [problem(bad.message, "BAD_REQUEST")]}
        body = b"" if scope["method"] == "HEAD" else encoded(payload)
        await answer(send, status, body, (*headers, *ALWAYS), CONTENT_TYPES[media_type])

    async def _respond(
        self, scope: Scope, sent: Headers, receive: Receive, media_type: str
    ) -> tuple[int, dict[str, Any], Sequence[Header]]:
        arrival: Arrival = scope["connect.arrival"]
        is_stranger = isinstance(arrival.caller, Stranger)
        headers: Sequence[Header] = ()
        try:
            _ensure_accepted(scope["method"], over_get=self._over_get)
            params = await _params(scope, sent, receive, arrival, is_stranger=is_stranger)
            if is_stranger:
                await arrival.services.pace.wait()
            call = None if is_stranger else arrival.call(EventSource.GRAPHQL)
            operation = self._admitted(params, arrival, call)
            _ensure_method(scope["method"], operation)
            scope["connect.operation"] = ("graphql", operation.kind)
            variables = params.variables
            if params.size > SMALL:
                self._executor.ensure_within(variables)
            points = self._executor.points(operation, variables, is_public=call is None)
            if call is not None:
                headers = limits(call.spend(points=points))
            payload = await self._run(operation, call, variables, arrival.services)
            if sent.cost == "report":
                payload["extensions"] = {"cost": {"points": points, "limit": self._limit}}
            return 200, payload, headers
        except RequestError as refused:
            # With application/json a well-formed request is always answered with 200.
            status = refused.status if media_type == RESPONSE else 200
            return status, {"errors": refused.errors}, headers
        except Throttled as error:
            payload = {"errors": [problem(error.message, "RATE_LIMITED")]}
            return 429, payload, throttled(error)
        except Unauthenticated as error:
            payload = {"errors": [problem(error.message, "UNAUTHENTICATED")]}
            return 401, payload, ((b"www-authenticate", b"Token"),)
        except DeadlineExceeded as error:
            payload = {"errors": [problem(error.message, "DEADLINE_EXCEEDED")]}
            return 503, payload, (RETRY, *headers)
        except DatabaseUnavailable as error:
            log.error("database_unavailable", request_id=arrival.request_id, reason=str(error))
            payload = {"errors": [problem("Try again in a moment.", "UNAVAILABLE")]}
            return 503, payload, (RETRY, *headers)

    def _admitted(self, params: Params, arrival: Arrival, call: Call | None) -> Operation:
        asked = (params.query, params.document_id, params.operation_name)
        if call is not None:
            return self._requests.admit(*asked, call)
        operation = self._requests.admit_public(*asked)
        if operation is None:
            raise arrival.refusal()
        return operation

    async def _run(
        self,
        operation: Operation,
        call: Call | None,
        variables: Mapping[str, Any],
        services: Services,
    ) -> dict[str, Any]:
        with Deadline(services.deadlines) as deadline:
            if call is not None:
                call.deadline = deadline
            return await self._executor.run(operation, call, variables)


async def _params(
    scope: Scope, sent: Headers, receive: Receive, arrival: Arrival, *, is_stranger: bool
) -> Params:
    try:
        return await read_params(
            scope, sent, receive, MAX_PUBLIC_BYTES if is_stranger else MAX_BYTES
        )
    except BodyTooLarge as error:
        if is_stranger:
            # Too long for an introspection query, so the request needs a token in any case.
            raise arrival.refusal() from None
        raise BadRequest(413, error.message) from None


def _is_visit(scope: Scope, accept: str) -> bool:
    is_plain = scope["method"] in ("GET", "HEAD") and not scope["query_string"]
    return is_plain and prefers_html(accept)


def _ensure_accepted(method: str, *, over_get: bool) -> None:
    if method == "POST" or (over_get and method in ("GET", "HEAD")):
        return
    allowed = "GET, POST" if over_get else "POST"
    message = f"Send GraphQL with {allowed.replace(', ', ' or ')}, not {method}."
    raise BadRequest(405, message, ((b"allow", allowed.encode()),))


def _ensure_method(method: str, operation: Operation) -> None:
    if operation.kind == "subscription":
        raise BadRequest(400, "Nothing is pushed in one answer: read `Query.events` instead.")
    if method != "POST" and not operation.is_query:
        raise BadRequest(405, "Send mutations with POST.", ((b"allow", b"POST"),))


def encoded(payload: dict[str, Any]) -> bytes:
    """Returns the response as JSON; a lone surrogate in an error message becomes U+FFFD."""
    try:
        return orjson.dumps(payload, option=orjson.OPT_UTC_Z)
    except TypeError:
        return render(payload, 0)
