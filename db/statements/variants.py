"""The variants of statements that are precompiled: those in daily use.

Others are compiled on demand; the first one takes half a second on a thread, and 25 MiB.
"""

from collections.abc import Hashable, Iterator
from itertools import chain, combinations, product
from typing import cast

from ..models import AppointmentItem, appointment, participant
from ..queries.filters import LATEST_FIRST, OrderField, Shape, Sorting

Arguments = tuple[Hashable, ...]

STARTS = (OrderField.START_DATE_TIME,)
BOTH = (False, True)
# Filters by more statuses than this are rare.
STATUSES = 2
# A page at an end, after a position, or before one.
PLACES = ((False, False), (True, False), (False, True))
DATES: Shape = frozenset({"starts_from", "starts_until"})
SINCE: Shape = frozenset({"updated_since"})
TIMES = frozenset({"start_date_time", "duration_minutes"})
# How many columns are changed at once: more is rare, and their combinations would be many.
CHANGED = 4


def shapes() -> Iterator[Shape]:
    """Yields the common filters."""
    others = ("participant_unique_id", "starts_from", "starts_until")
    for count, chosen in product(range(STATUSES + 1), _subsets(others)):
        yield frozenset([*chosen, *(f"status_{place}" for place in range(count))])


def _subsets(names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(names, size) for size in range(len(names) + 1))


def _keyset_pages() -> Iterator[Arguments]:
    for shape, descending, backwards, place in product(shapes(), BOTH, BOTH, PLACES):
        yield (shape, OrderField.START_DATE_TIME, descending, backwards, *place)
    others = (OrderField.CREATED_AT, OrderField.UPDATED_AT)
    for field, descending, backwards, place in product(others, BOTH, BOTH, PLACES):
        yield (frozenset(), field, descending, backwards, *place)
    for field, descending, backwards, place in product(OrderField, BOTH, BOTH, PLACES):
        yield (SINCE, field, descending, backwards, *place)


def _offset_pages() -> Iterator[Arguments]:
    for shape in shapes():
        yield (shape,)
    for field, descending in product(OrderField, BOTH):
        order = (Sorting(field, descending),)
        if order != LATEST_FIRST:
            yield (frozenset(), *order)


def _keyset_items() -> Iterator[Arguments]:
    """Yields the pages for which items are worth the memory; others read complete rows."""
    for shape, field, *rest in _keyset_pages():
        is_rare = {"status_1", *SINCE} & cast(Shape, shape)
        if field in AppointmentItem._fields and not is_rare:
            yield (shape, field, *rest)


def _together(columns: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    return (chosen for chosen in _subsets(columns) if 1 <= len(chosen) <= CHANGED)


def _changes_of_appointments() -> Iterator[Arguments]:
    """Yields the columns that PATCH and the transitions of the life cycle set."""
    for chosen in _together(appointment.CHANGEABLE):
        names = frozenset(chosen) | {"updated_at"}
        if TIMES & names:
            yield (names | {"clock_end_at"},)
            yield (names | {"clock_end_at", "status", "ended_at"},)
        else:
            yield (names,)
    step = frozenset({"status", "updated_at", "clock_end_at"})
    for more in ({"started_at"}, {"ended_at"}, {"ended_at", "cancelled_at", "cancel_reason"}):
        yield (step | more,)


def _changes_of_participants() -> Iterator[Arguments]:
    for chosen in (*_together(participant.CHANGEABLE), ("link_version",)):
        yield (frozenset(chosen) | {"updated_at"},)


VARIANTS: dict[str, list[Arguments]] = {
    "appointments.count": [(shape,) for shape in (*shapes(), SINCE)],
    "appointments.count_few": [(shape,) for shape in shapes() if DATES & shape],
    "appointments.offset_page": list(_offset_pages()),
    "appointments.keyset_page": list(_keyset_pages()),
    "appointments.keyset_items": list(_keyset_items()),
    "appointments.change": list(_changes_of_appointments()),
    "events.part": list(product(BOTH, BOTH)),
    "histogram.total": [(count,) for count in range(STATUSES + 1)],
    "histogram.before": [(count,) for count in range(STATUSES + 1)],
    "histogram.hour": list(product(range(STATUSES + 1), BOTH)),
    "participants.change": list(_changes_of_participants()),
    "participants.pages": [
        (backwards, *place) for backwards, place in product(BOTH, [*PLACES, (True, True)])
    ],
}
