"""Operations on appointments."""

from collections.abc import Sequence
from typing import Any

from strawberry import UNSET, Parent

from db.ids import canonical, new_id
from db.models import (
    AppointmentRow,
    AppointmentStatus,
    EventType,
    ParticipantRow,
)
from db.queries import appointments, participants
from db.queries.filters import Filter

from ..domain import rules
from ..domain.errors import NotFound
from ..inputs import (
    After,
    AppointmentChanges,
    AppointmentConfigInput,
    AppointmentFilter,
    AppointmentId,
    AppointmentOrder,
    Before,
    ExpectedVersion,
    First,
    Last,
    OrderBy,
    ToBook,
    ToChange,
    Which,
)
from ..operation.call import Call
from ..operation.gate import reads, writes
from .listings import AppointmentListing, Listed, with_participants_of_all
from .pages import Connection, Page, PageStyle
from .people import given_values, new_participants, put_out

LATEST_FIRST = AppointmentOrder()


@reads
async def get_appointment(
    call: Parent[Call],
    id: AppointmentId,
    *,
    with_participants: bool = False,
    with_participant_items: bool = False,
) -> AppointmentRow | None:
    """One appointment, or null when there is none that the caller may see."""
    found = canonical(id)
    row = await appointments.get(call.tx, found) if found else None
    if row is None or not with_participants:
        return row
    if not with_participant_items:
        return await with_people(call, row)
    # Not kept: elsewhere in the operation more than items may be shown.
    people = await participants.items_of(call.tx, row.id) if row.participant_count else ()
    return row.with_participants(people)


@reads
async def list_appointments(
    call: Parent[Call],
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
    filter: Which = None,
    order_by: OrderBy = LATEST_FIRST,
    *,
    then_by: Sequence[AppointmentOrder] = (),
    as_items: bool = False,
    with_participants: bool = False,
    with_participant_items: bool = False,
    page: PageStyle | None = None,
) -> Page[Listed]:
    """Appointments of the organization. `first` or `last` is 1 to 100; 20 when neither is given.

    `page` is a page in another style than by these arguments; ties on it are sorted by `then_by`.
    Raises InvalidPage when there is none of its number, BadInput for arguments that make no sense.
    """
    style = page or Connection(first, after, last, before)
    wanted = _filter(filter or AppointmentFilter())
    listing = AppointmentListing(wanted, order_by or LATEST_FIRST, as_items, then_by)
    found = await style.read(call, listing)
    if with_participants:
        found.rows = await with_participants_of_all(
            call.tx, found.rows, as_items=with_participant_items
        )
    return found


@writes
async def create_appointment(call: Parent[Call], input: ToBook) -> AppointmentRow:
    """Book an appointment with its participants."""
    end = rules.end_of(input.start_date_time, input.duration_minutes, ("input", "start_date_time"))
    now = call.now()
    people = new_participants(input.participants, now)
    row = AppointmentRow(
        id=new_id(),
        **_booked(input),
        status=AppointmentStatus.SCHEDULED,
        version=1,
        started_at=None,
        ended_at=None,
        cancelled_at=None,
        cancel_reason=None,
        clock_end_at=rules.watched_end(end, now),
        created_at=now,
        updated_at=now,
        participant_count=len(people),
    )
    people = [person._replace(appointment_id=row.id) for person in people]
    await appointments.add(call.tx, row)
    await participants.add(call.tx, people)
    call.record(EventType.APPOINTMENT_CREATED, row.id)
    row = row.with_participants(people)
    call.keep(row)
    return row


@writes
async def update_appointment(
    call: Parent[Call],
    id: AppointmentId,
    changes: ToChange,
    expected_version: ExpectedVersion = None,
    *,
    with_participants: bool = False,
    condition: rules.Condition[AppointmentRow] | None = None,
) -> AppointmentRow:
    """Change an appointment that is scheduled or was missed."""
    row = await existing(call, id)
    rules.ensure_version(row, expected_version, condition)
    rules.ensure_editable(row)
    row = await _changed(call, row, rules.changed(row, _wanted(changes)))
    return await with_people(call, row) if with_participants else row


async def _changed(call: Call, row: AppointmentRow, values: dict[str, Any]) -> AppointmentRow:
    if not values:
        return row
    moved = bool({"start_date_time", "duration_minutes"} & values.keys())
    now = call.now()
    if moved:
        after = row._replace(**values)
        end = rules.end_of(
            after.start_date_time, after.duration_minutes, ("changes", "start_date_time")
        )
        values |= rules.values_after_reschedule(row, end, now)
    after = row._replace(**values, updated_at=now, version=row.version + 1)
    await appointments.change(call.tx, row.id, row.version, values | {"updated_at": now})
    call.record(
        EventType.APPOINTMENT_RESCHEDULED if moved else EventType.APPOINTMENT_UPDATED,
        row.id,
        changed_fields=sorted(rules.changed(row, values).keys() - {"clock_end_at"}),
        data=rules.times_of(row, after) if moved else None,
    )
    return after


@writes
async def delete_appointment(
    call: Parent[Call],
    id: AppointmentId,
    expected_version: ExpectedVersion = None,
    *,
    condition: rules.Condition[AppointmentRow] | None = None,
) -> AppointmentRow:
    """Delete an appointment."""
    row = await existing(call, id)
    rules.ensure_version(row, expected_version, condition)
    if row.status is AppointmentStatus.ACTIVE:
        for person in await participants.all_of(call.tx, row.id):
            put_out(call, row, person)
    await appointments.remove(call.tx, row)
    call.record(EventType.APPOINTMENT_DELETED, row.id)
    return row


async def existing(call: Call, id: str) -> AppointmentRow:
    """Returns the appointment; raises NotFound when the caller may see none of this id."""
    found = canonical(id)
    row = await appointments.get(call.tx, found) if found else None
    if row is None:
        raise NotFound("Appointment", id)
    return row


async def with_people(call: Call, row: AppointmentRow) -> AppointmentRow:
    """Returns the appointment with its participants loaded."""
    people: list[ParticipantRow] = []
    if row.participant_count:
        people = await participants.all_of(call.tx, row.id)
    row = row.with_participants(people)
    call.keep(row)
    return row


async def kept(call: Call, row: AppointmentRow, with_participants: bool) -> AppointmentRow:
    """Keeps the appointment for what lies below, with its participants where they are shown."""
    if with_participants:
        return await with_people(call, row)
    call.keep(row)
    return row


def config_of(input: AppointmentConfigInput | None) -> dict[str, bool] | None:
    """The switches that were set, under their stored names; None when there is no configuration."""
    if not input:
        return None
    return {
        name: value
        for name, value in vars(input).items()
        if value is not UNSET and value is not None
    }


def _booked(input: ToBook) -> dict[str, Any]:
    """The columns of the row that the caller fills; participants have rows of their own."""
    values = given_values(input)
    del values["participants"]
    values["config"] = config_of(values["config"])
    return values


def _wanted(changes: AppointmentChanges) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        name: some.value for name, some in vars(changes).items() if some is not None
    }
    if "config" in wanted:
        wanted["config"] = config_of(wanted["config"])
    return wanted


def _filter(filter: AppointmentFilter) -> Filter:
    given = {name: value for name, value in vars(filter).items() if value is not UNSET}
    if given.get("status") is not None:
        given["status"] = tuple(given["status"])
    return Filter(**given)
