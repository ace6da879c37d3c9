"""Pages far down a list, and counts, are found by the histogram of starts: the same answers."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.connect import open_database
from db.engine import Database, Tenancy
from db.ids import new_id
from db.location import Location
from db.models import (
    AppointmentItem,
    AppointmentRow,
    AppointmentStatus,
    LogEnds,
    OrganizationRow,
)
from db.queries import appointments, events, histogram, system
from db.queries.filters import Filter, OrderField, Sorting
from db.statement import Family
from tests.postgresql.places import rows as rows_of_table

NOW = datetime(2026, 3, 2, tzinfo=UTC)
STATUSES = list(AppointmentStatus)
START = OrderField.START_DATE_TIME
# Many in one hour, some at one instant, at the ends of an hour, a year and the calendar.
INSTANTS = [
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(2025, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    *(datetime(2026, 1, 1, 0, 0, tzinfo=UTC) + timedelta(minutes=20 * n) for n in range(7)),
    *(datetime(2026, 1, 2, 9, 0, tzinfo=UTC) + timedelta(days=n) for n in range(3)),
    datetime(2026, 2, 28, 9, 59, 59, 999999, tzinfo=UTC),
    datetime(2031, 7, 1, 12, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
]
AROUND = [*INSTANTS, *(each - timedelta(microseconds=1) for each in INSTANTS[1:])]


@pytest.fixture
async def database(location: Location) -> AsyncIterator[Database]:
    database = await open_database(location)
    yield database
    await database.close()


def booked(start: datetime, status: AppointmentStatus) -> AppointmentRow:
    return AppointmentRow(
        new_id(), "T", start, 30, None, status, 1, None, None, None, None, None, NOW, NOW, 0
    )


async def count_in(tx: Tenancy, come: int) -> None:
    """Counts appointments that came or went, as their events would."""
    await events.add_numbered(tx, [], LogEnds(0, 0), come)


async def organization(database: Database, rows: list[AppointmentRow]) -> str:
    made = OrganizationRow(new_id(), new_id(), True, NOW)
    async with database.write() as tx:
        await system.add_organization(tx, made)
        tenancy = Tenancy(tx, made.id)
        await appointments.add_many(tenancy, rows)
        await count_in(tenancy, len(rows))
    return made.id


rows_of = st.lists(
    st.builds(booked, st.sampled_from(INSTANTS), st.sampled_from(STATUSES)), max_size=40
)
statuses = st.none() | st.lists(st.sampled_from(STATUSES), min_size=1, max_size=3).map(tuple)
ends = st.none() | st.sampled_from(AROUND)
filters = st.builds(Filter, st.none(), ends, ends, statuses, st.none())
steps = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove", "move", "change", "both"]),
        st.integers(0, 100),
        st.sampled_from(INSTANTS),
        st.sampled_from(STATUSES),
    ),
    max_size=8,
)


def matching(rows: list[AppointmentRow], wanted: Filter) -> list[AppointmentRow]:
    return [
        row
        for row in rows
        if (wanted.status is None or row.status in wanted.status)
        and (wanted.starts_from is None or row.start_date_time >= wanted.starts_from)
        and (wanted.starts_until is None or row.start_date_time <= wanted.starts_until)
    ]


def item(row: AppointmentRow) -> AppointmentItem:
    return AppointmentItem(*(getattr(row, name) for name in AppointmentItem._fields))


async def written(
    tx: Tenancy, rows: list[AppointmentRow], step: tuple[str, int, datetime, AppointmentStatus]
) -> None:
    """Makes one change, in the database and in the list."""
    kind, number, start, status = step
    if kind == "add" or not rows:
        rows.append(booked(start, status))
        await appointments.add(tx, rows[-1])
        await count_in(tx, 1)
        return
    place = number % len(rows)
    row = rows[place]
    if kind == "remove":
        del rows[place]
        await appointments.remove(tx, row)
        await count_in(tx, -1)
        return
    values: dict[str, Any] = {"updated_at": NOW, "title": "U"}
    values |= {"start_date_time": start} if kind in {"move", "both"} else {}
    values |= {"status": status} if kind in {"change", "both"} else {}
    assert await appointments.change(tx, row.id, row.version, values)
    rows[place] = row._replace(**values, version=row.version + 1)


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets short lists be found by the histogram as well."""
    monkeypatch.setattr(appointments, "FEW", 1)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=rows_of, steps=steps, wanted=st.lists(filters, min_size=1, max_size=4))
