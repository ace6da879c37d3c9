"""The ASGI application of the REST face: the order of checks, and how answers are sent.

Who is calling stands in `scope["connect.arrival"]`.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog

from db.engine import DatabaseUnavailable
from db.models import EventSource
from schema.domain.errors import Problem
from schema.operation.deadline import Deadline

from . import errors, metadata
from .errors import RETRY_SECONDS
from .operation import Operation
from .routing import Endpoint, endpoints, routes
from .wire.answer import NOTHING, REPLAYED, Answer, Header, render
from .wire.body import ClientGone, Receive
from .wire.conditions import content_tag, written
from .wire.limits import limits
from .wire.problems import MethodNotAllowed, NoSuchPath, NotModified
from .wire.request import Request, Scope
from .wire.stream import Flow, Streams

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

READING = frozenset({"GET", "HEAD", "OPTIONS"})
TYPE: Header = (b"content-type", b"application/json")
# Answers carry access links, which are secrets: no cache keeps any answer.
PRIVATE: Header = (b"cache-control", b"no-store")
VARY: Header = (b"vary", b"Accept")

# What is sent and answered costs as well: a thousand participants are some 500 KiB.
BYTES_A_POINT = 4_096

log = structlog.get_logger("connect.rest")


class RestFace:
    """Handles every request below `prefix`.

    Links to other pages begin with `public_url`; `page_size` is the default; `streams` sends
    streaming responses.
    `route_table` lists the operations for Starlette's routing table.
    """

    def __init__(
        self, prefix: str, public_url: str, page_size: int, streams: Streams | None = None
    ) -> None:
        prefix = prefix.rstrip("/")
        self._endpoints = endpoints(prefix)
        # Not called `routes`: the Mount in it would take them for routes below itself.
        self.route_table = routes(prefix, self, self._endpoints)
        self._site = public_url.rstrip("/")
        self._page_size = page_size
        self._streams = streams
        # The codes of problems that were answered.
        self.errors: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; raises ClientGone when its client has disconnected."""
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        scope["connect.operation"] = ("rest", "other")
        request = Request(scope, receive, self._site, self._page_size)
        endpoint = self._endpoint(scope, request)
        try:
            answer = await self._answer(scope, endpoint, request)
            if isinstance(answer.content, Flow) and self._streams and request.call:
                headers = (*limits(request.allowance), *request.ignored, VARY)
                flow, call = answer.content, request.call
                await self._streams.respond(scope, receive, send, call, flow, headers)
                return
        except NotModified as held:
            answer = errors.render(held)
        except Problem as problem:
            self.errors[problem.code.upper()] += 1
            answer = errors.render(problem)
        except ClientGone:
            raise
        except DatabaseUnavailable as error:
            log.error("database_unavailable", reason=str(error))
            self.errors["UNAVAILABLE"] += 1
            answer = _unavailable()
        except Exception:
            self.errors["INTERNAL_SERVER_ERROR"] += 1
            answer = _failed(request)
        await _send(send, request, answer, endpoint)

    def _may_stream(self, request: Request, operation: Operation | None) -> bool:
        has_stream = operation is not None and operation.stream is not None
        return has_stream and self._streams is not None and request.method == "GET"

    def _endpoint(self, scope: Scope, request: Request) -> Endpoint | None:
        asked = scope["path"]
        for endpoint in self._endpoints:
            found = endpoint.match(asked)
            if found is not None:
                request.ids = found.groups()
                return endpoint
        return None

    async def _answer(self, scope: Scope, endpoint: Endpoint | None, request: Request) -> Answer:
        if endpoint is None:
            raise NoSuchPath  # 404
        operation = endpoint.operations.get(request.method)
        request.negotiate(may_stream=self._may_stream(request, operation))  # 404, 406
        call = request.arrival.call(EventSource.REST)  # 401
        call.require("read" if request.method in READING else "write")  # 403
        request.call = call
        request.allowance = call.spend(operation.points(request) if operation else 1)  # 429
        if request.method == "OPTIONS":
            body = endpoint.body if call.caller.may("write") else None
            return Answer(200, metadata.options(endpoint.name, body))
        if operation is None:
            raise MethodNotAllowed(request.method)  # 405
        scope["connect.operation"] = ("rest", operation.operation_id)
        request.note_unread(operation.query)
        if request.method not in READING:
            call.idempotency_key = request.idempotency_key  # 400
        if operation.reads_body:
            await request.load()
        with Deadline(call.services.deadlines) as call.deadline:
            if request.streams and operation.stream is not None:
                return await operation.stream(call, request)
            async with call:
                # 404, then 400, 413, 415, then the rules
                return await operation.handler(call, request)


def _unavailable() -> Answer:
    detail = "The database cannot be reached at the moment. Try again."
    return Answer(503, {"detail": detail}, ((b"retry-after", RETRY_SECONDS),))


def _failed(request: Request) -> Answer:
    request_id = request.arrival.request_id
    log.exception("unexpected_error", request_id=request_id, method=request.method)
    return Answer(500, {"detail": "A server error occurred.", "request_id": request_id})


def _render(request: Request, answer: Answer) -> bytes:
    return b"" if answer.content is NOTHING else render(answer.content, request.indent)


def _select(request: Request, answer: Answer, body: bytes) -> tuple[Answer, bytes]:
    """Returns what was read with its entity tag, or 304 or 412 where a condition says so."""
    tag = answer.tag or content_tag(render(answer.content, 0) if request.indent else body)
    conditions = request.conditions
    try:
        if conditions is not None:
            conditions.ensure(tag)
    except Problem as problem:
        answer = errors.render(problem)
        return answer, _render(request, answer)
    return answer._replace(tag=tag), body


async def _send(send: Send, request: Request, answer: Answer, endpoint: Endpoint | None) -> None:
    body = _render(request, answer)
    if request.is_read and answer.status == 200:
        answer, body = _select(request, answer, body)
    headers = [*answer.headers, PRIVATE, *limits(request.allowance), *request.ignored]
    if endpoint is not None:
        headers.append((b"allow", endpoint.allow))
    if answer.tag is not None:
        headers.append((b"etag", written(answer.tag, request.indent)))
    if request.call is not None and request.call.is_replayed:
        headers.append(REPLAYED)
    if answer.content is not NOTHING:
        if request.call is not None:
            request.call.charge((request.size + len(body)) // BYTES_A_POINT)
        headers += (TYPE, (b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else body})
