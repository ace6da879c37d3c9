"""How SQLite finds the rows of lists and counts: by which index, and without sorting."""

import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from db.engine import Tenancy
from db.ids import new_id
from db.models import (
    AppointmentItem,
    AppointmentRow,
    AppointmentStatus,
    ParticipantItem,
    ParticipantRole,
    ParticipantRow,
)
from db.queries import appointments, participants
from db.queries.appointments import KeysetPage, Position
from db.queries.filters import Filter, OrderField, Sorting
from db.sqlite import SqliteDatabase
from db.sqlite.connection import DIALECT
from db.statement import Statement

from .conftest import NOW, add_organization

STATUSES = list(AppointmentStatus)
DATES = {"starts_from": NOW, "starts_until": NOW + timedelta(days=300)}
ONE, THREE = (STATUSES[1],), tuple(STATUSES[:3])


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


def plan(connection: sqlite3.Connection, statement: Statement[Any]) -> list[str]:
    text = statement.compiled(DIALECT).text
    rows = connection.execute(f"EXPLAIN QUERY PLAN {text}", ["1"] * text.count("?"))
    return [row[3] for row in rows if "participant" not in row[3] and "SCALAR" not in row[3]]


def keyset(wanted: Filter, field: OrderField = OrderField.START_DATE_TIME, **more: bool) -> Any:
    given = {"descending": True, "backwards": False, "has_after": False, "has_before": False}
    return appointments._keyset_page(wanted.shape, field, *(given | more).values())


@pytest.mark.parametrize("dates", [{}, DATES])
@pytest.mark.parametrize("statuses", [ONE, THREE, tuple(STATUSES)])
def test_a_status_is_served_by_its_index(
    connection: sqlite3.Connection, statuses: Any, dates: Any
) -> None:
    wanted = Filter(status=statuses, **dates)
    lists = [
        appointments._offset_page(wanted.shape),
        keyset(wanted),
        keyset(wanted, descending=False),
        keyset(wanted, backwards=True, has_after=True),
        keyset(wanted, has_after=True, has_before=True),
    ]
    for statement in lists:
        steps = plan(connection, statement)
        searches = [step for step in steps if step.startswith("SEARCH")]
        assert len(searches) == len(statuses)
        start = " AND start_date_time" if dates else ""
        for step in searches:
            assert "INDEX appointment_by_status (organization_id=? AND status=?" + start in step
        assert not [step for step in steps if "TEMP B-TREE" in step or "SCAN" in step], steps
    (count,) = plan(connection, appointments._count(wanted.shape))
    assert "COVERING INDEX appointment_by_status (organization_id=? AND status=?" in count
    assert ("start_date_time>? AND start_date_time<?" in count) == bool(dates)


@pytest.mark.parametrize("field", [OrderField.CREATED_AT, OrderField.UPDATED_AT])
def test_another_order_is_walked_by_its_own_index(
    connection: sqlite3.Connection, field: OrderField
) -> None:
    index = {"created_at": "creation", "updated_at": "update"}[field]
    for wanted in (Filter(), Filter(status=THREE)):
        (step,) = plan(connection, keyset(wanted, field))
        assert f"INDEX appointment_by_{index} (organization_id=?)" in step


@pytest.mark.parametrize("field", OrderField)
@pytest.mark.parametrize("more", [{}, DATES, {"status": ONE}, {"status": THREE}])
def test_what_changed_lately_is_found_by_when_it_changed(
    connection: sqlite3.Connection, field: OrderField, more: Any
) -> None:
    wanted = Filter(updated_since=NOW, **more)
    for ends in ({}, {"has_after": True}, {"descending": False, "backwards": True}):
        steps = plan(connection, keyset(wanted, field, **ends))
        assert "INDEX appointment_by_update (organization_id=? AND updated_at>?" in steps[0], steps
        is_sorted = any("TEMP B-TREE" in step for step in steps)
        assert is_sorted == (field is not OrderField.UPDATED_AT)
    (count,) = plan(connection, appointments._count(wanted.shape))
    assert "INDEX appointment_by_update (organization_id=? AND updated_at>?" in count


def test_what_changed_lately_of_a_person_is_found_by_the_person(
    connection: sqlite3.Connection,
) -> None:
    wanted = Filter("p", updated_since=NOW)
    for statement in (keyset(wanted), keyset(wanted, OrderField.UPDATED_AT)):
        steps = plan(connection, statement)
        assert any("(organization_id=? AND id=?)" in step for step in steps), steps
        assert not any("appointment_by_update" in step for step in steps), steps


def test_without_a_status_the_start_is_the_index(connection: sqlite3.Connection) -> None:
    for wanted in (Filter(), Filter(**DATES)):
        (step,) = plan(connection, keyset(wanted))
        assert "INDEX appointment_by_start (organization_id=?" in step
    (step,) = plan(connection, appointments._count(Filter(**DATES).shape))
    assert "COVERING INDEX" in step


def test_a_numbered_page_is_read_from_the_index_alone(connection: sqlite3.Connection) -> None:
    for wanted in (Filter(), Filter(**DATES)):
        (step,) = plan(connection, appointments._offset_page(wanted.shape))
        assert "COVERING INDEX appointment_by_start (organization_id=?" in step


ORDERS = [Sorting(field, descending) for field in OrderField for descending in (False, True)]


