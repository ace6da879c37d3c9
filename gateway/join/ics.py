"""The appointment of a link as an iCalendar file (RFC 5545), for the visitor's own calendar."""

import asyncio
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from db.models import AppointmentRow
from schema.domain.admission import HOPEFUL, AdmissionCode
from schema.operation.call import Services
from schema.resolvers.joining import Visit

from ..languages.choice import language_of
from ..languages.language import Language
from ..languages.marks import N_
from ..version import VERSION
from .answers import HEADERS
from .contact import mail_of
from .view import contact_of, reason_of
from .words import sentence_of

if TYPE_CHECKING:
    from icalendar import Calendar, Event

# A calendar may hold what has been cancelled, too, if only to cross it out.
SHOWN = HOPEFUL | {AdmissionCode.CANCELLED}
REMINDER = timedelta(minutes=-15)
# RFC 5545 lets no control character but the tab into a text.
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
INVITATION = N_("{organization} invites you. Open this link to join:")
YOURS_ALONE = N_("It is yours alone: do not pass it on.")
REASON = N_("Reason: {reason}")
QUESTIONS = N_("Questions? Ask the organizer: {contact}")


class Entry(NamedTuple):
    """What one participant's calendar shows; `mail` is the organization's address, if it has one.

    `id` is that of the participant: two people on one calendar are two entries, and a new time
    changes the entry that is there. `link` is None once the appointment has been cancelled.
    """

    id: str
    appointment: AppointmentRow
    organization_name: str
    description: str
    link: str | None
    mail: str | None
    now: datetime


async def calendar_file(request: Request, services: Services, visit: Visit) -> Response:
    """Returns the file for a visit that SHOWN holds, in the visitor's language."""
    language = language_of(request, visit.home and visit.home.language)
    entry = _entry(services, visit, language)
    method = method_of(entry)
    media_type = "text/calendar; charset=utf-8" + (f"; method={method}" if method else "")
    name = f"appointment-{entry.appointment.start_date_time:%Y-%m-%d}.ics"
    headers = HEADERS | {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Language": language.tag,
    }
    return Response(await file_of(entry), 200, headers, media_type)


def _entry(services: Services, visit: Visit, language: Language) -> Entry:
    appointment, person = visit.appointment, visit.participant
    if appointment is None or person is None:
        raise ValueError("only a known link has an appointment")
    is_on = visit.admission.code in HOPEFUL
    link = services.links.url(person.id, person.link_version) if is_on else None
    return Entry(
        person.id,
        appointment,
        visit.organization_name,
        "\n".join(_description(visit, link, language)),
        link,
        mail_of(contact_of(visit)),
        visit.admission.server_time,
    )


def _description(visit: Visit, link: str | None, language: Language) -> Iterator[str]:
    if link:
        yield language.text(INVITATION, organization=visit.organization_name)
        yield link
        yield language.text(YOURS_ALONE)
    else:
        yield language.text(sentence_of(visit.admission))
    if reason := reason_of(visit):
        yield language.text(REASON, reason=reason)
    if contact := contact_of(visit):
        yield language.text(QUESTIONS, contact=contact)


async def file_of(entry: Entry) -> bytes:
    """Returns the file."""
    # Importing takes 40 ms, once: in a thread, so that nobody else waits for it.
    await asyncio.to_thread(import_module, "icalendar")
    return bytes(_calendar(entry).to_ical())


def method_of(entry: Entry) -> str | None:
    """Returns the METHOD; without an ORGANIZER there is none, because RFC 5546 requires both."""
    if entry.mail is None:
        return None
    return "PUBLISH" if entry.link else "CANCEL"


def _calendar(entry: Entry) -> "Calendar":
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", f"-//Consularia//Connect {VERSION}//EN")
    if method := method_of(entry):
        calendar.add("method", method)
    calendar.add_component(_event(entry, method))
    return calendar


def _event(entry: Entry, method: str | None) -> "Event":
    from icalendar import Event

    row = entry.appointment
    event = Event()
    event.add("uid", entry.id)
    # Without a METHOD it says when this was last changed, as LAST-MODIFIED does.
    event.add("dtstamp", entry.now if method else row.updated_at)
    event.add("created", row.created_at)
    event.add("last-modified", row.updated_at)
    event.add("sequence", row.version)
    event.add("status", "CONFIRMED" if entry.link else "CANCELLED")
    # An instant, as everywhere here; each calendar shows it in the zone of its owner.
    event.add("dtstart", row.start_date_time)
    event.add("dtend", row.end_date_time)
    event.add("summary", _clean(row.title))
    event.add("description", _clean(entry.description))
    # Whoever sees the link can join: shared calendars show the time and nothing else.
    event.add("class", "PRIVATE")
    if entry.mail:
        _add_organizer(event, entry.mail, entry.organization_name)
    if entry.link:
        _add_link(event, entry.link, row.title)
    return event


def _add_organizer(event: "Event", mail: str, name: str) -> None:
    from icalendar import vCalAddress

    organizer = vCalAddress(f"mailto:{mail}")
    organizer.params["CN"] = _clean(name)
    event["organizer"] = organizer


def _add_link(event: "Event", link: str, title: str) -> None:
    from icalendar import Alarm

    event.add("url", link)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", REMINDER)
    alarm.add("description", _clean(title))
    event.add_component(alarm)


def _clean(text: str) -> str:
    return CONTROLS.sub(" ", text).replace("\r\n", "\n").replace("\r", "\n")
