"""Domain rules: pure functions over values that raise a Problem; no database, no caller.

Called by the resolvers; tested without a database.
"""

from datetime import datetime, timedelta
from typing import Any

from db.models import AppointmentRow, AppointmentStatus

from .errors import FieldError, NotAllowedInStatus, Path, ValidationFailed, VersionConflict

EDITABLE = frozenset({AppointmentStatus.SCHEDULED, AppointmentStatus.NO_SHOW})
OVER = frozenset({AppointmentStatus.COMPLETED, AppointmentStatus.CANCELLED})


def is_editable(appointment: AppointmentRow) -> bool:
    """Whether the appointment may be changed now."""
    return appointment.status in EDITABLE


def ensure_editable(appointment: AppointmentRow) -> None:
    """Raises NotAllowedInStatus when the appointment is under way or over."""
    if appointment.status in EDITABLE:
        return
    if appointment.status is AppointmentStatus.CANCELLED:
        message = "Cancelled appointments cannot be updated."
    else:
        message = "Active and completed appointments cannot be updated."
    raise NotAllowedInStatus(appointment.status, "update", message)


def ensure_participants_changeable(appointment: AppointmentRow) -> None:
    """Raises NotAllowedInStatus when the appointment is over."""
    if appointment.status in OVER:
        message = "Participants of completed and cancelled appointments cannot be changed."
        raise NotAllowedInStatus(appointment.status, "participants", message)


def ensure_version(appointment: AppointmentRow, expected: int | None) -> None:
    """Raises VersionConflict when the caller has seen another version."""
    if expected is not None and expected != appointment.version:
        raise VersionConflict(appointment.version)


def ensure_in_calendar(start: datetime, duration_minutes: int, path: Path) -> None:
    """Raises ValidationFailed when the end would lie after the year 9999."""
    try:
        start + timedelta(minutes=duration_minutes)
    except OverflowError:
        message = "Start earlier: the end would lie after the year 9999."
        raise ValidationFailed([FieldError(path, "out_of_range", message)]) from None


def changed(row: tuple[Any, ...], wanted: dict[str, Any]) -> dict[str, Any]:
    """The part of `wanted` that differs from what `row` holds."""
    return {name: value for name, value in wanted.items() if getattr(row, name) != value}


def status_after_reschedule(
    appointment: AppointmentRow, start: datetime, duration_minutes: int, now: datetime
) -> AppointmentStatus:
    """A missed appointment that is given a time in the future is scheduled again."""
    ahead = start + timedelta(minutes=duration_minutes) > now
    if appointment.status is AppointmentStatus.NO_SHOW and ahead:
        return AppointmentStatus.SCHEDULED
    return appointment.status


def times_of(before: AppointmentRow, after: AppointmentRow) -> dict[str, Any]:
    """Old and new times of a reschedule, for its event."""
    return {
        "old": {"start": _text(before.start_date_time), "duration": before.duration_minutes},
        "new": {"start": _text(after.start_date_time), "duration": after.duration_minutes},
    }


def _text(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
