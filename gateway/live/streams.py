"""Streaming responses: sent part by part, kept alive, ended with the token, the client or us."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any

import structlog

from db.engine import DatabaseUnavailable
from rest.wire.answer import Header
from rest.wire.stream import Flow, Receive, Scope, Send
from schema.domain.errors import Problem, Unauthenticated
from schema.operation.call import Call

from ..wire.ending import RESTARTING, STOPPING
from .connections import (
    ABNORMAL,
    COMPLETED,
    FAILED,
    FORBIDDEN,
    TRY_LATER,
    Connections,
)
from .figures import Figures

# Proxies close what is silent for a minute, some after half of one.
HEARTBEAT_SECONDS = 25.0
HEADERS: tuple[Header, ...] = (
    (b"cache-control", b"no-store"),
    # nginx would gather the parts otherwise.
    (b"x-accel-buffering", b"no"),
)

log = structlog.get_logger("connect.live")


class HttpStreams:
    """Streams over HTTP; counted, and ended when their token is refused."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def respond(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        call: Call,
        flow: Flow,
        headers: tuple[Header, ...] = (),
    ) -> None:
        """Streams until the parts end or the client leaves; raises TooManyConnections."""
        stream = Stream(scope, send, flow)
        with self._connections.held(call.caller, call.services, flow.transport, stream):
            await stream.serve(receive, headers, self._connections.figures)


class Stream:
    """One streaming response."""

    def __init__(self, scope: Scope, send: Send, flow: Flow) -> None:
        self._scope = scope
        self._send = send
        self._flow = flow
        self._ended = asyncio.get_running_loop().create_future()
        self._began = time.monotonic()
        self._parts = 0
        self.code = ABNORMAL
        # For telemetry, which does not time streams, and for the protocol, which ends them.
        scope["connect.stream"] = flow.transport
        scope["connect.stop"] = self._stop

    def end(self, code: int, reason: str) -> None:
        """Ends it once what is being sent is sent."""
        if not self._ended.done():
            self.code = code
            self._ended.set_result(None)

    def _stop(self) -> None:
        self.end(RESTARTING, STOPPING)

    async def serve(self, receive: Receive, headers: tuple[Header, ...], figures: Figures) -> None:
        """Streams until the parts end, the other side leaves, or it is ended from elsewhere."""
        gone = asyncio.ensure_future(_left(receive, self))
        try:
            await self._run((*headers, *HEADERS))
        finally:
            gone.cancel()
            figures.closed(self._flow.transport, self.code)
            self._report()

    async def _run(self, headers: tuple[Header, ...]) -> None:
        start = {"type": "http.response.start", "status": 200}
        head = [(b"content-type", self._flow.content_type), *headers]
        await self._send({**start, "headers": head})
        try:
            await self._pump(self._flow.parts)
        except Unauthenticated:
            self.code = FORBIDDEN
        except DatabaseUnavailable as error:
            self.code = TRY_LATER
            log.error("database_unavailable", request_id=self._request_id, reason=str(error))
        except Problem:
            self.code = TRY_LATER
        except Exception:
            self.code = FAILED
            log.exception("stream_failed", request_id=self._request_id)
        # Without a closing part: clients come back, and resume where they were.
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _pump(self, parts: AsyncGenerator[bytes, None]) -> None:
        waiting: asyncio.Future[bytes] | None = None
        try:
            while not self._ended.done():
                waiting = waiting or asyncio.ensure_future(anext(parts))
                await asyncio.wait(
                    (waiting, self._ended),
                    timeout=HEARTBEAT_SECONDS,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if waiting.done():
                    try:
                        part = waiting.result()
                    except StopAsyncIteration:
                        self.code = COMPLETED
                        return
                    waiting = None
                    self._parts += 1
                    await self._put(part)
                    del part
                elif not self._ended.done():
                    await self._put(self._flow.heartbeat)
        finally:
            if waiting is not None:
                waiting.cancel()
                with suppress(Exception, asyncio.CancelledError):
                    await waiting
            await parts.aclose()

    async def _put(self, part: bytes) -> None:
        await self._send({"type": "http.response.body", "body": part, "more_body": True})

    @property
    def _request_id(self) -> Any:
        return self._scope["connect.request_id"]

    def _report(self) -> None:
        log.info(
            "stream_closed",
            request_id=self._request_id,
            transport=self._flow.transport,
            code=self.code,
            seconds=round(time.monotonic() - self._began, 3),
            parts=self._parts,
        )


async def _left(receive: Receive, stream: Stream) -> None:
    """Ends the stream when the client leaves, which most servers report only to who receives."""
    while (await receive())["type"] != "http.disconnect":  # noqa: ASYNC110  (there is no event)
        await asyncio.sleep(0)
    stream.end(ABNORMAL, "The client left.")
