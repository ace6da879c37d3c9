"""What the page shows of a link, in the visitor's language."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from db.models import AppointmentStatus
from rest.wire.answer import render
from schema.domain.admission import HOPEFUL, Admission, AdmissionCode
from schema.resolvers.joining import Visit

from ..languages.language import Language
from . import words
from .words import Words


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
    is_far: bool = False
    has_room: bool = False


def view_of(
    outcome: LinkOutcome, language: Language, is_in: bool = False, has_room: bool = False
) -> View:
    """Returns what the page shows.

    `is_in` says that the visitor has joined already, `has_room` that this page becomes the room.
    """
    visit = outcome.visit
    admission, appointment, participant = visit.admission, visit.appointment, visit.participant
    data = render(data_of(outcome._replace(is_post=False)), 0).decode()
    text = language.text(words.sentence_of(admission))
    shown = words.WORDS[admission.code]
    if appointment is None or participant is None:
        return View(shown.said_in(language), text, data, visit)
    status = appointment.status
    role = language.text(words.ROLES[participant.role])
    is_open = admission.code is AdmissionCode.OPEN
    has_room = has_room and admission.code in HOPEFUL
    if is_open and is_in and status is AppointmentStatus.ACTIVE:
        follows = language.text(words.ROOM_OPENS if has_room else words.WILL_CONNECT)
        joined = words.JOINED.said_in(language)
        return View(joined, follows, data, visit, role, has_room=has_room)
    if status is AppointmentStatus.NO_SHOW:
        shown = words.MISSED
    is_far = words.is_far(admission)
    checks = bool((appointment.config or {}).get("join_screen_enabled"))
    return View(
        (words.FAR if is_far else shown).said_in(language),
        text,
        data,
        visit,
        role,
        can_join=is_open,
        checks_devices=checks and admission.code in HOPEFUL,
        opens_for_all=is_open and status is AppointmentStatus.SCHEDULED,
        is_far=is_far,
        has_room=has_room,
    )


def data_of(outcome: LinkOutcome) -> dict[str, Any]:
    """Returns the decision as data, with the appointment and participant of a known link."""
    visit = outcome.visit
    data = decision(visit.admission.code.value, visit.admission)
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


def decision(code: str, admission: Admission) -> dict[str, Any]:
    """Returns a decision as data, in English."""
    return {
        "code": code,
        "message": admission.message,
        "opens_at": admission.opens_at,
        "closes_at": admission.closes_at,
        "server_time": admission.server_time,
    }
