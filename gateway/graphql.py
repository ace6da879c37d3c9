"""The GraphQL endpoint: GraphQL over HTTP, media types, statuses, the redirect to the explorer.

`gateway.app` mounts it at `/graphql`; `schema.execution` validates and executes operations.
"""

from collections.abc import Sequence
from typing import Any

import structlog
from starlette.types import Receive, Scope, Send

from db.engine import DatabaseUnavailable
from db.models import EventSource
from rest.wire.answer import REPLAYED
from rest.wire.body import BodyTooLarge
from rest.wire.limits import limits
from rest.wire.stream import Streams
from schema.execution.documents import Operation
from schema.execution.errors import RequestError, problem
from schema.operation.arrival import Arrival, Stranger

from .docs import prefers_html
from .graphql_operation import REFUSALS, Operations
from .graphql_request import (
    JSON,
    RESPONSE,
    BadRequest,
    Headers,
    Params,
    negotiated,
    read_headers,
    read_params,
    streamed,
)
from .live.figures import Figures
from .live.framing import FRAMINGS, Framing, encoded, flow, whole
from .middleware.refusals import answer

# The limit for callers without a token: any introspection query is shorter.
MAX_PUBLIC_BYTES = 32_768
# A thousand participants with names of maximum length take less than half of this.
MAX_BYTES = 1024 * 1024
Header = tuple[bytes, bytes]
CONTENT_TYPES = {kind: f"{kind}; charset=utf-8".encode() for kind in (JSON, RESPONSE)}
VARY = (b"vary", b"Accept")
ALWAYS = (VARY, (b"cache-control", b"no-store"))
SUBSCRIBE = (
    "Subscriptions go on: send this one over a WebSocket at this address (graphql-transport-ws), "
    "or with `Accept: text/event-stream`."
)
NOT_UPGRADED = (
    "This did not arrive as a WebSocket handshake: send GET with `Connection: Upgrade` and "
    "`Upgrade: websocket`, and let proxies pass both on."
)

log = structlog.get_logger("connect.graphql")


class GraphQLFace:
    """The endpoint `/graphql` over HTTP."""

    def __init__(
        self,
        operations: Operations,
        streams: Streams,
        figures: Figures,
        *,
        over_get: bool,
        explorer: str | None = "/explorer/",
    ) -> None:
        self._operations = operations
        self._streams = streams
        self._figures = figures
        self._explorer = explorer
        self._over_get = over_get

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        sent = read_headers(scope)
        if self._explorer and _is_visit(scope, sent.accept):
            place = (b"location", self._explorer.encode())
            await answer(send, 303, b"", [place, (b"vary", b"Accept")])
            return
        media_type, framing = JSON, FRAMINGS.get(streamed(sent.accept))
        try:
            media_type = negotiated(sent.accept, "" if framing is None else framing.transport)
            found = await self._respond(scope, sent, receive, send, media_type, framing)
            if found is None:
                return  # It was a stream, and has ended.
            status, payload, headers = found
        except BadRequest as bad:
            status, headers = bad.status, bad.headers
            payload = {"errors": [self._operations.malformed(bad)]}
        body, content_type = encoded(payload), CONTENT_TYPES[media_type or JSON]
        if not media_type and status == 200 and framing is not None:
            body, content_type = whole(framing, payload), framing.content_type
        if scope["method"] == "HEAD":
            body = b""
        await answer(send, status, body, (*headers, *ALWAYS), content_type)

    async def _respond(
        self,
        scope: Scope,
        sent: Headers,
        receive: Receive,
        send: Send,
        media_type: str,
        framing: Framing | None,
    ) -> tuple[int, dict[str, Any], Sequence[Header]] | None:
        arrival: Arrival = scope["connect.arrival"]
        is_stranger = isinstance(arrival.caller, Stranger)
        headers: tuple[Header, ...] = ()
        try:
            _ensure_accepted(scope, over_get=self._over_get)
            params = await _params(scope, sent, receive, arrival, is_stranger=is_stranger)
            if is_stranger:
                await arrival.services.pace.wait()
            call = None if is_stranger else arrival.call(EventSource.GRAPHQL)
            operation = self._operations.find(params, arrival, call)
            _ensure_method(scope["method"], operation, framing)
            scope["connect.operation"] = ("graphql", operation.kind)
            price = self._operations.price(operation, params, call)
            headers = limits(price.allowance)
            if operation.kind == "subscription" and call is not None and framing is not None:
                call.resumes_after = sent.last_event_id or None
                following = self._operations.follow(operation, call, params.variables, price.points)
                live = flow(framing, following, call, self._figures)
                await self._streams.respond(scope, receive, send, call, live, (*headers, VARY))
                return None
            payload = await self._operations.run(
                operation, call, params.variables, arrival.services
            )
            if call is not None and call.is_replayed:
                headers = (*headers, REPLAYED)
            if sent.cost == "report":
                cost = {"points": price.points, "limit": self._operations.most_points}
                payload["extensions"] = {"cost": cost}
            return 200, payload, headers
        except REFUSALS as error:
            if isinstance(error, DatabaseUnavailable):
                log.error("database_unavailable", request_id=arrival.request_id, reason=str(error))
            found = self._operations.refused(error)
            # With application/json, and in a stream, a well-formed request is answered with 200.
            is_plain = isinstance(error, RequestError) and media_type != RESPONSE
            status = 200 if is_plain else found.status
            return status, {"errors": found.errors}, (*found.headers, *headers)


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


def _ensure_accepted(scope: Scope, *, over_get: bool) -> None:
    method = scope["method"]
    if method == "POST":
        return
    if over_get and method in ("GET", "HEAD"):
        if not scope["query_string"] and _is_upgrade(scope):
            raise BadRequest(426, NOT_UPGRADED, ((b"upgrade", b"websocket"),))
        return
    allowed = "GET, POST" if over_get else "POST"
    message = f"Send GraphQL with {allowed.replace(', ', ' or ')}, not {method}."
    raise BadRequest(405, message, ((b"allow", allowed.encode()),))


def _is_upgrade(scope: Scope) -> bool:
    """Whether somebody meant a WebSocket: proxies drop some of the headers that ask for one."""
    return any(
        name == b"sec-websocket-key" or (name == b"upgrade" and b"websocket" in value.lower())
        for name, value in scope["headers"]
    )


def _ensure_method(method: str, operation: Operation, framing: Framing | None) -> None:
    if operation.is_query:
        return
    if operation.kind == "subscription":
        if framing is None or method == "HEAD":
            raise RequestError([problem(SUBSCRIBE, "SUBSCRIPTION_NEEDS_STREAM")])
    elif method != "POST":
        raise BadRequest(405, "Send mutations with POST.", ((b"allow", b"POST"),))
