"""Statements about the histogram of starts: how many come before an instant, which hour is nth."""

from sqlalchemy import (
    CTE,
    BigInteger,
    ClauseElement,
    ColumnElement,
    ScalarSelect,
    String,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
)

from ..scope import tenant, within
from ..tables import Appointment, AppointmentHistogram, Organization
from ..types import UtcDateTime

TABLE = AppointmentHistogram.__table__  # type: ignore[attr-defined]
APPOINTMENT = Appointment.__table__  # type: ignore[attr-defined]
ORGANIZATION = Organization.__table__  # type: ignore[attr-defined]

MONTHS = literal_column("''", String)
LEVELS = ("month", "day", "hour")

_KNOWN = select(func.coalesce(func.sum(TABLE.c.amount), literal_column("0"))).where(
    within(AppointmentHistogram), TABLE.c.parent == MONTHS
)
# Where the triggers were taken away, nobody can rely on what they left.
_IS_KEPT = _KNOWN.scalar_subquery() == (
    select(ORGANIZATION.c.appointment_count).where(ORGANIZATION.c.id == tenant()).scalar_subquery()
)


def total(statuses: int) -> ClauseElement:
    """The number of appointments of some statuses; no row where the histogram is not kept."""
    found = select(func.sum(TABLE.c.amount)).where(
        within(AppointmentHistogram), TABLE.c.parent == MONTHS, *_of(TABLE.c.status, statuses)
    )
    return select(_number(found.scalar_subquery())).where(_IS_KEPT)


def before(statuses: int) -> ClauseElement:
    """The number of appointments that start before an instant, from the month down to its hour."""
    parents = (MONTHS, *(bindparam(name, type_=String) for name in LEVELS[:-1]))
    parts = [
        select(func.sum(TABLE.c.amount)).where(
            within(AppointmentHistogram),
            TABLE.c.parent == parent,
            TABLE.c.period < bindparam(name, type_=String),
            *_of(TABLE.c.status, statuses),
        )
        for parent, name in zip(parents, LEVELS, strict=True)
    ]
    start = APPOINTMENT.c.start_date_time
    parts.append(
        select(func.count()).where(
            within(Appointment),
            *_of(APPOINTMENT.c.status, statuses),
            start >= bindparam("begins_at", type_=UtcDateTime),
            start < bindparam("instant", type_=UtcDateTime),
        )
    )
    first, *rest = (_number(part.scalar_subquery()) for part in parts)
    return select(sum(rest, start=first)).where(_IS_KEPT)


def hour(statuses: int, descending: bool) -> ClauseElement:
    """The hour of the appointment with so many before it, and how many of those are in that hour.

    Goes down from the months to the hours: at each level to the period that holds it.
    """
    period: ColumnElement[str] = MONTHS
    place: ColumnElement[int] = bindparam("place", type_=BigInteger)
    for name in LEVELS:
        chosen = _down(period, place, name, statuses, descending)
        # As single values: a join would keep SQLite from reading a level in the order of its key.
        period, place = (select(each).scalar_subquery() for each in chosen.c)
    return select(chosen.c.period, chosen.c.place).where(_IS_KEPT)


def _down(
    parent: ColumnElement[str],
    place: ColumnElement[int],
    name: str,
    statuses: int,
    descending: bool,
) -> CTE:
    amount = func.sum(TABLE.c.amount)
    order = TABLE.c.period.desc() if descending else TABLE.c.period.asc()
    ranked = (
        select(
            TABLE.c.period,
            amount.label("amount"),
            (func.sum(amount).over(order_by=order) - amount).label("before"),
        )
        .where(
            within(AppointmentHistogram),
            TABLE.c.parent == parent,
            *_of(TABLE.c.status, statuses),
        )
        .group_by(TABLE.c.period)
        .cte(f"{name}s")
    )
    is_here = ranked.c.before <= place, place < ranked.c.before + ranked.c.amount
    left = cast(place - ranked.c.before, BigInteger)
    return select(ranked.c.period, left.label("place")).where(*is_here).cte(f"the_{name}")


def _of(column: ColumnElement[str], statuses: int) -> tuple[ColumnElement[bool], ...]:
    if not statuses:
        return ()
    type = TABLE.c.status.type
    return (or_(*(column == bindparam(f"status_{n}", type_=type) for n in range(statuses))),)


def _number(found: ScalarSelect[int]) -> ColumnElement[int]:
    return func.coalesce(cast(found, BigInteger), literal_column("0"))
