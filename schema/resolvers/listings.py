"""The lists that pages are read from: appointments, and the participants of one appointment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from db.engine import Tenancy
from db.models import AppointmentItem, AppointmentRow, ParticipantRow, Person
from db.queries import appointments, participants
from db.queries.filters import Filter, Sorting

from ..inputs import AppointmentOrder
from ..scalars import OrderDirection
from .cursors import opaque, read_cursor, read_participant_cursor, write_cursor
from .pages import DEFAULT_SIZE, FIRST_PAGE, MAX_SIZE, Connection, Page, Slice

Listed = AppointmentRow | AppointmentItem

# A page whose appointments have more participants than this loads no more than a page of each.
MAX_PREFETCHED = 2_000


@dataclass(slots=True)
class AppointmentListing:
    """Appointments that match, sorted; `as_items` a connection reads no more than items of them."""

    wanted: Filter
    order: AppointmentOrder
    as_items: bool = False
    then_by: Sequence[AppointmentOrder] = ()

    @property
    def total(self) -> None:
        """Nobody knows without counting."""

    async def count(self, tx: Tenancy) -> int:
        """Returns how many match."""
        return await appointments.count(tx, self.wanted)

    async def rows_from(self, tx: Tenancy, limit: int, offset: int) -> Sequence[Listed]:
        """Returns items from `offset` on; ties of one order are sorted by the next."""
        order = tuple([_sorting(each) for each in (self.order, *self.then_by)])
        return await appointments.offset_page(tx, self.wanted, limit, offset, order)

    async def rows_of(self, tx: Tenancy, part: Slice, limit: int) -> Sequence[Listed]:
        """Returns up to `limit` appointments of a part, sorted as asked."""
        field = self.order.field
        asked = appointments.KeysetPage(
            limit,
            *_sorting(self.order),
            part.backwards,
            read_cursor(part.after, field, "after"),
            read_cursor(part.before, field, "before"),
        )
        read = appointments.keyset_items if self.as_items else appointments.keyset_page
        return await read(tx, self.wanted, asked)

    def cursor(self, row: Listed) -> str:
        """Returns the cursor of an appointment."""
        field = self.order.field
        return write_cursor(field, getattr(row, field), row.id)


@dataclass(slots=True)
class ParticipantListing:
    """The participants of one appointment in the order in which they were added."""

    appointment: AppointmentRow

    @property
    def total(self) -> int:
        """The count that is kept with the appointment."""
        return self.appointment.participant_count

    async def count(self, _: Tenancy) -> int:
        """Returns the count that is kept with the appointment."""
        return self.appointment.participant_count

    async def rows_from(self, tx: Tenancy, limit: int, offset: int) -> Sequence[ParticipantRow]:
        """Returns participants from `offset` on."""
        return await participants.offset_page(tx, self.appointment.id, limit, offset)

    async def rows_of(self, tx: Tenancy, part: Slice, limit: int) -> Sequence[ParticipantRow]:
        """Returns up to `limit` participants of a part."""
        return await participants.pages(
            tx,
            [self.appointment.id],
            limit,
            backwards=part.backwards,
            after=read_participant_cursor(part.after, "after"),
            before=read_participant_cursor(part.before, "before"),
        )

    def cursor(self, row: ParticipantRow) -> str:
        """Returns the cursor of a participant."""
        return participant_cursor(row)


def _sorting(order: AppointmentOrder) -> Sorting:
    return Sorting(order.field, order.direction is OrderDirection.DESC)


def participant_cursor(row: Person) -> str:
    """Returns the cursor of a participant."""
    return opaque(row.id)


def page_of_loaded(row: AppointmentRow, page: Connection) -> Page[Person] | None:
    """Returns a page of participants that came with their appointment; None when it is not there.

    A part after a cursor, or from the end, is only there when all of them are.
    """
    everybody, total = row.participants, row.participant_count
    if everybody is None:
        return None
    if page is FIRST_PAGE and len(everybody) <= DEFAULT_SIZE:
        # What a list of appointments mostly asks for, twenty times or more.
        return Page(everybody, cursor=participant_cursor, total=total)
    is_from_the_start = page.after is None and page.last is None and page.before is None
    if not is_from_the_start and len(everybody) != total:
        return None
    part = page.part()
    after = read_participant_cursor(part.after, "after")
    before = read_participant_cursor(part.before, "before")
    people = [
        person
        for person in everybody
        if (after is None or person.id > after) and (before is None or person.id < before)
    ]
    return part.page_of(people, participant_cursor, total=total)


async def with_participants_of_all(
    tx: Tenancy, rows: Sequence[Listed], *, as_items: bool
) -> list[Listed]:
    """Loads the participants of a whole page in one statement: all, or the longest page of each."""
    found: dict[str, list[Any]] = {row.id: [] for row in rows}
    ids = [row.id for row in rows if row.participant_count]
    people: Sequence[Person] = ()
    if sum([row.participant_count for row in rows]) > MAX_PREFETCHED:
        people = await participants.pages(tx, ids, MAX_SIZE + 1)
    elif ids:
        read = participants.items_of_many if as_items else participants.all_of_many
        people = await read(tx, ids)
    for person in people:
        found[person.appointment_id].append(person)
    return [row.with_participants(found[row.id]) for row in rows]
