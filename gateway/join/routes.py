"""The routes of access links: a page for people, JSON for apps, an event stream for both.

GET and HEAD write nothing, because mail scanners and chat previews send them too; joining is a
POST.
"""

import asyncio
from pathlib import Path
from typing import Any

import structlog
from starlette.datastructures import Headers, URLPath
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Match, NoMatchFound, Route
from starlette.types import Receive, Scope, Send

from db.engine import DatabaseUnavailable
from schema.domain.admission import HOPEFUL, AdmissionCode
from schema.domain.errors import Problem
from schema.domain.tickets import SeatTicket
from schema.operation.call import Services
from schema.resolvers import joining
from schema.resolvers.joining import JoinOutcome, Visit

from ..crew.counts import Counts
from ..docs import MEDIA_TYPES, PageEndpoint, constant
from ..languages.choice import prepare
from ..live.figures import Figures
from . import refusals, texts
from .address import CALENDAR, CONNECTION, EVENTS, LinkAddress, address_of
from .answers import HEADERS, Answers, wants_json
from .connection import connection
from .ics import SHOWN, calendar_file
from .places import Crowded
from .refusals import Refusal
from .stream import DecisionStream, DecisionStreams
from .throttle import LinkThrottle
from .view import LinkOutcome

ASSETS = Path(__file__).parent / "assets"
# The socket of the built-in room, below the path of the public address.
ROOM = "/room"
ALLOW = {"Allow": "GET, HEAD, POST"}
ALLOW_READING = {"Allow": "GET, HEAD"}
# What metrics call it, by the part of the link that is asked for.
OPERATIONS = {EVENTS: "watch", CALENDAR: "calendar", CONNECTION: "connection"}
# Bodies are ignored: a small one is left unread, a larger one closes the connection.
MAX_BODY_BYTES = 65_536

log = structlog.get_logger("connect.join")
Reply = Response | DecisionStream


def routes(
    figures: Figures,
    throttle: LinkThrottle | None = None,
    counts: Counts | None = None,
    base: str = "",
) -> list[BaseRoute]:
    """Returns the routes of the join page, its style sheet and its scripts.

    Clients find them below `base`, the path of the public URL.
    """
    files = [file for file in sorted(ASSETS.rglob("*")) if file.suffix in MEDIA_TYPES]
    assets = [
        Route(
            f"/join/assets/{file.relative_to(ASSETS).as_posix()}",
            PageEndpoint(constant(file.read_bytes, MEDIA_TYPES[file.suffix])),
            include_in_schema=False,
        )
        for file in files
    ]
    words = Route(f"{texts.FOLDER}/{{name}}", PageEndpoint(texts.answer), include_in_schema=False)
    streams = DecisionStreams(figures, counts)
    return [*assets, words, JoinRoute(streams, throttle or LinkThrottle(), base)]