async def test_every_page_and_count_is_what_the_rows_say(
    database: Database, always: None, rows: list[AppointmentRow], steps: Any, wanted: list[Filter]
) -> None:
    id = await organization(database, rows)
    # Of another organization, which must not be counted in.
    other = await organization(database, [booked(each, STATUSES[0]) for each in INSTANTS])
    for step in steps:
        async with database.write(id) as transaction:
            await written(Tenancy(transaction, id), rows, step)
    async with database.read(id) as transaction:
        tx = Tenancy(transaction, id)
        for each in wanted:
            await ensure_same(tx, each, matching(rows, each))
    async with database.read(other) as transaction:
        tx = Tenancy(transaction, other)
        assert await histogram.count(tx, Filter(status=(STATUSES[0],))) == len(INSTANTS)


async def ensure_same(tx: Tenancy, wanted: Filter, rows: list[AppointmentRow]) -> None:
    assert await appointments.count(tx, wanted) == len(rows)
    if wanted != Filter():
        assert await histogram.count(tx, wanted) == len(rows)
    latest = sorted(rows, key=lambda row: row.id)
    latest.sort(key=lambda row: row.start_date_time, reverse=True)
    for descending, expected in ((True, latest), (False, latest[::-1])):
        items = [item(row) for row in expected]
        order = (Sorting(START, descending),)
        for offset in range(len(items) + 2):
            found = await appointments.offset_page(tx, wanted, 3, offset, order)
            assert found == items[offset : offset + 3]


async def test_a_period_in_which_nothing_starts_any_more_leaves_no_row(
    database: Database, location: Location
) -> None:
    rows = [booked(INSTANTS[0], STATUSES[0]), booked(INSTANTS[0], STATUSES[0])]
    id = await organization(database, rows)
    kept = "SELECT period, amount FROM appointment_histogram ORDER BY period"
    for start in INSTANTS[1:]:
        async with database.write(id) as transaction:
            await written(Tenancy(transaction, id), rows, ("move", 0, start, STATUSES[0]))
    starts = [row.start_date_time.isoformat() for row in rows]
    periods = sorted(start[:length] for start in starts for length in (7, 10, 13))
    assert rows_of_table(location, kept) == [(period, 1) for period in periods]
    for _ in range(2):
        async with database.write(id) as transaction:
            await written(Tenancy(transaction, id), rows, ("remove", 0, NOW, STATUSES[0]))
    assert rows_of_table(location, kept) == []


async def test_where_the_histogram_is_not_kept_rows_are_counted(
    database: Database, always: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [booked(each, STATUSES[n % 2]) for n, each in enumerate(INSTANTS)]
    id = await organization(database, rows)
    async with database.write(id) as transaction:
        # As if an appointment had come without its trigger.
        await count_in(Tenancy(transaction, id), 1)
    async with database.read(id) as transaction:
        tx = Tenancy(transaction, id)
        wanted = Filter(status=(STATUSES[0],))
        assert await histogram.count(tx, wanted) is None
        assert await histogram.hour_of(tx, wanted, 0, descending=True) is None
        assert await appointments.count(tx, wanted) == len(matching(rows, wanted))
        latest = sorted(matching(rows, wanted), key=lambda row: row.start_date_time, reverse=True)
        found = await appointments.offset_page(tx, wanted, 3, 2)
        assert [each.id for each in found] == [each.id for each in latest[2:5]]


async def test_short_lists_and_first_pages_do_not_ask_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = await organization(database, [booked(each, STATUSES[0]) for each in INSTANTS])
    asked: list[str] = []
    ready = Family.ready

    async def noted(self: Any, *arguments: Any) -> Any:
        asked.append(self.name)
        return await ready(self, *arguments)

    monkeypatch.setattr(Family, "ready", noted)
    async with database.read(id) as transaction:
        tx = Tenancy(transaction, id)
        await appointments.offset_page(tx, Filter(), 20, 900)
        await appointments.count(tx, Filter(starts_from=NOW))
        for other in (Filter("p"), Filter(updated_since=NOW), Filter(status=())):
            await appointments.offset_page(tx, other, 20, 5000)
            await appointments.count(tx, other)
        await appointments.offset_page(
            tx, Filter(), 9, 5000, (Sorting(OrderField.CREATED_AT, True),)
        )
    assert set(asked) == {
        "appointments.offset_page",
        "appointments.count",
        "appointments.count_few",
    }
