"""An HTTP protocol with timeouts, which cancels the work for clients that have left.

Its base class, `gateway.wire.intake`, limits what arrives. A `Watch` checks the timeouts, so no
request has to set or clear a timer.
"""

import asyncio
import math
from asyncio import Transport
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from .figures import WireFigures
from .flow import Flow, Unsent, has_left, refusal
from .intake import BETWEEN, BODY, Intake, Unacceptable, log
from .outlet import Outlet
from .watch import Watch, watch_of

REQUEST_SECONDS = 30.0
LINGER_SECONDS = 1.0
# What a client is left to read of a stream when the service stops: it resumes elsewhere.
STOPPING_SECONDS = 2.0
MOST_LINGERING_BYTES = 1 << 20


class PatientProtocol(Intake):
    """A connection: requests must arrive within `REQUEST_SECONDS`, and responses must be read."""

    deadline: float
    _watch: Watch
    _outlet: Outlet
    _unsent: Unsent
    _is_refused = False
    _lingering_bytes = 0
    _current: RequestResponseCycle | None = None
    _task: "asyncio.Task[None] | None" = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Starts waiting for the first request."""
        super().connection_made(transport)
        self._outlet = Outlet(transport, self.loop)
        self.transport = self._outlet  # type: ignore[assignment]
        self.flow = Flow(transport, self.pipeline)
        self._unsent = Unsent(transport)
        self.deadline = self.loop.time() + REQUEST_SECONDS
        self._watch = watch_of(self.server_state, self.loop)
        if (figures := self._figures) is not None:
            figures.connections = self.connections
        self._watch.add(self, len(self.connections))

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancels the request that is being answered: its client has gone."""
        super().connection_lost(exc)
        self._watch.remove(self)
        self.pipeline.clear()
        current, task = self._current, self._task
        if current is None or task is None or current.response_complete:
            return
        self._disconnect(current)
        scope: Any = current.scope
        scope["connect.client_gone"] = True
        # Cancelled later, because a task that has not started would end without a log line.
        self.loop.call_soon(task.cancel)

    def handle_websocket_upgrade(self) -> None:
        """Hands the connection over to another protocol, unless a response is still being sent."""
        if self._current is not None and not self._current.response_complete:
            # Nobody would tell the application when that client leaves: a stream never ended.
            self._refuse(Unacceptable(400, "Open a WebSocket on a connection of its own."))
            return
        self._watch.remove(self)
        self.transport = self._outlet.transport
        super().handle_websocket_upgrade()

    def _should_upgrade(self) -> bool:
        """Whether a request opens a WebSocket; any other upgrade is ignored, as HTTP allows."""
        head = self.scope
        is_get = head.get("method") == "GET" and head["http_version"] == "1.1"
        return is_get and super()._should_upgrade()

    def resume_writing(self) -> None:
        """Continues writing: the client reads again."""
        self._unsent.forget()
        super().resume_writing()

    def shutdown(self) -> None:
        """Lets the current response complete; ends a stream now, dropped if it is not read."""
        super().shutdown()
        self.retire()

    def retire(self) -> None:
        """Ends a stream now, dropped if it is not read; anything else goes on."""
        current = self._current
        if current is not None and not current.response_complete:
            stop = cast(Any, current.scope).get("connect.stop")
            if stop is not None:
                stop()
                self.deadline = self.loop.time() + STOPPING_SECONDS

    # From request to response

    def data_received(self, data: bytes) -> None:
        """Reads what has arrived; discards it after a refusal."""
        if self._is_refused:
            self._linger(data)
        else:
            super().data_received(data)

    def on_message_begin(self) -> None:
        """Starts waiting for the rest of a request."""
        super().on_message_begin()
        if not self._is_answering():
            self.deadline = self.loop.time() + REQUEST_SECONDS

    def on_message_complete(self) -> None:
        """Marks the connection as busy until the complete request is answered."""
        super().on_message_complete()
        if self._is_answering():
            self.deadline = math.inf
            self._watch.mark_busy(self)
        else:
            self._await_request()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._current = cycle
        self._task = task = self.loop.create_task(cycle.run_asgi(app))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def on_response_complete(self) -> None:
        """Continues with the next request that has arrived, or waits for one."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self._is_refused:
            self._cut_off(b"")
            return
        if not self._is_answering():
            self._await_request()
        self.flow.resume_reading()

    def _is_answering(self) -> bool:
        """Whether a request has arrived completely and is not answered yet."""
        current = self._current
        return current is not None and not current.response_complete and not current.more_body

    def _await_request(self) -> None:
        seconds = self.timeout_keep_alive if self._stage is BETWEEN else REQUEST_SECONDS
        self.deadline = self.loop.time() + seconds
        self._watch.mark_idle(self)

    # Closing

    def is_overdue(self, now: float) -> bool:
        """Whether the request is late, the response is not being read, or the client has left.

        While requests wait, reading is paused, so that a disconnect has to be asked for.
        """
        if self.flow.read_paused and has_left(self.transport):
            return True
        return now > self.deadline or self._unsent.is_stuck(now)

    def drop(self) -> None:
        """Closes the connection; discards what the client has not read of a response."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.transport.close()

    def turn_away(self) -> None:
        """Answers 503, because every connection that the limit allows is in use."""
        self._refuse(Unacceptable(503, "Too many connections: try again in a moment."))

    @property
    def _figures(self) -> WireFigures | None:
        found: WireFigures | None = self.app_state.get("wire")
        return found

    def _refuse(self, found: Unacceptable) -> None:
        self._is_refused = True
        if self._figures is not None:
            self._figures.refused(found.status)
        log.debug("refused", status=found.status, reason=found.message)
        if self.pipeline and self.pipeline[0][0].more_body:
            self.pipeline.popleft()  # The refused request, which is the last to arrive.
        if self.pipeline or self._is_answering():
            # Earlier requests still get their responses; nothing follows them.
            self.flow.pause_reading()
        elif self._stage is BODY and self._current and self._current.response_started:
            self._cut_off(b"")
        else:
            self._cut_off(refusal(found.status, found.message, self.server_state.default_headers))

    def _cut_off(self, answer: bytes) -> None:
        if self._current is not None and not self._current.response_complete:
            self._disconnect(self._current)
        self.transport.write(answer)
        # Closing with unread bytes would reset the connection, and the client lose the response.
        self.transport.write_eof()
        self.flow.resume_reading()
        self.deadline = self.loop.time() + LINGER_SECONDS

    def _linger(self, data: bytes) -> None:
        self._lingering_bytes += len(data)
        if self._lingering_bytes > MOST_LINGERING_BYTES:
            self.drop()

    def _disconnect(self, cycle: RequestResponseCycle) -> None:
        """Tells the application that the client has gone, whatever it is waiting for."""
        cycle.disconnected = True
        cycle.message_event.set()
