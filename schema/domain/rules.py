"""Domain rules: pure functions over values that raise a Problem; no database, no caller."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol, TypeVar

from db.models import AppointmentRow, AppointmentStatus, EventType
from db.models.appointment import MAX_PARTICIPANTS

from .codes import FieldProblemCode
from .errors import (
    FieldError,
    NotAllowedInStatus,
    OutsideJoinWindow,
    Path,
    ValidationFailed,
    VersionConflict,
    text_of,
)

R = TypeVar("R")
R_contra = TypeVar("R_contra", contravariant=True)

SCHEDULED, ACTIVE = AppointmentStatus.SCHEDULED, AppointmentStatus.ACTIVE
COMPLETED, CANCELLED = AppointmentStatus.COMPLETED, AppointmentStatus.CANCELLED
NO_SHOW = AppointmentStatus.NO_SHOW

EDITABLE = frozenset({SCHEDULED, NO_SHOW})
OVER = frozenset({COMPLETED, CANCELLED})


class Condition(Protocol[R_contra]):
    """What a face makes an operation depend on, in its own terms."""

    def ensure(self, row: R_contra, /) -> None:
        """Returns when the row is as the caller expects; else raises a Problem."""


class Transition(NamedTuple):
    """One step of the life cycle: from one status to another, under the name of its event."""

    verb: str
    source: AppointmentStatus
    target: AppointmentStatus
    event: EventType


# The machine, whole: DESIGN calls it the life cycle. `miss` and `expire` are the clock's.
START = Transition("start", SCHEDULED, ACTIVE, EventType.APPOINTMENT_STARTED)
COMPLETE = Transition("complete", ACTIVE, COMPLETED, EventType.APPOINTMENT_COMPLETED)
CANCEL = Transition("cancel", SCHEDULED, CANCELLED, EventType.APPOINTMENT_CANCELLED)
MISS = Transition("miss", SCHEDULED, NO_SHOW, EventType.APPOINTMENT_MISSED)
EXPIRE = Transition("expire", ACTIVE, COMPLETED, EventType.APPOINTMENT_COMPLETED)


def ensure_possible(appointment: AppointmentRow, transition: Transition) -> bool:
    """Returns False when the step was made already; raises NotAllowedInStatus for any other."""
    if appointment.status is transition.target:
        return False
    if appointment.status is not transition.source:
        verb, status = transition.verb, appointment.status.value.replace("_", " ")
        needed = transition.source.value
        message = f"Only {needed} appointments can {_passive(verb)}; this one is {status}."
        raise NotAllowedInStatus(appointment.status, verb, message)
    return True


def _passive(verb: str) -> str:
    return {"start": "be started", "complete": "be completed", "cancel": "be cancelled"}.get(
        verb, verb
    )


def ensure_within_hours(hours: tuple[datetime, datetime], now: datetime) -> None:
    """Raises OutsideJoinWindow unless `now` lies within the hours, both ends included."""
    opens_at, closes_at = hours
    if not opens_at <= now <= closes_at:
        raise OutsideJoinWindow(opens_at, closes_at)


def values_after(
    appointment: AppointmentRow, transition: Transition, now: datetime, reason: str | None = None
) -> dict[str, Any]:
    """What a step sets on the appointment."""
    values: dict[str, Any] = {"status": transition.target, "updated_at": now}
    if transition.target is ACTIVE:
        # Watched whatever was written before: also one entered late, whose end had passed by then.
        values |= {"started_at": now, "clock_end_at": appointment.end_date_time}
    else:
        values |= {"ended_at": now, "clock_end_at": None}
    if transition.target is CANCELLED:
        values |= {"cancelled_at": now, "cancel_reason": reason}
    return values


def due_transition(status: AppointmentStatus) -> Transition | None:
    """The step that the clock takes when the grace has passed."""
    return {SCHEDULED: MISS, ACTIVE: EXPIRE}.get(status)


def is_editable(appointment: AppointmentRow) -> bool:
    """Whether the appointment may be changed now."""
    return appointment.status in EDITABLE


def ensure_editable(appointment: AppointmentRow) -> None:
    """Raises NotAllowedInStatus when the appointment is under way or over."""
    if appointment.status in EDITABLE:
        return
    if appointment.status is CANCELLED:
        message = "Cancelled appointments cannot be updated."
    else:
        message = "Active and completed appointments cannot be updated."
    raise NotAllowedInStatus(appointment.status, "update", message)


def ensure_participants_changeable(appointment: AppointmentRow) -> None:
    """Raises NotAllowedInStatus when the appointment is over."""
    if appointment.status in OVER:
        message = "Participants of completed and cancelled appointments cannot be changed."
        raise NotAllowedInStatus(appointment.status, "participants", message)


def ensure_room_for(added: int, present: int) -> None:
    """Raises ValidationFailed when an appointment would have more than 1,000 participants."""
    if added and present + added > MAX_PARTICIPANTS:
        room = max(0, MAX_PARTICIPANTS - present)
        message = (
            f"An appointment has at most {MAX_PARTICIPANTS} participants: add {room} or fewer."
        )
        limit = {"limit": MAX_PARTICIPANTS}
        raise ValidationFailed(
            [FieldError(("participants",), FieldProblemCode.TOO_MANY, message, limit)]
        )


def ensure_version(
    appointment: AppointmentRow,
    expected: int | None,
    condition: Condition[AppointmentRow] | None = None,
) -> None:
    """Raises VersionConflict when the caller has seen another version, or what `condition` does."""
    if expected is not None and expected != appointment.version:
        raise VersionConflict(appointment.version)
    ensure_condition(appointment, condition)


def ensure_condition(row: R, condition: Condition[R] | None) -> None:
    """Raises what `condition` raises when the row is not as its caller expects."""
    if condition is not None:
        condition.ensure(row)


def end_of(start: datetime, duration_minutes: int, path: Path) -> datetime:
    """Returns the end; raises ValidationFailed when it would lie after the year 9999."""
    try:
        return start + timedelta(minutes=duration_minutes)
    except OverflowError:
        message = "Start earlier: the end would lie after the year 9999."
        raise ValidationFailed([FieldError(path, FieldProblemCode.OUT_OF_RANGE, message)]) from None


def watched_end(end: datetime, now: datetime) -> datetime | None:
    """The end that the clock watches: none when it has passed already as it is written."""
    return end if end > now else None


def changed(row: tuple[Any, ...], wanted: dict[str, Any]) -> dict[str, Any]:
    """The part of `wanted` that differs from what `row` holds."""
    return {name: value for name, value in wanted.items() if getattr(row, name) != value}


def values_after_reschedule(
    appointment: AppointmentRow, end: datetime, now: datetime
) -> dict[str, Any]:
    """What a new time sets: a missed appointment that is given a future is scheduled again."""
    values: dict[str, Any] = {"clock_end_at": watched_end(end, now)}
    if appointment.status is NO_SHOW:
        if end > now:
            values |= {"status": SCHEDULED, "ended_at": None}
        else:
            values["clock_end_at"] = None
    return values


def times_of(before: AppointmentRow, after: AppointmentRow) -> dict[str, Any]:
    """Old and new times of a reschedule, for its event."""
    return {
        "old": {
            "start_date_time": text_of(before.start_date_time),
            "duration_minutes": before.duration_minutes,
        },
        "new": {
            "start_date_time": text_of(after.start_date_time),
            "duration_minutes": after.duration_minutes,
        },
    }
