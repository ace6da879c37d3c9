"""Turns an admission decision into a response: status, headers, and a page or JSON."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Scope

from db.models import AppointmentStatus
from rest.wire.answer import render
from rest.wire.media import quality
from schema.domain.admission import HOPEFUL, Admission, AdmissionCode
from schema.operation.call import Services
from schema.resolvers.joining import Visit, seat_of

from ..rendering import template
from . import words
from .address import EVENTS
from .words import Words

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
RETRY_SECONDS = 5
CROWDED_SECONDS = 60
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
WITH_DEVICES = "camera=(self), microphone=(self), speaker-selection=(self)"
WITHOUT_DEVICES = "camera=(), microphone=()"
WEB_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")


class LinkOutcome(NamedTuple):
    """The result of one request; `address` is the room to go to, None when there is none."""

    visit: Visit
    is_post: bool = False
    has_joined: bool = False
    address: str | None = None
    room: dict[str, Any] | None = None


@dataclass(frozen=True)
class View:
    """The values that the template shows; `data` is the script's initial state, as JSON."""

    words: Words
    text: str
    data: str
    visit: Visit
    role: str = ""
    can_join: bool = False
    checks_devices: bool = False
    opens_for_all: bool = False


class Answers:
    """Renders decisions and refusals as pages, whose addresses begin with `base`, or as JSON."""

    def __init__(self, base: str = "") -> None:
        self._base = base

    @cached_property
    def _template(self) -> "Template":
        filters = {"day": words.day, "time": words.time}
        return template("join.html", filters, words=words, base=self._base)

    def render(self, request: Request, services: Services, outcome: LinkOutcome) -> Response:
        """Returns the response that shows a decision."""
        status = status_of(outcome)
        if wants_json(request):
            return _json(status, data_of(outcome))
        if outcome.has_joined:
            address = outcome.address or f"{self._base}{request.scope['path']}?joined=1"
            return RedirectResponse(address, 303, HEADERS)
        destination = _destination(services, outcome.visit)
        is_in = destination is None and "joined" in request.query_params
        return self._page(status, view_of(outcome, is_in), destination)

    def throttled(self, request: Request, now: datetime, seconds: int) -> Response:
        """Returns 429 for too many unknown links; `seconds` is how long to wait."""
        text = words.TRY_LATER.format(seconds)
        code = AdmissionCode.UNKNOWN_LINK.value
        return self._refusal(request, 429, code, words.THROTTLED, text, now, seconds)

    def crowded(self, now: datetime) -> Response:
        """Returns 429 for a stream when too many are open; asking for the decision still works."""
        admission = Admission(AdmissionCode.UNKNOWN_LINK, words.CROWDED, now)
        response = _json(429, _decision("TOO_MANY_STREAMS", admission))
        response.headers["Retry-After"] = str(CROWDED_SECONDS)
        return response

    def unavailable(self, request: Request, now: datetime) -> Response:
        """Returns 503, for when the database cannot be reached."""
        text = words.CANNOT_LOOK
        return self._refusal(
            request, 503, "UNAVAILABLE", words.UNAVAILABLE, text, now, RETRY_SECONDS
        )

    def failed(self, request: Request, now: datetime, request_id: str) -> Response:
        """Returns 500, for an unexpected error; the page quotes `request_id`."""
        shown = words.FAILED._replace(note=words.FAILED.note.format(request_id))
        return self._refusal(
            request, 500, "INTERNAL_SERVER_ERROR", shown, words.OUR_FAULT, now, RETRY_SECONDS
        )

    def _refusal(
        self,
        request: Request,
        status: int,
        code: str,
        shown: Words,
        text: str,
        now: datetime,
        seconds: int,
    ) -> Response:
        data = _decision(code, Admission(AdmissionCode.UNKNOWN_LINK, text, now))
        if wants_json(request):
            response = _json(status, data)
        else:
            visit = Visit(Admission(AdmissionCode.UNKNOWN_LINK, text, now))
            response = self._page(status, View(shown, text, render(data, 0).decode(), visit))
        response.headers["Retry-After"] = str(seconds)
        return response

    def _page(self, status: int, view: View, destination: str | None = None) -> Response:
        html = self._template.render(view=view).encode("utf-8", "replace")
        devices = WITH_DEVICES if view.checks_devices else WITHOUT_DEVICES
        policy = f"{POLICY} {origin_of(destination)}".rstrip()
        headers = {"Content-Security-Policy": policy, "Permissions-Policy": devices}
        return HTMLResponse(html, status, HEADERS | headers)


