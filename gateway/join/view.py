"""What the page shows of a link, in the visitor's language."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from db.models import AppointmentStatus
from rest.wire.answer import render
from schema.domain.admission import HOPEFUL, Admission, AdmissionCode
from schema.resolvers.joining import Visit

from ..languages.language import Language
from . import words
from .contact import address_of_contact
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
    """The values that the template shows; `data` is the script's initial state, as JSON.

    `link` is the address for paper, of a link that may still lead in.
    """

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
    link: str | None = None

    @property
    def reason(self) -> str | None:
        """Why the appointment was cancelled, if visitors may know."""
        return reason_of(self.visit)

    @property
    def contact(self) -> str | None:
        """How to reach the organization."""
        return contact_of(self.visit)

    @property
    def contact_address(self) -> str | None:
        """Where the contact leads when it is chosen."""
        return address_of_contact(self.contact)


def view_of(
    outcome: LinkOutcome,
    language: Language,
    is_in: bool = False,
    has_room: bool = False,
    link: str | None = None,
) -> View:
    """Returns what the page shows.

    `is_in` says that the visitor has joined already, `has_room` that this page becomes the room,
    `link` is the whole address.
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
        return View(joined, follows, data, visit, role, has_room=has_room, link=link)
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
        link=link if admission.code in HOPEFUL else None,
    )


def contact_of(visit: Visit) -> str | None:
    """Returns how to reach the organization of a link; None where nobody knows it."""
    return visit.home.contact if visit.home else None


def reason_of(visit: Visit) -> str | None:
    """Returns why the appointment was cancelled, if the organization shows that."""
    is_shown = visit.home is not None and visit.home.shows_cancel_reason
    is_cancelled = visit.admission.code is AdmissionCode.CANCELLED
    reason = visit.appointment.cancel_reason if visit.appointment and is_cancelled else None
    return (reason or "").strip() or None if is_shown else None


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
    if visit.home is not None:
        data["contact"] = contact_of(visit)
    if visit.admission.code is AdmissionCode.CANCELLED:
        data["cancel_reason"] = reason_of(visit)
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
