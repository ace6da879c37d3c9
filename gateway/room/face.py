"""The WebSocket at `/room`: from its handshake to its end."""

import asyncio
import time
from contextlib import AbstractAsyncContextManager, ExitStack

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from db.engine import DatabaseUnavailable, StatementFailed
from schema.domain.errors import Problem
from schema.operation.call import Services
from schema.operation.carrying import carried
from schema.resolvers.seating import SeatRefused
from schema.rooms import BuiltinRooms

from ..crew.counts import Counts
from ..join.throttle import LinkThrottle
from ..live.handshake import FOREIGN, Origins
from ..middleware.crossroads import ROOM_PATHS
from ..middleware.refusals import refuse_upgrade
from .actions import Actions
from .figures import Figures
from .member import Member
from .places import Crowded, Places
from .rooms import Rooms
from .talk import messages
from .talk.outbox import Load
from .talk.over import COMPLETED, FAILED, TRY_LATER, Left, Over
from .talk.protocol import Enter, First, Message
from .talk.socket import RoomSocket

NO_ROOMS = "There are no rooms here: the operator sets CONNECT_ROOMS=builtin."
CROWDED = "Too many connections to rooms are open: close one, or try again later."
UNAVAILABLE = "The database cannot be reached at the moment: try again."
# Each may write twice: when a seat is taken or resumed, and when its socket is gone.
ATTEMPTS_A_MINUTE = 600
# What somebody who guesses is told. Not GONE: after an outage it is said to everybody behind one
# address at once, and a seat's key is too long to be guessed within the attempts of a minute.
GUESSED = frozenset({"TICKET_EXPIRED"})

log = structlog.get_logger("connect.room")


class RoomFace:
    """Accepts or refuses handshakes, and serves the sockets that it accepts."""

    def __init__(
        self,
        origins: Origins,
        throttle: LinkThrottle,
        counts: Counts | None = None,
        *,
        is_alone: bool = False,
    ) -> None:
        self.figures = Figures()
        self._origins = origins
        self._throttle = throttle
        self._attempts = LinkThrottle(ATTEMPTS_A_MINUTE, max_addresses=500)
        self._places = Places(counts=counts)
        self._rooms = Rooms(self.figures, is_alone=is_alone)
        self._load = Load()

    def running(self, services: Services) -> AbstractAsyncContextManager[None]:
        """Keeps the rooms of this process while the block runs."""
        return self._rooms.running(services)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one WebSocket, from its handshake to its end."""
        await receive()
        services: Services = scope["state"]["services"]
        with ExitStack() as places:
            try:
                self._admit(scope, services, places)
            except Refusal as refusal:
                self.figures.refusals[refusal.code] += 1
                body = orjson.dumps({"detail": refusal.message, "code": refusal.code})
                await refuse_upgrade(send, refusal.status, body)
                return
            await send({"type": "websocket.accept"})
            await self._serve(RoomSocket(scope, receive, send, self._load), services, _host(scope))

    def _admit(self, scope: Scope, services: Services, places: ExitStack) -> None:
        if not isinstance(services.rooms, BuiltinRooms):
            raise Refusal(404, "NO_ROOMS", NO_ROOMS)
        if not self._origins.welcome(scope):
            raise Refusal(403, "FORBIDDEN_ORIGIN", FOREIGN)
        try:
            places.enter_context(self._places.of_address(_host(scope)))
        except Crowded:
            raise Refusal(429, "TOO_MANY_SOCKETS", CROWDED) from None

    async def _serve(self, socket: RoomSocket, services: Services, host: str) -> None:
        over: Over | None = None
        code = COMPLETED
        self.figures.sockets += 1
        try:
            async with socket.conversation():
                await self._converse(socket, services, host)
        except Left as left:
            code = left.code
        except Over as raised:
            over = raised
        except (DatabaseUnavailable, StatementFailed, TimeoutError) as error:
            log.error("database_unavailable", request_id=socket.request_id, reason=repr(error))
            over = Over("", UNAVAILABLE, TRY_LATER)
        except Exception:
            log.exception("socket_failed", request_id=socket.request_id)
            over = Over("", "Something went wrong on our side.", FAILED)
        finally:
            self.figures.sockets -= 1
        if over is not None:
            code = over.close
            if code != COMPLETED:  # Who leaves is told nothing else, and was refused nothing.
                self.figures.refusals[over.code or str(code)] += 1
        await socket.close(over)
        seconds = round(time.monotonic() - socket.began_at, 3)
        log.info("room_left", request_id=socket.request_id, code=code, seconds=seconds)

    async def _converse(self, socket: RoomSocket, services: Services, host: str) -> None:
        first = await socket.first()
        with ExitStack() as places:
            member = await self._entered(socket, services, first, host, places)
            socket.settle()
            try:
                while True:
                    message = await socket.next(services.pace)
                    await self._act(services, member, socket, message)
            finally:
                services.spawn(self._rooms.lose(member))

    async def _entered(
        self,
        socket: RoomSocket,
        services: Services,
        first: First,
        host: str,
        places: ExitStack,
    ) -> Member:
        now = services.clock.now()
        try:
            if self._attempts.seconds_to_wait(host, now.timestamp()):
                raise Over("SLOW_DOWN")
            if isinstance(first, Enter):
                said = services.tickets.read(first.ticket, now)
                if said is not None:
                    places.enter_context(self._places.of_person(said.participant_id))
            async with asyncio.timeout(services.operation_seconds):
                entering = self._rooms.enter(services, socket, first)
                member = await carried(services, entering, self._rooms.lose)
            if not isinstance(first, Enter):  # Of whom it was not known before who they are.
                self._count(services, member, places)
            return member
        except SeatRefused as refused:
            if refused.code in GUESSED and self._throttle.seconds_to_wait(host, now.timestamp()):
                raise Over("SLOW_DOWN") from None
            raise Over(refused.code, refused.message) from None
        except Crowded:
            raise Over("SLOW_DOWN", CROWDED) from None
        except Problem as problem:
            raise Over("NOT_OPEN", problem.message) from None

    def _count(self, services: Services, member: Member, places: ExitStack) -> None:
        try:
            places.enter_context(self._places.of_person(member.seat.participant_id))
        except Crowded:
            services.spawn(self._rooms.lose(member))
            raise

    async def _act(
        self, services: Services, member: Member, socket: RoomSocket, message: Message
    ) -> None:
        try:
            async with asyncio.timeout(services.operation_seconds):
                await Actions(self._rooms, services).take(member, message, socket.request_id)
        except SeatRefused as refused:
            member.tell(messages.problem(refused.code, refused.message))
        except Problem as problem:
            member.tell(messages.problem("NOT_ALLOWED", problem.message))
        except (DatabaseUnavailable, StatementFailed, TimeoutError) as error:
            log.error("database_unavailable", request_id=socket.request_id, reason=repr(error))
            member.tell(messages.problem("UNAVAILABLE", UNAVAILABLE))


def routes() -> list[BaseRoute]:
    """Returns the routes that answer requests which are no handshake."""
    return [Route(path, _upgrade_required) for path in ROOM_PATHS]


async def _upgrade_required(request: Request) -> Response:
    body = {"detail": "Connect with a WebSocket.", "code": "UPGRADE_REQUIRED"}
    return JSONResponse(body, 426, {"Upgrade": "websocket"})


class Refusal(Exception):
    """The handshake is answered with this status instead of being accepted."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message


def _host(scope: Scope) -> str:
    return scope["client"][0] if scope.get("client") else ""
