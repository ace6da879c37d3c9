"""Operations on participants.

The keyword-only `appointment_id` is the appointment of a REST path: a participant of another one
is not found.
"""

from collections.abc import Awaitable
from typing import Any, overload

from strawberry import Parent

from db.ids import canonical
from db.models import AppointmentRow, AppointmentStatus, EventType, ParticipantRow, Person
from db.queries import appointments
from db.queries import participants as _queries

from ..domain import rules
from ..domain.admission import Admission, decide
from ..domain.attendance import Stay
from ..domain.errors import NotFound
from ..inputs import AppointmentId, ParticipantId, ToAdd, ToChangeOfParticipant, ToRemove
from ..operation.call import Call
from ..operation.gate import reads, writes
from .appointments import existing, kept
from .listings import ParticipantListing, page_of_loaded
from .loaders import appointment_loader, attendance_loader
from .pages import Connection, Page, PageStyle, size_of
from .people import Added, Removed, RemovedOne, new_participants, take_out
from .stays import seat_moderator, vacate


@reads
async def get_participant(
    call: Parent[Call], id: ParticipantId, *, appointment_id: str | None = None
) -> ParticipantRow | None:
    """One participant, or null."""
    found = canonical(id)
    row = await _queries.get(call.tx, found) if found else None
    return row if row and _belongs(row, appointment_id) else None


@overload
def list_participants(
    call: Call, appointment_id: str, *, page: PageStyle
) -> Awaitable[Page[ParticipantRow]]: ...


@overload
def list_participants(
    call: Call, appointment_id: str, *, page: Connection, row: AppointmentRow
) -> Page[Person] | Awaitable[Page[ParticipantRow]]: ...


def list_participants(
    call: Call, appointment_id: str, *, page: Any, row: AppointmentRow | None = None
) -> Page[Person] | Awaitable[Page[ParticipantRow]]:
    """Participants of one appointment in the order in which they were added.

    `row` is the appointment where it was read: what it came with is not read again, nor awaited.
    """
    loaded = row and page_of_loaded(row, page)
    return loaded or _read_participants(call, appointment_id=appointment_id, page=page, row=row)


@reads
async def _read_participants(
    call: Call, appointment_id: str, page: PageStyle, row: AppointmentRow | None
) -> Page[ParticipantRow]:
    row = row or await existing(call, appointment_id)
    return await page.read(call, ParticipantListing(row))


async def appointment_of(call: Call, person: ParticipantRow) -> AppointmentRow | None:
    """The appointment that a person is invited to; null when it was deleted meanwhile."""
    call.require("read")
    return await appointment_loader(call).load(person.appointment_id)


async def attendance_of(call: Call, person: ParticipantRow, last: int | None) -> list[Stay]:
    """When the person joined and left: the latest `last` stays, oldest first; 20 when absent."""
    call.require("read")
    size = size_of("last", last)
    return (await attendance_loader(call).load(person.id))[-size:]


async def admission_of(call: Call, person: ParticipantRow) -> Admission | None:
    """Whether the person's link leads in now; null when the appointment was deleted meanwhile."""
    row = await appointment_of(call, person)
    return row and decide(row, person, call.now(), call.services.window)


@writes
async def add_participants(
    call: Parent[Call],
    appointment_id: AppointmentId,
    participants: ToAdd,
    *,
    condition: rules.Condition[AppointmentRow] | None = None,
) -> Added:
    """Add several participants."""
    row = await existing(call, appointment_id)
    rules.ensure_version(row, None, condition)
    rules.ensure_participants_changeable(row)
    present = {person.unique_id: person for person in await _all_of(call, row)}
    now = call.now()
    call.keep(row)
    added = new_participants(
        [each for each in participants if each.unique_id not in present], now, row.id
    )
    rules.ensure_room_for(len(added), len(present))
    if added:
        await _queries.add(call.tx, added)
        row = await _touched(call, row, len(added))
    for person in added:
        call.record(EventType.PARTICIPANT_ADDED, row.id, participant_id=person.id)
    return Added(
        row.with_participants((*present.values(), *added)),
        added,
        [present[each.unique_id] for each in participants if each.unique_id in present],
    )


