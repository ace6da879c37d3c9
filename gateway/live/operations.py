"""The operations of one socket: started, numbered, ended by either side."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress

import structlog

from db.models import EventSource
from schema.domain.errors import Unauthenticated
from schema.execution.documents import Operation
from schema.execution.errors import problem
from schema.operation.arrival import Arrival
from schema.operation.call import Call

from ..graphql_operation import REFUSALS, Operations
from ..graphql_request import BadRequest, Params, checked
from ..wire.ending import ANSWERING_SECONDS
from . import protocol
from .connections import FORBIDDEN, Connection
from .figures import Figures, delay
from .protocol import SUBSCRIBER_EXISTS, Closing, Left, Message

MOST_OPERATIONS = 20
# Responses that a socket has in memory, executed and not sent: who does not read would otherwise
# hold as many as it has operations.
MOST_RESPONSES = 2
TRANSPORT = "websocket"
LOOK_SECONDS = 0.1
CROWDED = (
    f"This socket runs {MOST_OPERATIONS} operations, as many as it may: complete one, or open "
    "another socket."
)

log = structlog.get_logger("connect.live")
Tell = Callable[[str], Awaitable[None]]
Observe = Callable[[str, str, int, float], None]


class SocketOperations:
    """What runs on one socket; an error in one operation ends only that one."""

    def __init__(
        self,
        operations: Operations,
        arrival: Arrival,
        tell: Tell,
        socket: Connection,
        figures: Figures,
        observe: Observe,
    ) -> None:
        self._operations = operations
        self._arrival = arrival
        self._tell = tell
        self._socket = socket
        self._figures = figures
        self._observe = observe
        self._running: dict[str, asyncio.Task[None]] = {}
        self._following: set[asyncio.Task[None]] = set()
        # Mutations of a socket are made in the order in which they were sent.
        self._turn = asyncio.Lock()
        self._room = asyncio.Semaphore(MOST_RESPONSES)
        self.begun = 0
        self.events = 0

    async def begin(self, message: Message) -> None:
        """Starts an operation; raises Closing with 4409 when one with that id still runs."""
        if message.id in self._running:
            raise Closing(SUBSCRIBER_EXISTS, f"Subscriber for {message.id} already exists")
        if len(self._running) >= MOST_OPERATIONS:
            self._operations.errors["TOO_MANY_OPERATIONS"] += 1
            error = problem(CROWDED, "TOO_MANY_OPERATIONS")
            await self._tell(protocol.errors(message.id, [error]))
            return
        self.begun += 1
        call = self._arrival._replace(request_id=f"{self._arrival.request_id}.{self.begun}").call(
            EventSource.GRAPHQL
        )
        self._running[message.id] = asyncio.ensure_future(self._run(message, call))

    def complete(self, id: str) -> None:
        """Ends an operation at the client's wish; unknown ones have just ended by themselves."""
        task = self._running.pop(id, None)
        if task is not None:
            task.cancel()

    async def finish(self) -> None:
        """Waits until all but subscriptions are answered, for `ANSWERING_SECONDS` at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWERING_SECONDS):
                while answering := set(self._running.values()) - self._following:
                    # Another look, because one of them may have begun to follow.
                    await asyncio.wait(answering, timeout=LOOK_SECONDS)

    async def end(self) -> None:
        """Ends all of them."""
        running = list(self._running.values())
        self._running.clear()
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)

    async def _run(self, message: Message, call: Call) -> None:
        try:
            farewell = await self._outcome(message, call)
        except Left:
            return
        except Unauthenticated as error:
            self._socket.end(FORBIDDEN, error.message)
            return
        if self._running.get(message.id) is asyncio.current_task():
            # First, so that a client which reads the end may use the id again.
            del self._running[message.id]
            with suppress(Left):
                await self._tell(farewell)

    async def _outcome(self, message: Message, call: Call) -> str:
        """Runs the operation; returns the message that ends it."""
        began = time.perf_counter()
        kind, status = "other", 200
        try:
            # All that a socket may run can be asked for at once.
            await call.services.pace.wait()
            params = checked(message.payload, message.size)
            operation = self._operations.find(params, self._arrival, call)
            kind = operation.kind
            await self._execute(message.id, operation, params, call)
            return protocol.complete(message.id)
        except BadRequest as bad:
            status = bad.status
            return protocol.errors(message.id, [self._operations.malformed(bad)])
        except Unauthenticated:
            status = 401
            raise
        except REFUSALS as error:
            found = self._operations.refused(error)
            status = found.status
            return protocol.errors(message.id, found.errors)
        except (Left, asyncio.CancelledError):
            status = 499
            raise
        except Exception:
            status = 500
            log.exception("operation_failed", request_id=call.request_id)
            self._operations.errors["INTERNAL_SERVER_ERROR"] += 1
            ours = problem("Something went wrong on our side.", "INTERNAL_SERVER_ERROR")
            return protocol.errors(message.id, [ours])
        finally:
            if kind != "subscription":
                self._told(kind, status, time.perf_counter() - began, call)

    async def _execute(self, id: str, operation: Operation, params: Params, call: Call) -> None:
        price = self._operations.price(operation, params, call)
        if operation.kind == "subscription":
            await self._follow(id, operation, params, call, price.points)
            return
        if operation.kind == "mutation":
            async with self._turn:
                await self._answer(id, operation, params, call)
        else:
            await self._answer(id, operation, params, call)

    async def _answer(self, id: str, operation: Operation, params: Params, call: Call) -> None:
        async with self._room:
            response = await self._operations.run(operation, call, params.variables, call.services)
            await self._tell(protocol.next_result(id, response))

    async def _follow(
        self, id: str, operation: Operation, params: Params, call: Call, points: int
    ) -> None:
        if (task := asyncio.current_task()) is not None:
            self._following.add(task)
            task.add_done_callback(self._following.discard)
        deliveries = self._operations.follow(operation, call, params.variables, points, self._room)
        since = call.now()
        with self._figures.subscribed(TRANSPORT):
            async with aclosing(deliveries):
                async for delivery in deliveries:
                    await self._tell(protocol.next_result(id, delivery.response))
                    behind = delay(delivery.event.occurred_at, since, call.now())
                    del delivery  # It is not needed until the next comes, which may take hours.
                    self.events += 1
                    self._figures.delivered(TRANSPORT, behind)

    def _told(self, kind: str, status: int, seconds: float, call: Call) -> None:
        self._observe(TRANSPORT, kind, status, seconds)
        if kind == "mutation" or status >= 400:
            log.info(
                "request",
                request_id=call.request_id,
                face=TRANSPORT,
                operation=kind,
                status=status,
                ms=round(seconds * 1000, 1),
            )