def wants_json(request: Request) -> bool:
    """Whether the request prefers JSON; without an explicit preference it gets the page."""
    if is_stream(request.scope):
        return True
    accept = request.headers.get("accept", "")
    return quality(accept, "application/json") > quality(accept, "text/html")


def is_stream(scope: Scope) -> bool:
    """Whether the request is for the event stream of a link."""
    return str(scope["path"]).endswith(EVENTS)


def status_of(outcome: LinkOutcome) -> int:
    """Returns the HTTP status; 409 for a POST while the visitor cannot join yet."""
    status = STATUSES[outcome.visit.admission.code]
    return 409 if outcome.is_post and not outcome.has_joined and status == 200 else status


def data_of(outcome: LinkOutcome) -> dict[str, Any]:
    """Returns the decision as data, with the appointment and participant of a known link."""
    visit = outcome.visit
    data = _decision(visit.admission.code.value, visit.admission)
    if visit.appointment is not None and visit.participant is not None:
        data |= {
            "title": visit.appointment.title,
            "organization_name": visit.organization_name,
            "display_name": visit.participant.display_name,
            "role": visit.participant.role.value,
            "status": visit.appointment.status.value,
        }
    data |= {"room": outcome.room} if outcome.room else {}
    return data | ({"address": outcome.address} if outcome.is_post else {})


def _decision(code: str, admission: Admission) -> dict[str, Any]:
    return {
        "code": code,
        "message": admission.message,
        "opens_at": admission.opens_at,
        "closes_at": admission.closes_at,
        "server_time": admission.server_time,
    }


def view_of(outcome: LinkOutcome, is_in: bool = False) -> View:
    """Returns what the page shows; `is_in` says that the visitor has joined already."""
    visit = outcome.visit
    admission, appointment, participant = visit.admission, visit.appointment, visit.participant
    data = render(data_of(outcome._replace(is_post=False)), 0).decode()
    shown = words.WORDS[admission.code]
    if appointment is None or participant is None:
        return View(shown, admission.message, data, visit)
    status = appointment.status
    role = words.ROLES[participant.role]
    is_open = admission.code is AdmissionCode.OPEN
    if is_open and is_in and status is AppointmentStatus.ACTIVE:
        return View(words.JOINED, words.WILL_CONNECT, data, visit, role)
    if status is AppointmentStatus.NO_SHOW:
        shown = words.MISSED
    checks = bool((appointment.config or {}).get("join_screen_enabled"))
    return View(
        shown,
        admission.message,
        data,
        visit,
        role,
        can_join=is_open,
        checks_devices=checks and admission.code in HOPEFUL,
        opens_for_all=is_open and status is AppointmentStatus.SCHEDULED,
    )


def origin_of(address: str | None) -> str:
    """Returns the web origin of an address for `form-action`, or an empty string.

    Browsers apply `form-action` to the redirects of a form as well.
    """
    parts = urlsplit(address or "")
    origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()
    return origin if WEB_ORIGIN.fullmatch(origin) else ""


def _destination(services: Services, visit: Visit) -> str | None:
    """Returns the room's address; only its origin is used, the address is not shown."""
    seat = seat_of(services, visit)
    if seat is None or visit.admission.code is not AdmissionCode.OPEN:
        return None
    return services.rooms.address(seat)


def _json(status: int, data: dict[str, Any]) -> Response:
    return Response(render(data, 0), status, HEADERS, "application/json")
