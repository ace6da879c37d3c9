"""The WebSocket at `/graphql`: a connection in graphql-transport-ws, from handshake to close."""

import asyncio
import time
from contextlib import suppress
from typing import Any

import structlog
from starlette.types import Receive, Scope, Send

from db.engine import DatabaseUnavailable
from db.models import EventSource
from rest.wire.stream import TooManyConnections
from schema.operation.arrival import Arrival

from ..graphql_operation import Operations
from ..wire.ending import RESTARTING, STOPPING
from . import handshake, protocol
from .connections import (
    ABNORMAL,
    COMPLETED,
    FAILED,
    TRY_LATER,
    Connections,
)
from .credentials import identified
from .handshake import Origins
from .operations import TRANSPORT, Observe, SocketOperations
from .protocol import (
    INIT_TIMEOUT,
    NO_SUBPROTOCOL,
    SUBPROTOCOL,
    TOO_MANY,
    UNAUTHORIZED,
    Closing,
    Left,
    Message,
    malformed,
)

INIT_SECONDS = 5.0
# Of a message before the token is known, in characters: parsing one of 64 KiB takes milliseconds.
MOST_FROM_STRANGERS = 4_096

log = structlog.get_logger("connect.live")


class WebSocketFace:
    """Accepts or refuses handshakes, and serves the sockets that it accepts."""

    def __init__(
        self,
        operations: Operations,
        connections: Connections,
        origins: Origins,
        observe: Observe,
    ) -> None:
        self._operations = operations
        self._connections = connections
        self._origins = origins
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one WebSocket, from its handshake to its end."""
        await receive()
        if scope["path"] not in ("/graphql", "/graphql/"):
            await handshake.refuse(send, 404, handshake.ELSEWHERE, "NOT_FOUND")
        elif not self._origins.welcome(scope):
            await handshake.refuse(send, 403, handshake.FOREIGN, "FORBIDDEN_ORIGIN")
        elif not handshake.offers(scope):
            await send({"type": "websocket.accept"})
            reason = f"Subprotocol not acceptable: offer {SUBPROTOCOL}"
            await send({"type": "websocket.close", "code": NO_SUBPROTOCOL, "reason": reason})
            self._connections.figures.closed(TRANSPORT, NO_SUBPROTOCOL)
        else:
            await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
            await self._talk(Socket(scope, receive, send))

    async def _talk(self, socket: "Socket") -> None:
        code, reason = COMPLETED, ""
        try:
            await self._converse(socket)
        except Left as left:
            code = left.code
            socket.is_open = False
        except Closing as closing:
            code, reason = closing.code, closing.brief
        except TooManyConnections as error:
            code, reason = TOO_MANY, Closing(TOO_MANY, error.message).brief
        except DatabaseUnavailable as error:
            log.error("database_unavailable", request_id=socket.request_id, reason=str(error))
            code, reason = TRY_LATER, "The database cannot be reached at the moment: try again."
        except Exception:
            log.exception("socket_failed", request_id=socket.request_id)
            code, reason = FAILED, "Something went wrong on our side."
        await socket.close(code, reason)
        self._connections.figures.closed(TRANSPORT, code)
        socket.report(code)

    async def _converse(self, socket: "Socket") -> None:
        try:
            async with asyncio.timeout(INIT_SECONDS):
                arrival = await socket.initialised()
        except TimeoutError:
            raise Closing(INIT_TIMEOUT, "Connection initialisation timeout") from None
        call = arrival.call(EventSource.GRAPHQL)
        figures = self._connections.figures
        with self._connections.held(call.caller, call.services, TRANSPORT, socket):
            await socket.begin(SocketOperations(
                self._operations, arrival, socket.tell, socket, figures, self._observe
            ))  # fmt: skip


class Socket:
    """One accepted WebSocket: reads and sends messages, and can be ended from elsewhere."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._task = asyncio.current_task()
        self._ending: Closing | None = None
        self._began = time.monotonic()
        self._operations: SocketOperations | None = None
        self.is_open = True

    @property
    def request_id(self) -> str:
        """What log lines and events name the socket by."""
        found: str = self._scope["connect.request_id"]
        return found

    def end(self, code: int, reason: str) -> None:
        """Closes it soon, whatever it is doing; the first reason counts."""
        if self._ending is None and self._task is not None:
            self._ending = Closing(code, reason)
            self._task.cancel()

    def _stop(self) -> None:
        self.end(RESTARTING, STOPPING)

    async def initialised(self) -> Arrival:
        """Waits for `connection_init`; returns who sent it, raises Closing for anything else."""
        while True:
            message = await self._read(MOST_FROM_STRANGERS)
            if message.type == "connection_init":
                return await identified(self._scope, message.payload)
            if message.type == "subscribe":
                raise Closing(UNAUTHORIZED, "Unauthorized: send connection_init first")
            await self._answer(message)

    async def begin(self, operations: SocketOperations) -> None:
        """Acknowledges the connection, then handles messages until the socket is closed."""
        self._operations = operations
        self._scope.get("connect.settled", _nothing)()
        self._scope["connect.stop"] = self._stop
        try:
            await self.tell(protocol.ACK)
            while True:
                await self._handle(await self._read(), operations)
        except asyncio.CancelledError:
            if self._ending is None or self._task is None:
                raise
            self._task.uncancel()
            if self._ending.code == RESTARTING:
                await operations.finish()
            raise self._ending from None
        finally:
            self._task = None  # It ends already.
            await operations.end()

    async def _handle(self, message: Message, operations: SocketOperations) -> None:
        if message.type == "subscribe":
            await operations.begin(message)
        elif message.type == "complete":
            operations.complete(message.id)
        elif message.type == "connection_init":
            raise Closing(TOO_MANY, "Too many initialisation requests")
        else:
            await self._answer(message)

    async def _answer(self, message: Message) -> None:
        if message.type == "ping":
            await self.tell(protocol.pong(message.payload))

    async def _read(self, most: int = 0) -> Message:
        received = await self._receive()
        if received["type"] == "websocket.disconnect":
            raise Left(received.get("code") or ABNORMAL)
        text = received.get("text")
        if text is None:
            raise malformed("Send messages as text, not as binary frames.")
        if 0 < most < len(text):
            raise malformed(f"Send at most {most} characters before connection_ack.")
        pace = self._scope["connect.arrival"].services.pace
        if pace.is_due():
            await pace.wait()  # What many say at once is read a few milliseconds a turn.
        return protocol.read(text)

    async def tell(self, text: str) -> None:
        """Sends a message as soon as the other side has read enough; raises Left."""
        try:
            await self._send({"type": "websocket.send", "text": text})
        except (OSError, RuntimeError):
            # It was closed below: the other side is gone, or broke the rules of WebSockets.
            raise Left(ABNORMAL) from None

    async def close(self, code: int, reason: str) -> None:
        """Closes the socket, unless it is closed already."""
        if self.is_open:
            with suppress(OSError, RuntimeError):
                await self._send({"type": "websocket.close", "code": code, "reason": reason})

    def report(self, code: int) -> None:
        """Logs what the socket was used for."""
        operations = self._operations
        log.info(
            "socket_closed",
            request_id=self.request_id,
            code=code,
            seconds=round(time.monotonic() - self._began, 3),
            operations=operations.begun if operations else 0,
            events=operations.events if operations else 0,
        )


def _nothing() -> Any:
    """Does nothing: this server does not care who is settled."""
