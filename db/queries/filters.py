"""Which appointments a list or a count takes in, and how its rows are found in their order."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    bindparam,
    false,
    or_,
    select,
    union_all,
)

from ..models import Appointment, AppointmentStatus, Participant
from ..scope import within
from ..types import UtcDateTime
from .lists import Keyset, Unindexed

TABLE = Appointment.__table__  # type: ignore[attr-defined]
PARTICIPANT = Participant.__table__  # type: ignore[attr-defined]

Shape = frozenset[str]
NO_STATUS = "no_status"


class OrderField(StrEnum):
    """What appointments can be sorted by."""

    START_DATE_TIME = "start_date_time"
    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"


class Filter(NamedTuple):
    """Conditions joined by AND; None does not restrict."""

    participant_unique_id: str | None = None
    starts_from: datetime | None = None
    starts_until: datetime | None = None
    status: tuple[AppointmentStatus, ...] | None = None

    @property
    def shape(self) -> Shape:
        """Names of the parameters that are bound: what the statement's text depends on."""
        return frozenset(self.values()) | ({NO_STATUS} if self.status == () else frozenset())

    def values(self) -> dict[str, Any]:
        """What the statement's parameters are bound to, each status to one of its own."""
        values = {name: value for name, value in self._asdict().items() if value is not None}
        for place, status in enumerate(dict.fromkeys(values.pop("status", ()))):
            values[f"status_{place}"] = status
        return values


def counted(shape: Shape, selected: Any) -> Select[Any]:
    """The statement that selects an aggregate over the appointments that match."""
    statuses = _statuses(shape, by_index="participant_unique_id" not in shape)
    return _matching(shape, selected).where(*[or_(*statuses)] if statuses else ())


def sorted_rows(
    shape: Shape,
    keyset: Keyset,
    selected: list[Any],
    *,
    backwards: bool = False,
    narrow: Callable[[Select[Any]], Select[Any]] = lambda statement: statement,
) -> Select[Any] | CompoundSelect[Any]:
    """The statement that selects the appointments that match, sorted; each part is narrowed.

    In the order of the start there is one part for each status, read off its index in order;
    SQLite merges them as the rows are asked for and sorts nothing.
    """
    statuses = _statuses(shape, by_index=True)
    if not (keyset.column is TABLE.c.start_date_time and statuses):
        # Sorted by another index, or short: the index of the statuses would need sorting.
        unindexed = [or_(*_statuses(shape, by_index=False))] if statuses else []
        statement = narrow(_matching(shape, *selected).where(*unindexed))
        return keyset.sorted(statement, backwards)
    parts = [narrow(_matching(shape, *selected).where(status)) for status in statuses]
    if len(parts) == 1:
        return keyset.sorted(parts[0], backwards)
    merged = union_all(*parts)
    columns = merged.selected_columns
    own = keyset._replace(column=columns[OrderField.START_DATE_TIME], id=columns["id"])
    return own.sorted(merged, backwards)


def keyset_of(shape: Shape, field: OrderField, *, descending: bool = True) -> Keyset:
    """How a list with these conditions is walked."""
    return Keyset(_sorted_column(shape, field), TABLE.c.id, descending)


def _matching(shape: Shape, *selected: Any) -> Select[Any]:
    if "participant_unique_id" in shape:
        # From the participant to the appointment: fifty times as fast as asking each appointment.
        statement = (
            select(*selected)
            .select_from(PARTICIPANT)
            .join(TABLE, PARTICIPANT.c.appointment_id == TABLE.c.id)
            .where(
                within(Participant), PARTICIPANT.c.unique_id == bindparam("participant_unique_id")
            )
        )
    else:
        statement = select(*selected).select_from(TABLE)
    statement = statement.where(within(Appointment))
    start = _sorted_column(shape, OrderField.START_DATE_TIME)
    if "starts_from" in shape:
        statement = statement.where(start >= bindparam("starts_from", type_=UtcDateTime))
    if "starts_until" in shape:
        statement = statement.where(start <= bindparam("starts_until", type_=UtcDateTime))
    return statement.where(false()) if NO_STATUS in shape else statement


def _statuses(shape: Shape, *, by_index: bool) -> list[ColumnElement[bool]]:
    column = TABLE.c.status if by_index else Unindexed(TABLE.c.status)
    return [
        column == bindparam(name, type_=TABLE.c.status.type)
        for name in sorted(shape)
        if name.startswith("status_")
    ]


def _sorted_column(shape: Shape, field: OrderField) -> Any:
    # A list of one person's appointments is short: sort it rather than walk everybody's.
    column = TABLE.c[field]
    return Unindexed(column) if "participant_unique_id" in shape else column
