"""One accepted WebSocket of the room: what it says, what it is told, and how it ends."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.types import Receive, Scope, Send

from schema.operation.pace import Pace

from . import messages
from .outbox import Load, Outbox
from .over import ABNORMAL, COMPLETED, TIMEOUT, TRY_LATER, Left, Over, malformed
from .protocol import First, Message, read, read_first
from .rates import Rate

FIRST_SECONDS = 5.0
# Browsers answer these by themselves, however slowly they let a hidden page work.
PING_SECONDS, LOST_SECONDS = 5.0, 15.0
# For the last words to somebody who may not read them.
PARTING_SECONDS = 2.0


class RoomSocket:
    """Reads messages within their rate, and sends what waits in its outbox."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, load: Load) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._outbox = Outbox(load, fell_behind=self._fall_behind)
        self._task = asyncio.current_task()
        self._ending: Over | None = None
        self._rate = Rate(time.monotonic())
        self._complained_at = 0.0
        self._is_open = True
        self.began_at = time.monotonic()
        scope["connect.stop"] = self._stop
        scope.get("connect.pulse", _nothing)(PING_SECONDS, LOST_SECONDS)

    @property
    def request_id(self) -> str:
        """What log lines and events name the socket by."""
        found: str = self._scope["connect.request_id"]
        return found

    @property
    def is_ending(self) -> bool:
        """Whether it was told to end, or has ended."""
        return self._ending is not None or not self._is_open

    # What it says

    async def first(self) -> First:
        """Waits for the message that a socket begins with; raises Over, Left."""
        try:
            async with asyncio.timeout(FIRST_SECONDS):
                return read_first(await self._text())
        except TimeoutError:
            text = f"Send enter or resume within {FIRST_SECONDS:.0f} seconds."
            raise Over("MALFORMED", text, TIMEOUT) from None

    async def next(self, pace: Pace) -> Message:
        """Waits for the next message within the rate; raises Over, Left."""
        while True:
            text = await self._text()
            if pace.is_due():
                await pace.wait()  # What many say at once is read a few milliseconds a turn.
            if self._rate.allows(len(text), time.monotonic()):
                return read(text)
            self._complain()

    def _complain(self) -> None:
        if self._rate.is_exhausted:
            raise Over("SLOW_DOWN")
        if time.monotonic() - self._complained_at > 1:
            self._complained_at = time.monotonic()
            self.tell(messages.problem("SLOW_DOWN", "Too many messages: some were dropped."))

    async def _text(self) -> str:
        received = await self._receive()
        if received["type"] == "websocket.disconnect":
            self._is_open = False
            raise Left(received.get("code") or ABNORMAL)
        text: str | None = received.get("text")
        if text is None:
            raise malformed("Send messages as text, not as binary frames.")
        return text

    def settle(self) -> None:
        """Says that it is in use: it is not closed to make room for others."""
        self._scope.get("connect.settled", _nothing)()

    # What it is told

    def tell(self, text: str) -> None:
        """Sends a message soon; ends the socket where too much waits for it to read."""
        if not self.is_ending and not self._outbox.put(text):
            self._fall_behind()

    def _fall_behind(self) -> None:
        self.end(Over("", "Read what you are sent.", TRY_LATER))

    @asynccontextmanager
    async def conversation(self) -> AsyncIterator[None]:
        """Sends what it is told while the block runs; raises Over when it is ended meanwhile."""
        writing = asyncio.ensure_future(self._outbox.drain(self._put))
        try:
            yield
        except asyncio.CancelledError:
            if self._ending is None or self._task is None:
                raise
            self._task.uncancel()
            raise self._ending from None
        finally:
            self._task = None  # It ends already.
            await self._finish(writing)

    async def _finish(self, writing: "asyncio.Task[None]") -> None:
        self._outbox.close()
        if self._is_open and not (self._ending and self._ending.close == TRY_LATER):
            await asyncio.wait([writing], timeout=PARTING_SECONDS)
        writing.cancel()
        with suppress(asyncio.CancelledError, Left):
            await writing
        self._outbox.clear()

    async def _put(self, text: str) -> None:
        try:
            await self._send({"type": "websocket.send", "text": text})
        except (OSError, RuntimeError):
            # It was closed below: the other side is gone, or broke the rules of WebSockets.
            self._is_open = False
            raise Left(ABNORMAL) from None

    # How it ends

    def end(self, over: Over) -> None:
        """Ends it soon, whatever it is doing; the first reason counts."""
        if self._ending is None and self._task is not None:
            self._ending = over
            self._task.cancel()

    def _stop(self) -> None:
        self.end(Over("RESTARTING"))

    async def close(self, over: Over | None) -> None:
        """Says the last word, if there is one, and closes the socket, unless it is closed."""
        if not self._is_open:
            return
        self._is_open = False
        with suppress(OSError, RuntimeError, TimeoutError, Left):
            async with asyncio.timeout(PARTING_SECONDS):
                if over is not None and over.code:
                    await self._put(messages.over(over.code, over.message))
                code = COMPLETED if over is None else over.close
                reason = "" if over is None else _brief(over.message)
                await self._send({"type": "websocket.close", "code": code, "reason": reason})


def _brief(text: str) -> str:
    """Returns a reason, cut to what fits into a closing frame."""
    return text.encode()[:123].decode(errors="ignore")


def _nothing(*_: float) -> None:
    """Does nothing: this server does not care."""
