"""The conditions and the order of lists and counts of appointments."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    BindParameter,
    Boolean,
    ClauseElement,
    ColumnElement,
    CompoundSelect,
    GenerativeSelect,
    Select,
    bindparam,
    literal_column,
    or_,
    select,
    union_all,
)

from ..queries.filters import NO_STATUS, OF_PERSON, OrderField, Shape, Sorting
from ..scope import within
from ..tables import Appointment, Participant
from ..types import UtcDateTime
from .lists import Either, Keyset, Unindexed

S = TypeVar("S", bound=GenerativeSelect)

TABLE = Appointment.__table__  # type: ignore[attr-defined]
PARTICIPANT = Participant.__table__  # type: ignore[attr-defined]


# Conditions that lead to the rows by an index of their own.
SHORT = frozenset({"participant_unique_id", "updated_since"})
# Of no status. FALSE itself would swallow the tenant filter beside it.
NOTHING: ColumnElement[bool] = literal_column("1 = 0", Boolean)


def counted(shape: Shape, selected: Any) -> Select[Any]:
    """Returns the statement that selects an aggregate of the matching appointments."""
    if shape == OF_PERSON:
        # The table of participants suffices, because every participant belongs to an appointment.
        return select(selected).select_from(PARTICIPANT).where(*_of_person())
    statuses = _statuses(shape, by_index=shape.isdisjoint(SHORT))
    return _matching(shape, selected).where(*[or_(*statuses)] if statuses else ())


class Window(NamedTuple):
    """How many of the sorted rows are wanted, and how many are skipped before."""

    limit: BindParameter[int]
    offset: BindParameter[int] | None = None

    def of(self, statement: S) -> S:
        """Returns the statement with the limit and the offset."""
        limited = statement.limit(self.limit)
        return limited if self.offset is None else limited.offset(self.offset)

    @property
    def reach(self) -> ColumnElement[int]:
        """How many rows from the first on are looked at."""
        return self.limit if self.offset is None else self.limit + self.offset


def sorted_rows(
    shape: Shape,
    keyset: Keyset,
    selected: list[Any],
    window: Window,
    *,
    backwards: bool = False,
    narrow: Callable[[Select[Any]], Select[Any]] = lambda statement: statement,
) -> ClauseElement:
    """Returns the statement that selects matching appointments, sorted; narrows each part.

    In the order of the start alone there is one part for each status, read off its index in order.
    """
    statuses = _statuses(shape, by_index=True)
    is_by_start = keyset.column is TABLE.c.start_date_time and not keyset.then_by
    if not (is_by_start and statuses):
        # These lists are short or have an index in their order; that of the status has another.
        unindexed = [or_(*_statuses(shape, by_index=False))] if statuses else []
        statement = narrow(_matching(shape, *selected).where(*unindexed))
        return window.of(keyset.sorted(statement, backwards))
    parts = [narrow(_matching(shape, *selected).where(status)) for status in statuses]
    if len(parts) == 1:
        return window.of(keyset.sorted(parts[0], backwards))
    # SQLite merges sorted parts as their rows are asked for. PostgreSQL would sort all there are:
    # it is given no more of each part than the page can show.
    cut = [keyset.sorted(part, backwards).limit(window.reach) for part in parts]
    return Either(
        *(window.of(_merged(each, keyset, backwards)) for each in (parts, cut)),
    )


def _merged(parts: list[Select[Any]], keyset: Keyset, backwards: bool) -> CompoundSelect[Any]:
    merged = union_all(*parts)
    columns = merged.selected_columns
    own = keyset._replace(column=columns[OrderField.START_DATE_TIME], id=columns["id"])
    return own.sorted(merged, backwards)


def keyset_of(
    shape: Shape,
    field: OrderField,
    *,
    descending: bool = True,
    then_by: Sequence[Sorting] = (),
) -> Keyset:
    """Returns the keyset of a list with these conditions."""
    further = tuple((TABLE.c[each.field], each.descending) for each in then_by)
    return Keyset(_sorted_column(shape, field), TABLE.c.id, descending, further)


def _matching(shape: Shape, *selected: Any) -> Select[Any]:
    if "participant_unique_id" in shape:
        # Starting from the participants is fifty times as fast as checking every appointment.
        statement = (
            select(*selected)
            .select_from(PARTICIPANT)
            .join(TABLE, PARTICIPANT.c.appointment_id == TABLE.c.id)
            .where(*_of_person())
        )
    else:
        statement = select(*selected).select_from(TABLE)
    statement = statement.where(within(Appointment))
    start = _sorted_column(shape, OrderField.START_DATE_TIME)
    if "starts_from" in shape:
        statement = statement.where(start >= bindparam("starts_from", type_=UtcDateTime))
    if "starts_until" in shape:
        statement = statement.where(start <= bindparam("starts_until", type_=UtcDateTime))
    if "updated_since" in shape:
        updated = _sorted_column(shape, OrderField.UPDATED_AT)
        since: BindParameter[Any] = bindparam("updated_since", type_=UtcDateTime)
        statement = statement.where(updated >= since)
    return statement.where(NOTHING) if NO_STATUS in shape else statement


def _of_person() -> tuple[ColumnElement[bool], ...]:
    unique_id: BindParameter[str] = bindparam("participant_unique_id")
    return within(Participant), PARTICIPANT.c.unique_id == unique_id


def _statuses(shape: Shape, *, by_index: bool) -> list[ColumnElement[bool]]:
    column = TABLE.c.status if by_index else Unindexed(TABLE.c.status)
    return [
        column == bindparam(name, type_=TABLE.c.status.type)
        for name in sorted(shape)
        if name.startswith("status_")
    ]


def _sorted_column(shape: Shape, field: OrderField) -> Any:
    # One person has few appointments, and mostly few were changed lately: sorting those is faster
    # than scanning all in index order.
    column = TABLE.c[field]
    is_found = "participant_unique_id" in shape
    if "updated_since" in shape and field is not OrderField.UPDATED_AT:
        is_found = True
    return Unindexed(column) if is_found else column
