"""Operations that move an appointment through its life: start, complete, cancel.

`step` is one step without a check of when it may be taken.
"""

from strawberry import Parent

from db.models import AppointmentRow, AppointmentStatus, ParticipantRole
from db.queries import appointments

from ..domain import rules
from ..domain.admission import opening_hours
from ..inputs import AppointmentId, ExpectedVersion, Reason
from ..operation.call import Call
from ..operation.gate import writes
from .appointments import existing, with_people
from .stays import vacate


@writes
async def start_appointment(
    call: Parent[Call],
    id: AppointmentId,
    expected_version: ExpectedVersion = None,
    *,
    with_participants: bool = False,
    condition: rules.Condition[AppointmentRow] | None = None,
) -> AppointmentRow:
    """Open the appointment, from the moderators' opening until the links close:
    scheduled becomes active.

    Raises OutsideJoinWindow at any other time.
    """
    row = await _asked(call, id, rules.START, expected_version, condition)
    return await with_people(call, row) if with_participants else row


@writes
async def complete_appointment(
    call: Parent[Call],
    id: AppointmentId,
    expected_version: ExpectedVersion = None,
    *,
    with_participants: bool = False,
    condition: rules.Condition[AppointmentRow] | None = None,
) -> AppointmentRow:
    """End it: active becomes completed."""
    row = await _asked(call, id, rules.COMPLETE, expected_version, condition)
    return await with_people(call, row) if with_participants else row


@writes
async def cancel_appointment(
    call: Parent[Call],
    id: AppointmentId,
    reason: Reason = None,
    expected_version: ExpectedVersion = None,
    *,
    with_participants: bool = False,
    condition: rules.Condition[AppointmentRow] | None = None,
) -> AppointmentRow:
    """Call it off: scheduled becomes cancelled."""
    row = await _asked(call, id, rules.CANCEL, expected_version, condition, reason or None)
    return await with_people(call, row) if with_participants else row


async def _asked(
    call: Call,
    id: str,
    transition: rules.Transition,
    expected_version: int | None,
    condition: rules.Condition[AppointmentRow] | None,
    reason: str | None = None,
) -> AppointmentRow:
    row = await existing(call, id)
    if not rules.ensure_possible(row, transition):
        return row  # A repeated step answers the state that it led to; nothing happens twice.
    rules.ensure_version(row, expected_version, condition)
    if transition is rules.START:
        hours = opening_hours(row, ParticipantRole.MODERATOR, call.services.window)
        rules.ensure_within_hours(hours, call.now())
    return await step(call, row, transition, reason)


async def step(
    call: Call, row: AppointmentRow, transition: rules.Transition, reason: str | None = None
) -> AppointmentRow:
    """Takes one step in one compare-and-swap, with its event; returns the appointment after it.

    When somebody else was faster, returns their outcome or raises NotAllowedInStatus.
    """
    values = rules.values_after(row, transition, call.now(), reason)
    if not await appointments.change(call.tx, row.id, row.version, values):
        found = await existing(call, row.id)
        rules.ensure_possible(found, transition)
        return found
    if transition.target is AppointmentStatus.COMPLETED:
        await vacate(call, row.id)
    changed = rules.changed(row, values).keys() - {"clock_end_at", "updated_at"}
    call.record(transition.event, row.id, changed_fields=sorted(changed))
    return row._replace(**values, version=row.version + 1)