@pytest.mark.parametrize("first", ORDERS, ids=str)
def test_a_numbered_page_in_another_order_is_walked_by_its_index(
    connection: sqlite3.Connection, first: Sorting
) -> None:
    index = {"start_date_time": "start", "created_at": "creation", "updated_at": "update"}[
        first.field
    ]
    (step,) = plan(connection, appointments._offset_page(Filter().shape, first))
    assert f"INDEX appointment_by_{index} (organization_id=?)" in step
    for second in ORDERS:
        if second.field is not first.field:
            steps = plan(connection, appointments._offset_page(Filter().shape, first, second))
            assert f"INDEX appointment_by_{index} (organization_id=?)" in steps[0]
            # Only rows that tie in the first order are sorted, never the whole list.
            assert re.fullmatch(r"USE TEMP B-TREE FOR (RIGHT PART|LAST .*) OF ORDER BY", steps[1])


def test_participants_are_shown_from_the_index(connection: sqlite3.Connection) -> None:
    for statement in (participants._ITEMS_OF, participants._ITEMS_OF_MANY):
        text = statement.compiled(DIALECT).text
        first, *_ = connection.execute(f"EXPLAIN QUERY PLAN {text}", ["1", "[]"])
        assert "USING COVERING INDEX participant_in_order (organization_id=?" in first[3]


def test_the_columns_of_an_item_are_the_first_ones_of_a_row() -> None:
    assert ParticipantRow._fields[: len(ParticipantItem._fields)] == ParticipantItem._fields


def test_stored_counts_are_not_computed(connection: sqlite3.Connection) -> None:
    (step,) = plan(connection, appointments._count(Filter().shape))
    assert step == "SEARCH organization USING INDEX sqlite_autoindex_organization_1 (id=?)"
    for wanted in (Filter(), Filter(status=THREE), Filter(**DATES)):
        offset = appointments._offset_page(wanted.shape)
        for statement in (keyset(wanted), offset, appointments._BY_ID, appointments._BY_IDS):
            assert "count(" not in statement.compiled(DIALECT).text
            assert "FROM participant" not in statement.compiled(DIALECT).text


def test_a_person_leads_to_their_appointments(connection: sqlite3.Connection) -> None:
    for wanted in (Filter("p"), Filter("p", status=THREE), Filter("p", **DATES, status=ONE)):
        for statement in (keyset(wanted), appointments._count(wanted.shape)):
            steps = plan(connection, statement)
            is_bare_count = statement is appointments._count(Filter("p").shape)
            assert is_bare_count is not any("(organization_id=? AND id=?)" in s for s in steps)


async def test_a_person_is_counted_without_their_appointments(tx: Tenancy) -> None:
    (first, second, *_) = await appointments.keyset_page(tx, Filter(), KeysetPage(2))
    people = [
        ParticipantRow(new_id(), each.id, "p", None, ParticipantRole.MODERATOR, 1, NOW, NOW)
        for each in (first, second)
    ]
    await participants.add(tx, people)
    assert await appointments.count(tx, Filter("p")) == 2
    assert await appointments.count(tx, Filter("q")) == 0
    await appointments.remove(tx, first)
    assert await appointments.count(tx, Filter("p")) == 1


@pytest.fixture
async def tx(database: SqliteDatabase) -> AsyncIterator[Tenancy]:
    organization = await add_organization(database)
    async with database.write() as transaction:
        tx = Tenancy(transaction, organization)
        for place in range(60):
            # Several with the same start, in every status.
            start = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(days=place // 7)
            await appointments.add(
                tx,
                AppointmentRow(
                    new_id(), f"{place}", start, 30, None, STATUSES[place % 5], 1, None, None,
                    None, None, None, start, start, 0,
                ),
            )  # fmt: skip
        yield tx


async def test_a_merged_list_is_what_a_filter_over_the_whole_list_gives(tx: Tenancy) -> None:
    everything = await appointments.keyset_page(tx, Filter(), KeysetPage(100))
    assert len(everything) == 60
    for size in range(6):
        for statuses in combinations(STATUSES, size):
            wanted = Filter(status=(*statuses, *statuses[:1]))
            expected = [row for row in everything if row.status in statuses]
            assert await appointments.count(tx, wanted) == len(expected)
            items = [item_of(row) for row in expected]
            assert await appointments.offset_page(tx, wanted, 100, 0) == items
            assert await appointments.offset_page(tx, wanted, 5, 3) == items[3:8]
            found = await appointments.keyset_items(tx, wanted, KeysetPage(100))
            # More statuses than one are rare: their statements are not compiled beforehand.
            assert found == (items if len(statuses) <= 1 else expected)
            await ensure_walked(tx, wanted, expected)


def item_of(row: AppointmentRow) -> AppointmentItem:
    return AppointmentItem(*(getattr(row, name) for name in AppointmentItem._fields))


async def ensure_walked(tx: Tenancy, wanted: Filter, expected: list[AppointmentRow]) -> None:
    for descending in (True, False):
        sought = expected if descending else expected[::-1]
        found: list[AppointmentRow] = []
        after = None
        while rows := await appointments.keyset_page(
            tx, wanted, KeysetPage(7, descending=descending, after=after)
        ):
            found += rows
            after = Position(rows[-1].start_date_time, rows[-1].id)
        assert found == sought
        last = KeysetPage(7, descending=descending, backwards=True)
        assert await appointments.keyset_page(tx, wanted, last) == sought[-7:]