class JoinRoute(BaseRoute):
    """Matches everything below `/join`; a path pattern would miss links with a line break."""

    path = "/join/{token}"

    def __init__(self, streams: DecisionStreams, throttle: LinkThrottle, base: str = "") -> None:
        self._answers = Answers(base)
        self._base = base
        self._streams = streams
        self._throttle = throttle

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Matches every request whose path is `/join` or below it."""
        is_ours = scope["type"] == "http" and (scope["path"] + "/").startswith("/join/")
        return (Match.FULL if is_ours else Match.NONE), {}

    def url_path_for(self, name: str, /, **path_params: object) -> URLPath:
        """Raises NoMatchFound: `schema.domain.links` builds the links."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        address = address_of(scope["path"])
        is_tidy = scope["path"] == address.path
        # Whatever asks for the path from here on sees the link alone.
        scope["path"] = address.path
        allow = ALLOW_READING if address.part else ALLOW
        if scope["method"] not in allow["Allow"].split(", "):
            response: Reply = PlainTextResponse("Method not allowed.", 405, allow)
        else:
            response = await self._respond(Request(scope), address, is_tidy)
        if _is_large(Headers(scope=scope)):
            response.headers["Connection"] = "close"
        if scope["method"] == "HEAD" and isinstance(response, Response):
            response.body = b""  # The headers, including Content-Length, stay.
        await response(scope, receive, send)

    async def _respond(self, request: Request, address: LinkAddress, is_tidy: bool) -> Reply:
        is_post = request.method == "POST"
        name = OPERATIONS.get(address.part) or ("join" if is_post else "look")
        request.scope["connect.operation"] = ("join", name)
        services: Services = request.state.services
        request_id: str = request.scope["connect.request_id"]
        token = address.token
        try:
            wait = self._seconds_to_wait(request, services, token)
            if wait:
                return await self._refuse(request, services, refusals.throttled(wait))
            if not (is_tidy or wants_json(request)) and _is_page(request, services, address):
                return RedirectResponse(self._base + _target(request, address), 302, HEADERS)
            # A join that has begun continues after the timeout; the next attempt finds it done.
            async with asyncio.timeout(services.operation_seconds):
                if is_post:
                    outcome = await _join(services, token, request_id, self._base)
                else:
                    outcome = LinkOutcome(await joining.look(services, token))
            if not wants_json(request):
                home = outcome.visit.home
                await prepare(request, home and home.language)
            found = await self._part(request, services, address, outcome.visit)
            return found or self._answers.render(request, services, outcome)
        except Crowded:
            return self._answers.crowded(services.clock.now())
        except (DatabaseUnavailable, TimeoutError) as error:
            log.error("database_unavailable", request_id=request_id, reason=repr(error))
            return await self._refuse(request, services, refusals.unavailable())
        except Exception:
            log.exception("unexpected_error", request_id=request_id, method=request.method)
            return await self._refuse(request, services, refusals.failed(request_id))

    async def _refuse(self, request: Request, services: Services, refusal: Refusal) -> Response:
        await prepare(request)
        return self._answers.refuse(request, refusal, services.clock.now())

    async def _part(
        self, request: Request, services: Services, address: LinkAddress, visit: Visit
    ) -> Reply | None:
        """Returns what is behind the link itself, if that is asked for and the link leads there."""
        code = visit.admission.code
        if address.part == EVENTS and code in HOPEFUL:
            return self._streams.respond(request, services, address.token, visit)
        if address.part == CONNECTION and code in HOPEFUL:
            return connection(services, visit)
        if address.part == CALENDAR and code in SHOWN:
            return await calendar_file(request, services, visit)
        return None

    def _seconds_to_wait(self, request: Request, services: Services, token: str) -> int:
        # Checking the signature takes microseconds, and valid links are never throttled.
        if services.links.read(token) is not None:
            return 0
        address = request.client.host if request.client else ""
        return self._throttle.seconds_to_wait(address, services.clock.now().timestamp())


def _is_page(request: Request, services: Services, address: LinkAddress) -> bool:
    """Whether the request is for the page of a link that we signed."""
    is_look = request.method != "POST" and not address.part
    return is_look and services.links.read(address.token) is not None


def _target(request: Request, address: LinkAddress) -> str:
    return f"{address.path}?{request.url.query}" if request.url.query else address.path


async def _join(services: Services, token: str, request_id: str, base: str) -> LinkOutcome:
    """Joins when the link is open; checks that with a read, so that only a join has to write."""
    visit = await joining.look(services, token)
    joined = JoinOutcome(visit)
    if visit.admission.code is AdmissionCode.OPEN:
        try:
            joined = await _complete_join(services, token, request_id)
        except Problem:
            # The appointment was cancelled or ended in between: answer with its new state.
            return LinkOutcome(await joining.look(services, token), is_post=True)
        visit = joined.visit
    has_joined = visit.admission.code is AdmissionCode.OPEN
    return LinkOutcome(visit, True, has_joined, joined.address, _room(joined.ticket, base))


def _room(ticket: SeatTicket | None, base: str) -> dict[str, Any] | None:
    if ticket is None:
        return None
    return {"socket": base + ROOM, "ticket": ticket.text, "expires_at": ticket.expires_at}


async def _complete_join(services: Services, token: str, request_id: str) -> JoinOutcome:
    # A join that has begun completes even if the client disconnects; shutdown waits for it.
    task = services.spawn(joining.join(services, token, request_id))
    task.add_done_callback(_noticed)
    return await asyncio.shield(task)


def _noticed(done: "asyncio.Task[JoinOutcome]") -> None:
    """Keeps asyncio from reporting a failure that came after the visitor had been answered."""
    if not done.cancelled():
        done.exception()


def _is_large(headers: Headers) -> bool:
    length = headers.get("content-length", "")
    is_small = not length or (length.isdecimal() and int(length[:9]) <= MAX_BODY_BYTES)
    return "transfer-encoding" in headers or not is_small
