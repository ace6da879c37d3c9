"""Turns an admission decision into a response: status, headers, and a page or JSON."""

import re
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from rest.wire.answer import render
from rest.wire.media import quality
from schema.domain.admission import Admission, AdmissionCode
from schema.operation.call import Services
from schema.resolvers.joining import Visit, seat_of
from schema.rooms import BuiltinRooms

from ..languages.choice import language_of, query_of
from ..languages.language import Language
from ..languages.markup import names
from ..languages.menu import menu
from ..rendering import template
from . import words
from .address import FOR_SCRIPTS
from .refusals import Refusal
from .texts import path_of
from .view import LinkOutcome, View, data_of, decision, view_of

if TYPE_CHECKING:
    from jinja2 import Template

STATUSES = {
    AdmissionCode.TOO_EARLY: 200,
    AdmissionCode.OPEN: 200,
    AdmissionCode.WAITING_FOR_MODERATOR: 200,
    AdmissionCode.ENDED: 410,
    AdmissionCode.CANCELLED: 410,
    AdmissionCode.REMOVED: 410,
    AdmissionCode.UNKNOWN_LINK: 404,
}
CROWDED_SECONDS = 60
ENGLISH = Language()
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept, Accept-Language",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
WITH_DEVICES = "camera=(self), microphone=(self), speaker-selection=(self)"
WITH_ROOM = f"{WITH_DEVICES}, display-capture=(self)"
WITHOUT_DEVICES = "camera=(), microphone=()"
WEB_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")


class Answers:
    """Renders decisions and refusals as pages, whose addresses begin with `base`, or as JSON."""

    def __init__(self, base: str = "") -> None:
        self._base = base

    @cached_property
    def _template(self) -> "Template":
        return template("join.html", words=words, base=self._base)

    def render(self, request: Request, services: Services, outcome: LinkOutcome) -> Response:
        """Returns the response that shows a decision."""
        status = status_of(outcome)
        if wants_json(request):
            return _json(status, data_of(outcome))
        if outcome.has_joined:
            path = f"{self._base}{request.scope['path']}"
            address = outcome.address or f"{path}?joined=1{query_of(request, '&')}"
            return RedirectResponse(address, 303, HEADERS)
        destination = _destination(services, outcome.visit)
        is_in = destination is None and "joined" in request.query_params
        home = outcome.visit.home
        language = language_of(request, home and home.language)
        view = view_of(
            outcome,
            language,
            is_in,
            isinstance(services.rooms, BuiltinRooms),
            _link(services, outcome.visit),
        )
        room = _room(services, outcome.visit) if view.has_room else None
        return self._page(request, status, view, language, destination, room)

    def refuse(self, request: Request, refusal: Refusal, now: datetime) -> Response:
        """Returns the response that shows why there is no decision."""
        message = refusal.said_in(ENGLISH)
        visit = Visit(Admission(AdmissionCode.UNKNOWN_LINK, message, now))
        data = decision(refusal.code, visit.admission)
        if wants_json(request):
            response = _json(refusal.status, data)
        else:
            language = language_of(request)
            shown = refusal.words.said_in(language, number=refusal.number)
            view = View(shown, refusal.said_in(language), render(data, 0).decode(), visit)
            response = self._page(request, refusal.status, view, language)
        response.headers["Retry-After"] = str(refusal.retry_after)
        return response

    def crowded(self, now: datetime) -> Response:
        """Returns 429 for a stream when too many are open; asking for the decision still works."""
        admission = Admission(AdmissionCode.UNKNOWN_LINK, words.CROWDED, now)
        response = _json(429, decision("TOO_MANY_STREAMS", admission))
        response.headers["Retry-After"] = str(CROWDED_SECONDS)
        return response

    def _page(
        self,
        request: Request,
        status: int,
        view: View,
        language: Language,
        destination: str | None = None,
        room: str | None = None,
    ) -> Response:
        html = self._template.render(
            view=view,
            link=f"{self._base}{request.scope['path']}",
            query=query_of(request, "?"),
            texts=path_of(language.tag),
            menu=menu(request),
            **names(language),
        )
        devices = WITH_DEVICES if view.checks_devices else WITHOUT_DEVICES
        devices = WITH_ROOM if view.has_room else devices
        policy = f"{POLICY} {origin_of(destination)}".rstrip()
        if room:
            policy = policy.replace("connect-src 'self'", f"connect-src 'self' {room}")
        headers = {
            "Content-Language": language.tag,
            "Content-Security-Policy": policy,
            "Permissions-Policy": devices,
        }
        return HTMLResponse(html.encode("utf-8", "replace"), status, HEADERS | headers)


def _link(services: Services, visit: Visit) -> str | None:
    person = visit.participant
    return services.links.url(person.id, person.link_version) if person else None


def wants_json(request: Request) -> bool:
    """Whether the request prefers JSON; without an explicit preference it gets the page."""
    if str(request.scope["path"]).endswith(FOR_SCRIPTS):
        return True
    accept = request.headers.get("accept", "")
    return quality(accept, "application/json") > quality(accept, "text/html")


def status_of(outcome: LinkOutcome) -> int:
    """Returns the HTTP status; 409 for a POST while the visitor cannot join yet."""
    status = STATUSES[outcome.visit.admission.code]
    return 409 if outcome.is_post and not outcome.has_joined and status == 200 else status


def origin_of(address: str | None) -> str:
    """Returns the web origin of an address for `form-action`, or an empty string.

    Browsers apply `form-action` to the redirects of a form as well.
    """
    parts = urlsplit(address or "")
    origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()
    return origin if WEB_ORIGIN.fullmatch(origin) else ""


def _room(services: Services, visit: Visit) -> str:
    """Returns the address of the room's socket, which Safari before 16 does not count as 'self'."""
    if visit.participant is None:
        return ""
    link = services.links.url(visit.participant.id, visit.participant.link_version)
    origin = origin_of(link)
    path = urlsplit(link).path.rpartition("/join/")[0]
    return f"{origin.replace('http', 'ws', 1)}{path}/room" if origin else ""


def _destination(services: Services, visit: Visit) -> str | None:
    """Returns the room's address; only its origin is used, the address is not shown."""
    seat = seat_of(services, visit)
    if seat is None or visit.admission.code is not AdmissionCode.OPEN:
        return None
    return services.rooms.address(seat)


def _json(status: int, data: dict[str, Any]) -> Response:
    return Response(render(data, 0), status, HEADERS, "application/json")
