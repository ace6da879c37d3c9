"""A WebSocket that waits for nobody for ever: what arrives is bounded, and silence is noticed.

`gateway.wire.patience` hands it upgraded connections.
"""

import asyncio
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.server import ServerState
from websockets.frames import Frame
from websockets.http11 import Request

from .flow import Unsent, refusal
from .parting import CLOSING_SECONDS, PartingSocket
from .watch import Watch, watch_of

# Under the minute after which proxies close what is silent.
PING_SECONDS = 45.0
PONG_SECONDS = 20.0
LOOK_SECONDS = 5.0  # Thousands of idle sockets need not be looked at every second.
# What is parsed at once, and how many messages may wait for the application: small ones take far
# more memory parsed than as they arrive.
SLICE = 2_048
MOST_QUEUED = 16
MOST_FRAGMENTS = 256
# Pings and pongs in a second.
MOST_BEATS = 50
NOT_UTF8, POLICY = 1007, 1008
MALFORMED = "This is not the handshake of a WebSocket: its lines are too long or malformed."


class PatientSocket(PartingSocket):
    """A connection after its upgrade; the application calls `connect.settled` once it is known.

    Until then it is one of those that are closed first when there are too many.
    """

    _watch: Watch
    _unsent: Unsent
    _unparsed: bytes | memoryview = b""
    _fragments = 0
    _beats = 0
    _beats_since = 0.0
    _is_due = False
    _heard_at = 0.0
    _is_asked = False
    # After how many seconds of silence it is asked, and dropped, where the application says so.
    _pulse: tuple[float, float] | None = None

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any]
    ) -> None:
        super().__init__(config, server_state, app_state)
        self._server_state = server_state
        # A server that retires asks every client to close, but this connection is to be upgraded.
        self.default_headers = [each for each in self.default_headers if each[0] != b"connection"]
        # For the other side's half of the closing.
        self.close_timeout = CLOSING_SECONDS

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins with a connection that another protocol has handed over."""
        super().connection_made(transport)
        self._unsent = Unsent(self.transport)
        self._heard_at = self.loop.time()
        self._watch = watch_of(self._server_state, self.loop)
        self._watch.add(self, len(self.connections))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tells the application, which ends what runs for the other side."""
        self._watch.remove(self)
        self._unparsed = b""
        super().connection_lost(exc)

    # What arrives

    def data_received(self, data: bytes) -> None:
        """Reads what has arrived, as far as the application keeps up."""
        self._heard_at = self.loop.time()
        self._is_asked = False
        self._unparsed = bytes(self._unparsed) + data if self._unparsed else data
        self._parse()

    def _parse(self) -> None:
        """Parses a slice; the rest waits for the next turn of the loop, or for the application."""
        self._is_due = False
        if self.queue.qsize() >= MOST_QUEUED:
            return
        part, rest = self._unparsed[:SLICE], memoryview(self._unparsed)[SLICE:]
        self._unparsed = rest if len(rest) else b""
        super().data_received(bytes(part))
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self._turn_down(400, MALFORMED)
        if self.transport.is_closing():
            self._unparsed = b""
        elif self._unparsed:
            self._parse_later()
        else:
            self._read_on()

    def _parse_later(self) -> None:
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()
        if not self._is_due:
            self._is_due = True
            self.loop.call_soon(self._parse)

    def _read_on(self) -> None:
        if self.read_paused and self.queue.empty():
            self.read_paused = False
            self.transport.resume_reading()

    async def receive(self) -> Any:
        """Returns the next message; reads on once those that have arrived are taken."""
        message = await self.queue.get()
        if self._unparsed:
            self._parse_later()
        else:
            self._read_on()
        return message

    def handle_connect(self, event: Request) -> None:
        """Hands a valid handshake to the application; answers any other with what is wrong."""
        response = self.conn.accept(event)
        if response.status_code == 101:
            super().handle_connect(event)
            scope = cast(Any, self.scope)
            scope["connect.settled"], scope["connect.pulse"] = self._settle, self._watch_pulse
            return
        reason = response.body.decode(errors="replace").strip()
        headers = [(name.lower(), value) for name, value in response.headers.raw_items()]
        kept = [
            each for each in headers if each[0] in ("upgrade", "allow", "sec-websocket-version")
        ]
        self._turn_down(response.status_code, reason, kept)

    def _settle(self) -> None:
        self._watch.mark_busy(self)
        # A third of what an idle socket takes: nobody asks for the handshake again.
        kept = cast(Any, self)
        kept.request = kept.response = None
        kept.scope["headers"] = []

    def _watch_pulse(self, ping_seconds: float, lost_seconds: float) -> None:
        self._pulse, self._look_at = (ping_seconds, lost_seconds), 0.0

    def _turn_down(
        self, status: int, reason: str, headers: list[tuple[str, str]] | None = None
    ) -> None:
        self.handshake_complete = self.close_sent = True
        added = [(name.encode(), value.encode("latin-1")) for name, value in headers or ()]
        self.transport.write(refusal(status, reason, [*self.default_headers, *added]))
        self.transport.close()

    def handle_cont(self, event: Frame) -> None:
        """Takes a fragment of a message; ends with a client that sends many tiny ones."""
        self._fragments += 1
        if self._fragments > MOST_FRAGMENTS:
            self.conn.fail(POLICY, "Send a message in fewer fragments.")
            self.handle_parser_exception()
            return
        super().handle_cont(event)

    def send_receive_event_to_app(self) -> None:
        """Queues a message that is complete; closes with 1007 for text that is not UTF-8."""
        self._fragments = 0
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.conn.fail(NOT_UTF8, "Send text as UTF-8.")
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def handle_ping(self) -> None:
        """Answers a ping, unless the other side does not read what it is sent, or sends many."""
        if not self._may_beat():
            return
        answer = b"".join(self.conn.data_to_send())
        if self.writable.is_set():
            self.transport.write(answer)

    def handle_pong(self, event: Frame) -> None:
        """Takes a sign of life."""
        self._may_beat()

    def _may_beat(self) -> bool:
        """Counts pings and pongs; closes the connection of a client that sends nothing else."""
        now = self.loop.time()
        if now - self._beats_since > 1:
            self._beats, self._beats_since = 0, now
        self._beats += 1
        if self._beats > MOST_BEATS and not self.close_sent:
            self.conn.fail(POLICY, "Send fewer pings.")
            self.handle_parser_exception()
        return self._beats <= MOST_BEATS

    # What is sent

    def resume_writing(self) -> None:
        """Goes on: the other side reads again."""
        self._unsent.forget()
        super().resume_writing()

    async def send(self, message: Any) -> None:
        """Sends a message as soon as the other side has read enough of those before."""
        await super().send(message)
        if self.close_sent:
            # After a refusal, too: uvicorn would log an error. Nobody looks at what else arrived.
            self.handshake_complete, self._unparsed = True, b""
            while self.queue.qsize() > 1:
                self.queue.get_nowait()

    # Watched

    def is_overdue(self, now: float) -> bool:
        """Whether the other side has not read, or given no sign of life, for too long.

        One that has been silent for a while is asked for one first.
        """
        if now < self._look_at:
            return False
        self._look_at = now + (LOOK_SECONDS if self._pulse is None else 0.0)
        ping_seconds, lost_seconds = self._pulse or (PING_SECONDS, PING_SECONDS + PONG_SECONDS)
        if now > self._leaves_at or self._unsent.is_stuck(now):
            return True
        silent = now - self._heard_at
        is_open = self.handshake_complete and not (self.close_sent or self.transport.is_closing())
        if silent > ping_seconds and not self._is_asked and is_open:
            self._is_asked = True
            self.conn.send_ping(b"")
            self.transport.write(b"".join(self.conn.data_to_send()))
        return silent > lost_seconds

    def drop(self) -> None:
        """Closes it without a word: nobody would read one, or there is no room."""
        self.transport.abort()

    turn_away = drop
