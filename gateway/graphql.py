"""The GraphQL view: GraphQL over HTTP, media types, statuses, the way to the explorer.

Mounted at `/graphql` by `gateway.app`; `schema.execution` runs what is valid.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import orjson
import structlog
from starlette.types import Receive, Scope, Send

from db.engine import DatabaseUnavailable
from db.models import EventSource
from rest.answer import render
from rest.body import MAX_BYTES, BodyTooLarge, read_body
from rest.limits import limits, throttled
from rest.media import LONGEST
from schema.call import Arrival, Call, Services, Stranger
from schema.decoding import MalformedJson, decode
from schema.errors import DeadlineExceeded, Unauthenticated
from schema.execution import Executor, Operation, Refused, problem
from schema.options import GraphQLOptions
from schema.throttle import Throttled

from .answers import answer
from .docs import prefers_html

# What a caller without a token may send: more than any question about the schema.
MAX_PUBLIC_BYTES = 32_768
RESPONSE = "application/graphql-response+json"
JSON = "application/json"

log = structlog.get_logger("connect.graphql")


class Params(NamedTuple):
    """The parameters of a GraphQL request."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None


class BadRequest(Exception):
    """A request that is not one of GraphQL over HTTP."""

    def __init__(
        self, status: int, message: str, headers: tuple[tuple[bytes, bytes], ...] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers


class GraphQLFace:
    """The endpoint `/graphql`."""

    def __init__(self, options: GraphQLOptions, *, explorer: bool = True) -> None:
        self._executor = Executor(options)
        self._explorer = explorer
        self._over_get = options.over_get
        self._limit = options.limits.points

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        accept = header(scope, b"accept")
        if self._explorer and _is_visit(scope, accept):
            await answer(send, 303, b"", [(b"location", b"/explorer/"), (b"vary", b"Accept")])
            return
        media_type = JSON
        try:
            media_type = negotiated(accept)
            status, payload, headers = await self._respond(scope, receive, media_type)
        except BadRequest as bad:
            status, headers = bad.status, list(bad.headers)
            payload = {"errors": [problem(bad.message, "BAD_REQUEST")]}
        body = b"" if scope["method"] == "HEAD" else encoded(payload)
        headers += [(b"vary", b"Accept"), (b"cache-control", b"no-store")]
        await answer(send, status, body, headers, f"{media_type}; charset=utf-8".encode())

    async def _respond(
        self, scope: Scope, receive: Receive, media_type: str
    ) -> tuple[int, dict[str, Any], list[tuple[bytes, bytes]]]:
        arrival: Arrival = scope["connect.arrival"]
        headers: list[tuple[bytes, bytes]] = []
        try:
            _ensure_accepted(scope["method"], over_get=self._over_get)
            params = await _params(scope, receive, arrival)
            operation = self._prepared(params, arrival)
            _ensure_method(scope["method"], operation)
            scope["connect.operation"] = ("graphql", operation.node.operation.value)
            variables = params.variables or {}
            call = None if _is_stranger(arrival) else arrival.call(EventSource.GRAPHQL)
            points = self._executor.points(operation, variables, is_public=call is None)
            if call is not None:
                headers += limits(call.spend(points=points))
            payload = await self._run(operation, call, variables, arrival.services)
            if header(scope, b"graphql-cost") == "report":
                payload["extensions"] = {"cost": {"points": points, "limit": self._limit}}
            return 200, payload, headers
        except Refused as refused:
            # In the older media type a well-formed request is always a 200.
            status = refused.status if media_type == RESPONSE else 200
            return status, {"errors": refused.errors}, headers
        except Throttled as error:
            payload = {"errors": [problem(error.message, "RATE_LIMITED")]}
            return 429, payload, [*throttled(error)]
        except Unauthenticated as error:
            payload = {"errors": [problem(error.message, "UNAUTHENTICATED")]}
            return 401, payload, [(b"www-authenticate", b"Token")]
        except DeadlineExceeded as error:
            payload = {"errors": [problem(error.message, "DEADLINE_EXCEEDED")]}
            return 503, payload, [(b"retry-after", b"5"), *headers]
        except DatabaseUnavailable as error:
            log.error("database_unavailable", request_id=arrival.request_id, reason=str(error))
            payload = {"errors": [problem("Try again in a moment.", "UNAVAILABLE")]}
            return 503, payload, [(b"retry-after", b"5"), *headers]

    def _prepared(self, params: Params, arrival: Arrival) -> Operation:
        if not _is_stranger(arrival):
            return self._executor.prepare(params.query, params.operation_name)
        operation = self._executor.prepare_public(params.query, params.operation_name)
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
        try:
            async with asyncio.timeout(services.operation_seconds) as deadline:
                if call is not None:
                    call.deadline = deadline
                return await self._executor.run(operation, call, variables)
        except TimeoutError:
            if not deadline.expired():
                raise
            raise DeadlineExceeded(services.operation_seconds) from None


def _is_stranger(arrival: Arrival) -> bool:
    return isinstance(arrival.caller, Stranger)


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
    if method != "POST" and not operation.is_query:
        raise BadRequest(405, "Send mutations with POST.", ((b"allow", b"POST"),))


async def _params(scope: Scope, receive: Receive, arrival: Arrival) -> Params:
    if scope["method"] == "POST":
        return await _posted(scope, receive, arrival)
    return _queried(scope)


async def _posted(scope: Scope, receive: Receive, arrival: Arrival) -> Params:
    content_type = header(scope, b"content-type")
    if content_type.split(";")[0].strip().lower() != JSON:
        raise BadRequest(415, "Send the request as application/json.")
    try:
        limit = MAX_PUBLIC_BYTES if _is_stranger(arrival) else MAX_BYTES
        data = decode(await read_body(scope["headers"], receive, limit))
    except MalformedJson as error:
        raise BadRequest(400, error.message) from None
    except BodyTooLarge as error:
        if _is_stranger(arrival):
            # No question about the schema is as long as that: whatever it is, it needs a token.
            raise arrival.refusal() from None
        raise BadRequest(413, error.message) from None
    if not isinstance(data, dict):
        raise BadRequest(400, "Send one JSON object with `query`; lists are not supported.")
    return _checked(data)


def _queried(scope: Scope) -> Params:
    try:
        data: dict[str, Any] = dict(
            parse_qsl(scope["query_string"].decode(), keep_blank_values=True, errors="strict")
        )
    except (UnicodeDecodeError, ValueError):
        raise BadRequest(400, "The query string is not UTF-8.") from None
    for name in ("variables", "extensions"):
        if name in data:
            data[name] = _decoded(name, data[name])
    if data.get("operationName") == "":
        del data["operationName"]
    return _checked(data)


def _decoded(name: str, text: str) -> Any:
    try:
        return decode(text.encode()) if text else None
    except MalformedJson as error:
        raise BadRequest(400, f"`{name}`: {error.message}") from None


def _checked(data: dict[str, Any]) -> Params:
    query, variables, name = (data.get(key) for key in ("query", "variables", "operationName"))
    if not isinstance(query, str) or not query.strip():
        raise BadRequest(400, "Give `query`, the GraphQL document, as a string.")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest(400, "Give `variables` as an object.")
    if name is not None and not isinstance(name, str):
        raise BadRequest(400, "Give `operationName` as a string.")
    if not isinstance(data.get("extensions", {}), dict | None):
        raise BadRequest(400, "Give `extensions` as an object.")
    return Params(query, variables, name)


def negotiated(accept: str) -> str:
    """Chooses the media type of the answer; raises BadRequest 406 when neither is acceptable.

    A header longer than `LONGEST` counts as absent.
    """
    if not accept or len(accept) > LONGEST:
        return JSON
    best, chosen = 0.0, ""
    for item in accept.lower().split(","):
        kind, *parameters = (part.strip() for part in item.split(";"))
        weight = _weight(parameters)
        offered = {RESPONSE: RESPONSE, JSON: JSON, "application/*": JSON, "*/*": JSON}.get(kind)
        if offered and weight > best:
            best, chosen = weight, offered
    if not chosen:
        raise BadRequest(406, f"Accept {RESPONSE} or {JSON}.")
    return chosen


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0


def encoded(payload: dict[str, Any]) -> bytes:
    """Returns the answer as JSON; a lone surrogate that an error quotes is shown as U+FFFD."""
    try:
        return orjson.dumps(payload)
    except TypeError:
        return render(payload, 0)


def header(scope: Scope, wanted: bytes) -> str:
    """Returns a header of the request, the values of several joined; empty when absent."""
    return ",".join(value.decode("latin-1") for name, value in scope["headers"] if name == wanted)
