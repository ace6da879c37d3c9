"""Request ids, one log line for each change, a measure of each request.

The outermost ASGI middleware. No token, link or personal data is logged: lines carry operation
names, ids and numbers only.
"""

import asyncio
import re
import time
from collections.abc import Callable
from random import getrandbits

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rest.wire.body import ClientGone

from .refusals import Faces, answer

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
SLOW_SECONDS = 1.0
# Never sent: the status under which the metrics count clients that left before the response.
CLIENT_GONE = 499
# Counts a request: its face, operation and status, and how many seconds it took.
Observe = Callable[[str, str, int, float], None]
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

log = structlog.get_logger("connect.request")


class Telemetry:
    """Gives every request an id, measures and logs it, and answers 500 to unexpected errors."""

    def __init__(
        self, app: ASGIApp, faces: Faces, observe: Observe, *, logs_all: bool = False
    ) -> None:
        self._app = app
        self._faces = faces
        self._observe = observe
        self._logs_all = logs_all

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on with its id."""
        if scope["type"] != "http":
            is_socket = scope["type"] == "websocket"
            scope["connect.request_id"] = _request_id(scope) if is_socket else _new_id()
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = _request_id(scope)
        scope["connect.request_id"] = request_id
        header = (b"x-request-id", request_id.encode())
        status = 0

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), header]
            await send(message)

        try:
            await self._app(scope, receive, named)
        except ClientGone:
            self._report_gone(scope, began, "the body broke off")
            return
        except asyncio.CancelledError:
            # Stopping the server cancels too: only the protocol knows whether the client left.
            if scope.get("connect.client_gone"):
                self._report_gone(scope, began, "the caller left before the answer")
                return
            if status:
                raise
            body = self._faces.refusal(scope, "UNAVAILABLE", "The service is stopping: try again.")
            await answer(named, 503, body, [(b"retry-after", b"5")])
        except Exception:
            log.exception("request_failed", request_id=request_id, method=scope["method"])
            if status:
                raise  # The response has begun: closing the connection is all that is left.
            body = self._faces.refusal(scope, "INTERNAL_SERVER_ERROR", "A server error occurred.")
            await answer(named, 500, body)
        self._report(scope, status, time.perf_counter() - began)

    def _report_gone(self, scope: Scope, began: float, reason: str) -> None:
        if "connect.stream" in scope:
            return
        face, operation = scope.get("connect.operation", ("http", "other"))
        request_id = scope["connect.request_id"]
        log.info("client_gone", request_id=request_id, operation=operation, reason=reason)
        self._observe(face, operation, CLIENT_GONE, time.perf_counter() - began)

    def _report(self, scope: Scope, status: int, seconds: float) -> None:
        if "connect.stream" in scope:
            return  # Streams log their own end: how long one lasted says nothing about latency.
        face, operation = scope.get("connect.operation", ("http", "other"))
        self._observe(face, operation, status, seconds)
        # GraphQL queries are sent with POST too.
        changes = scope["method"] not in SAFE and operation != "query"
        notable = changes or status >= 400 or seconds > SLOW_SECONDS
        if not notable and not self._logs_all:
            return  # Even a line that the log level discards would cost time to build.
        (log.info if notable else log.debug)(
            "request",
            request_id=scope["connect.request_id"],
            face=face,
            operation=operation,
            method=scope["method"],
            status=status,
            ms=round(seconds * 1000, 1),
        )


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            return str(value, "ascii")
    return _new_id()


def _new_id() -> str:
    # Not a secret, so a system call for random bytes is not worth it.
    return f"{getrandbits(64):016x}"
