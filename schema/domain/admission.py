"""Who may come in now: the one function that decides, for the join page, GraphQL and REST alike.

Pure, like `schema.domain.rules`; `schema.resolvers.joining` asks it with rows it has read.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from db.models import AppointmentRow, AppointmentStatus, ParticipantRole, ParticipantRow


class AdmissionCode(StrEnum):
    """Whether a link leads in now, or why not."""

    TOO_EARLY = "TOO_EARLY"
    OPEN = "OPEN"
    WAITING_FOR_MODERATOR = "WAITING_FOR_MODERATOR"
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"
    REMOVED = "REMOVED"
    UNKNOWN_LINK = "UNKNOWN_LINK"


# The visitor may still get in; every other decision is final.
HOPEFUL = frozenset(
    {AdmissionCode.TOO_EARLY, AdmissionCode.OPEN, AdmissionCode.WAITING_FOR_MODERATOR}
)


class Window(NamedTuple):
    """When links are open: around the planned time, by settings."""

    opens_before: timedelta = timedelta(minutes=15)
    moderators_open_before: timedelta = timedelta(minutes=15)
    closes_after: timedelta = timedelta(minutes=30)


class Admission(NamedTuple):
    """The decision, with what a person or an app needs to act on it."""

    code: AdmissionCode
    message: str
    server_time: datetime
    opens_at: datetime | None = None
    closes_at: datetime | None = None


MISSED = "Nobody started this appointment in time. Ask the organizer for a new one."
OVER = "This appointment has ended."
CANCELLED = "This appointment was cancelled."
EARLY = "It is too early: this link opens shortly before the appointment."
WAITING = "The appointment has not been opened yet: wait for the moderator."
COME_IN = "Come in."
GONE = "You are no longer invited to this appointment. Ask the organizer if this is a mistake."
REPLACED = "This link was replaced by a newer one. Ask the organizer for your new link."
UNKNOWN = "This link is not known here. Check that it is complete, or ask the organizer for it."


def decide(
    appointment: AppointmentRow, participant: ParticipantRow, now: datetime, window: Window
) -> Admission:
    """Decides whether the participant may come in at `now`."""
    opens_at, closes_at = opening_hours(appointment, participant.role, window)
    code, message = _decide(appointment, participant, now, opens_at, closes_at)
    return Admission(code, message, now, opens_at, closes_at)


def opening_hours(
    appointment: AppointmentRow, role: ParticipantRole, window: Window
) -> tuple[datetime, datetime]:
    """Returns when the link of a role opens and when it closes; kept within the calendar."""
    is_moderator = role is ParticipantRole.MODERATOR
    lead = window.moderators_open_before if is_moderator else window.opens_before
    return (
        _shifted(appointment.start_date_time, -lead),
        _shifted(appointment.end_date_time, window.closes_after),
    )


def _decide(
    appointment: AppointmentRow,
    participant: ParticipantRow,
    now: datetime,
    opens_at: datetime,
    closes_at: datetime,
) -> tuple[AdmissionCode, str]:
    status = appointment.status
    if status is AppointmentStatus.CANCELLED:
        return AdmissionCode.CANCELLED, CANCELLED
    if status is AppointmentStatus.NO_SHOW:
        return AdmissionCode.ENDED, MISSED
    if status is AppointmentStatus.ACTIVE:
        # Nobody stands in front of an open room: it is over when the clock has completed it, a
        # moment after the window closes, or later while the clock holds still.
        return AdmissionCode.OPEN, COME_IN
    if status is AppointmentStatus.COMPLETED or now > closes_at:
        return AdmissionCode.ENDED, OVER
    if now < opens_at:
        return AdmissionCode.TOO_EARLY, EARLY
    if participant.role is ParticipantRole.MODERATOR:
        return AdmissionCode.OPEN, COME_IN
    return AdmissionCode.WAITING_FOR_MODERATOR, WAITING


def changes_at(admission: Admission) -> datetime | None:
    """Returns when time alone may change a decision; None when only somebody can."""
    now, opens_at, closes_at = admission.server_time, admission.opens_at, admission.closes_at
    if opens_at is not None and now < opens_at:
        return opens_at
    return closes_at if closes_at is not None and now <= closes_at else None


def removed(now: datetime, *, replaced: bool) -> Admission:
    """The decision for a good link whose participant is gone, or that a newer one replaced."""
    return Admission(AdmissionCode.REMOVED, REPLACED if replaced else GONE, now)


def unknown(now: datetime) -> Admission:
    """The decision for a link that we never signed."""
    return Admission(AdmissionCode.UNKNOWN_LINK, UNKNOWN, now)


def _shifted(instant: datetime, by: timedelta) -> datetime:
    try:
        return instant + by
    except OverflowError:
        return instant
