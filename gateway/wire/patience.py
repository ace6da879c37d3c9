"""An HTTP protocol that waits for nobody for ever, and works for nobody who has left.

What arrives is bounded by its lower half, `gateway.wire.intake`.
Times are looked at by a `Watch`: nothing is set up or torn down for a single request.
"""

import asyncio
import math
from asyncio import Transport
from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from .flow import Flow, Unsent, has_left, refusal
from .intake import BETWEEN, BODY, Intake, Unacceptable, log
from .outlet import Outlet
from .watch import Watch, watch_of

REQUEST_SECONDS = 30.0
LINGER_SECONDS = 1.0
MOST_LINGERING_BYTES = 1 << 20


class PatientProtocol(Intake):
    """A connection: requests arrive within `REQUEST_SECONDS`, and answers are read."""

    deadline: float
    _watch: Watch
    _outlet: Outlet
    _unsent: Unsent
    _is_refused = False
    _lingering_bytes = 0
    _current: RequestResponseCycle | None = None
    _task: "asyncio.Task[None] | None" = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begins to wait for the first request."""
        super().connection_made(transport)
        self._outlet = Outlet(transport, self.loop)
        self.transport = self._outlet  # type: ignore[assignment]
        self.flow = Flow(transport, self.pipeline)
        self._unsent = Unsent(transport)
        self.deadline = self.loop.time() + REQUEST_SECONDS
        self._watch = watch_of(self.server_state, self.loop)
        self._watch.add(self, len(self.connections))

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the work for a request whose caller has gone."""
        super().connection_lost(exc)
        self._watch.remove(self)
        self.pipeline.clear()
        current, task = self._current, self._task
        if current is None or task is None or current.response_complete:
            return
        self._disconnect(current)
        scope: Any = current.scope
        scope["connect.client_gone"] = True
        # Not at once: a task that has not begun would end without a line in the log.
        self.loop.call_soon(task.cancel)

    def handle_websocket_upgrade(self) -> None:
        """Leaves the connection to another protocol."""
        self._watch.remove(self)
        self.transport = self._outlet.transport
        super().handle_websocket_upgrade()

    def resume_writing(self) -> None:
        """Goes on: the other side reads again."""
        self._unsent.forget()
        super().resume_writing()

    # From request to answer

    def data_received(self, data: bytes) -> None:
        """Reads what has arrived; after a refusal it is thrown away."""
        if self._is_refused:
            self._linger(data)
        else:
            super().data_received(data)

    def on_message_begin(self) -> None:
        """Begins to wait for the rest of a request."""
        super().on_message_begin()
        if not self._is_answering():
            self.deadline = self.loop.time() + REQUEST_SECONDS

    def on_message_complete(self) -> None:
        """The request is there: the connection is not idle until it is answered."""
        super().on_message_complete()
        if self._is_answering():
            self.deadline = math.inf
            self._watch.is_busy(self)
        else:
            self._await_request()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._current = cycle
        self._task = task = self.loop.create_task(cycle.run_asgi(app))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def on_response_complete(self) -> None:
        """Goes on with the next request that has arrived, or waits for one."""
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
        """Whether a request that has arrived as a whole is not yet answered."""
        current = self._current
        return current is not None and not current.response_complete and not current.more_body

    def _await_request(self) -> None:
        seconds = self.timeout_keep_alive if self._stage is BETWEEN else REQUEST_SECONDS
        self.deadline = self.loop.time() + seconds
        self._watch.is_idle(self)

    # Closing

    def is_overdue(self, now: float) -> bool:
        """Whether a request takes too long to arrive or an answer to be read, or nobody is there.

        While requests wait, nothing is read, and so nobody is heard leaving.
        """
        if self.flow.read_paused and has_left(self.transport):
            return True
        return now > self.deadline or self._unsent.is_stuck(now)

    def drop(self) -> None:
        """Closes the connection; what was not read of an answer is thrown away."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.transport.close()

    def turn_away(self) -> None:
        """Answers 503: as many connections as there may be are being served."""
        self._refuse(Unacceptable(503, "Too many connections: try again in a moment."))

    def _refuse(self, found: Unacceptable) -> None:
        self._is_refused = True
        log.debug("refused", status=found.status, reason=found.message)
        if self.pipeline and self.pipeline[0][0].more_body:
            self.pipeline.popleft()  # The request that is refused: the last to arrive.
        if self.pipeline or self._is_answering():
            # Requests before the one that is refused get their answers, and nothing follows.
            self.flow.pause_reading()
        elif self._stage is BODY and self._current and self._current.response_started:
            self._cut_off(b"")
        else:
            self._cut_off(refusal(found.status, found.message, self.server_state.default_headers))

    def _cut_off(self, answer: bytes) -> None:
        if self._current is not None and not self._current.response_complete:
            self._disconnect(self._current)
        self.transport.write(answer)
        # Closing while bytes are unread would make the other side lose the answer.
        self.transport.write_eof()
        self.flow.resume_reading()
        self.deadline = self.loop.time() + LINGER_SECONDS

    def _linger(self, data: bytes) -> None:
        self._lingering_bytes += len(data)
        if self._lingering_bytes > MOST_LINGERING_BYTES:
            self.drop()

    def _disconnect(self, cycle: RequestResponseCycle) -> None:
        """Tells the application that the caller has gone, whatever it awaits."""
        cycle.disconnected = True
        cycle.message_event.set()