@writes
async def remove_participants(
    call: Parent[Call],
    appointment_id: AppointmentId,
    participant_ids: ToRemove,
    *,
    condition: rules.Condition[AppointmentRow] | None = None,
) -> Removed:
    """Remove several participants."""
    row = await existing(call, appointment_id)
    rules.ensure_version(row, None, condition)
    rules.ensure_participants_changeable(row)
    present = {person.id: person for person in await _all_of(call, row)}
    wanted = {canonical(id) or id: id for id in participant_ids}
    removed = [id for id in wanted if id in present]
    if removed:
        count = await take_out(call, row, [present[id] for id in removed])
        row = await _touched(call, row, -count)
    left = tuple(person for person in present.values() if person.id not in wanted)
    unknown = [str(sent) for id, sent in wanted.items() if id not in present]
    return Removed(row._replace(participants=left), removed, unknown)


@writes
async def update_participant(
    call: Parent[Call],
    id: ParticipantId,
    changes: ToChangeOfParticipant,
    *,
    appointment_id: str | None = None,
    with_participants: bool = False,
    condition: rules.Condition[ParticipantRow] | None = None,
) -> ParticipantRow:
    """Change a participant's name or role."""
    person = await _existing_participant(call, id, appointment_id)
    rules.ensure_condition(person, condition)
    row = await existing(call, person.appointment_id)
    rules.ensure_participants_changeable(row)
    wanted = {name: some.value for name, some in vars(changes).items() if some is not None}
    values = rules.changed(person, wanted)
    if not values:
        await kept(call, row, with_participants)
        return person
    values["updated_at"] = call.now()
    await _queries.change(call.tx, person.id, values)
    await _touched(call, row, with_participants=with_participants)
    call.record(
        EventType.PARTICIPANT_UPDATED,
        row.id,
        participant_id=person.id,
        changed_fields=sorted(values.keys() - {"updated_at"}),
    )
    changed = person._replace(**values)
    await seat_moderator(call, row, changed)
    return changed


@writes
async def rotate_access_link(
    call: Parent[Call], id: ParticipantId, *, with_participants: bool = False
) -> ParticipantRow:
    """Give a participant a new access link; the old one stops working at once."""
    person = await _existing_participant(call, id, None)
    row = await existing(call, person.appointment_id)
    rules.ensure_participants_changeable(row)
    if row.status is AppointmentStatus.ACTIVE:
        # Whoever came through the old link is put out: it may be in the wrong hands.
        await vacate(call, row.id, [person.id])
    values: dict[str, Any] = {"link_version": person.link_version + 1, "updated_at": call.now()}
    await _queries.change(call.tx, person.id, values)
    await _touched(call, row, with_participants=with_participants)
    call.record(
        EventType.PARTICIPANT_LINK_ROTATED,
        row.id,
        participant_id=person.id,
        changed_fields=["access_link"],
    )
    return person._replace(**values)


@writes
async def remove_participant(
    call: Parent[Call],
    id: ParticipantId,
    *,
    appointment_id: str | None = None,
    with_participants: bool = False,
    condition: rules.Condition[ParticipantRow] | None = None,
) -> RemovedOne:
    """Remove one participant."""
    person = await _existing_participant(call, id, appointment_id)
    rules.ensure_condition(person, condition)
    row = await existing(call, person.appointment_id)
    rules.ensure_participants_changeable(row)
    count = await take_out(call, row, [person])
    row = await _touched(call, row, -count, with_participants=with_participants)
    return RemovedOne(row, person.id)


async def _existing_participant(call: Call, id: str, appointment_id: str | None) -> ParticipantRow:
    if appointment_id is not None:
        await existing(call, appointment_id)
    found = canonical(id)
    row = await _queries.get(call.tx, found) if found else None
    if row is None or not _belongs(row, appointment_id):
        raise NotFound("Participant", id)
    return row


def _belongs(row: ParticipantRow, appointment_id: str | None) -> bool:
    return appointment_id is None or row.appointment_id == canonical(appointment_id)


async def _all_of(call: Call, row: AppointmentRow) -> list[ParticipantRow]:
    return await _queries.all_of(call.tx, row.id) if row.participant_count else []


async def _touched(
    call: Call, row: AppointmentRow, participants: int = 0, *, with_participants: bool = False
) -> AppointmentRow:
    """Raises the version of the appointment that participants belong to, and reads it again.

    `participants` is how many were added; negative for those removed.
    """
    await appointments.touch(call.tx, row.id, call.now(), participants)
    return await kept(call, await existing(call, row.id), with_participants)
