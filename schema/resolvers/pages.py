"""Pages of lists: Relay connections with keyset cursors, and the numbered pages of REST.

Called by the resolvers; `schema.types.domain` and `rest.shapes` draw what comes back.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from db.engine import Tenancy
from db.models import AppointmentItem, AppointmentRow, ParticipantItem, ParticipantRow
from db.queries import appointments, participants
from db.queries.filters import Filter

from ..domain.errors import BadInput, Problem
from ..inputs import AppointmentOrder
from ..operation.call import Call
from ..scalars import OrderDirection
from .cursors import opaque, read_cursor, read_participant_cursor, write_cursor

R = TypeVar("R")
Listed = AppointmentRow | AppointmentItem

DEFAULT_SIZE = 20
MAX_SIZE = 100
# A page whose appointments have more participants than this loads no more than a page of each.
MAX_PREFETCHED = 2_000

# first, after, last, before
Arguments = Sequence[Any]
UNASKED = (None, None, None, None)


class InvalidPage(Problem):
    """There is no page of this number."""

    code = "invalid_page"

    def __init__(self) -> None:
        super().__init__("Invalid page.")


class PageNumber(NamedTuple):
    """A numbered page, as REST asks for it: 1 is the first, None the last."""

    number: int | None
    size: int


@dataclass(slots=True)
class Page(Generic[R]):
    """Rows of a list, with what is known about the rest of it."""

    rows: Sequence[R]
    has_next: bool = False
    has_previous: bool = False
    cursor: Callable[[R], str] = str
    count: Callable[[], Awaitable[int]] | None = None
    total: int = 0
    number: int = 1


class Extent(NamedTuple):
    """How much of the rows of a list is read: no more than is shown.

    `as_items` appointments are AppointmentItems, and with `participant_items` theirs are, too.
    """

    as_items: bool = False
    with_participants: bool = False
    participant_items: bool = False


class Slice(NamedTuple):
    """Which part of a list was asked for, read off the arguments of a connection."""

    size: int
    backwards: bool
    after: str | None
    before: str | None


def slice_of(arguments: Arguments) -> Slice:
    """Reads `first`, `after`, `last`, `before`; raises BadInput when they make no sense."""
    first, after, last, before = arguments
    if first is not None and last is not None:
        raise BadInput("Give `first` or `last`, not both.")
    size = size_of("first", first) if last is None else size_of("last", last)
    return Slice(size, last is not None, after, before)


def size_of(name: str, value: int | None) -> int:
    """Returns how many are asked for, 20 when absent; raises BadInput unless it is 1 to 100."""
    if value is None:
        return DEFAULT_SIZE
    if not 1 <= value <= MAX_SIZE:
        raise BadInput(f"Give `{name}` from 1 to {MAX_SIZE}.")
    return value


async def numbered_page(
    page: PageNumber,
    count: Callable[[], Awaitable[int]],
    rows: Callable[[int, int], Awaitable[list[R]]],
) -> Page[R]:
    """Returns the page of this number; raises InvalidPage when there is none."""
    if page.number == 1:
        found = await rows(page.size, 0)
        # A page that is not full tells by itself how many there are.
        total = len(found) if len(found) < page.size else await count()
        return Page(found, total > page.size, total=total)
    total = await count()
    pages = max(1, -(-total // page.size))
    number = pages if page.number is None else page.number
    if not 1 <= number <= pages:
        raise InvalidPage
    found = await rows(page.size, (number - 1) * page.size) if total else []
    return Page(found, number < pages, number > 1, total=total, number=number)


async def appointment_page(
    call: Call,
    wanted: Filter,
    order: AppointmentOrder,
    arguments: Arguments,
    extent: Extent,
) -> Page[Listed]:
    """Returns one page of a Relay connection of appointments."""
    part = slice_of(arguments)
    field = order.field
    asked = appointments.Page(
        part.size + 1,
        field,
        order.direction is OrderDirection.DESC,
        part.backwards,
        read_cursor(part.after, field, "after"),
        read_cursor(part.before, field, "before"),
    )
    read = appointments.keyset_items if extent.as_items else appointments.keyset_page
    rows: Sequence[Listed] = await read(call.tx, wanted, asked)
    more = len(rows) > part.size
    if more:
        rows = rows[1:] if part.backwards else rows[:-1]
    if extent.with_participants:
        rows = await _with_participants(call.tx, rows, as_items=extent.participant_items)
    return Page(
        rows,
        has_next=part.before is not None if part.backwards else more,
        has_previous=more if part.backwards else part.after is not None,
        cursor=lambda row: write_cursor(field, getattr(row, field), row.id),
        count=lambda: _count(call, wanted),
    )


async def _count(call: Call, wanted: Filter) -> int:
    return await call.snapshot.read(lambda tx: appointments.count(tx, wanted))


async def _with_participants(
    tx: Tenancy, rows: Sequence[Listed], *, as_items: bool
) -> list[Listed]:
    """Loads the participants of a whole page in one statement: all, or the longest page of each."""
    found: dict[str, list[Any]] = {row.id: [] for row in rows}
    ids = [row.id for row in rows if row.participant_count]
    people: Sequence[ParticipantRow | ParticipantItem] = ()
    if sum([row.participant_count for row in rows]) > MAX_PREFETCHED:
        people = await participants.pages(tx, ids, MAX_SIZE + 1)
    elif ids:
        read = participants.items_of_many if as_items else participants.all_of_many
        people = await read(tx, ids)
    for person in people:
        found[person.appointment_id].append(person)
    return [row.with_participants(found[row.id]) for row in rows]


def is_loaded(row: AppointmentRow, arguments: Arguments) -> bool:
    """Whether the row came with all that this part of its participants needs."""
    if row.participants is None:
        return False
    if arguments is UNASKED:
        return True
    _, after, last, before = arguments
    forward = after is None and last is None and before is None
    return forward or len(row.participants) == row.participant_count


def participants_within(row: AppointmentRow, arguments: Arguments) -> Page[ParticipantRow]:
    """Returns one page of participants that are loaded already."""
    everybody = row.participants or ()
    if arguments is UNASKED and len(everybody) <= DEFAULT_SIZE:
        # What a list of appointments mostly asks for, twenty times or more.
        return Page(everybody, cursor=_participant_cursor, total=row.participant_count)
    part = slice_of(arguments)
    after = read_participant_cursor(part.after, "after")
    before = read_participant_cursor(part.before, "before")
    people = [
        person
        for person in everybody
        if (after is None or person.id > after) and (before is None or person.id < before)
    ]
    return _participant_page(people, part, row.participant_count)


async def participants_loaded(
    call: Call, row: AppointmentRow, arguments: Arguments
) -> Page[ParticipantRow]:
    """Returns one page of participants of an appointment that came without them."""
    part = slice_of(arguments)
    people = await participants.pages(
        call.tx,
        [row.id],
        part.size + 1,
        backwards=part.backwards,
        after=read_participant_cursor(part.after, "after"),
        before=read_participant_cursor(part.before, "before"),
    )
    return _participant_page(people, part, row.participant_count)


def _participant_page(
    people: list[ParticipantRow], part: Slice, total: int
) -> Page[ParticipantRow]:
    more = len(people) > part.size
    if more:
        people = people[-part.size :] if part.backwards else people[: part.size]
    return Page(
        people,
        has_next=part.before is not None if part.backwards else more,
        has_previous=more if part.backwards else part.after is not None,
        cursor=_participant_cursor,
        total=total,
    )


def _participant_cursor(person: ParticipantRow) -> str:
    return opaque(person.id)
