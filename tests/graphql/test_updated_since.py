"""What changed lately: found in any order, from either end, at the cost of what is found."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from db import migrate
from db.engine import Tenancy
from db.location import SqliteFile
from db.queries import appointments
from db.queries.appointments import KeysetPage
from db.queries.filters import Filter, OrderField
from db.sqlite import SqliteDatabase
from db.values import store_instant
from tests.conftest import NOON, MovableClock
from tests.contract.test_appointments import booking
from tests.faces import RestFace
from tests.graphql.conftest import Ask
from tests.people import Tenant

QUERY = """
query($since: DateTime, $first: Int, $after: String, $last: Int, $before: String, $orderBy: AppointmentOrder! = {}, $status: [AppointmentStatus!]) {
  appointments(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy, filter: {updatedSince: $since, status: $status}) {
    totalCount nodes { title } pageInfo { endCursor startCursor hasNextPage hasPreviousPage }
  }
}
"""


@pytest.fixture
async def rows(client: httpx2.AsyncClient, tenant: Tenant, clock: MovableClock) -> list[Any]:
    """Six appointments, booked an hour apart; the last starts first."""
    rest = RestFace(client, tenant.write)
    rows = []
    for n in range(6):
        start = NOON + timedelta(days=90 - n)
        rows.append(await rest.create(**booking(title=f"n{n}", start_date_time=start.isoformat())))
        clock.move(hours=1)
    # The second is changed after all the others, and so is whom the third is for.
    await rest.update(rows[1]["id"], title="n1 changed")
    clock.move(hours=1)
    await rest.remove_participant(rows[2]["id"], rows[2]["participants"][0]["id"])
    return rows


def at(hours: float) -> str:
    return (NOON + timedelta(hours=hours)).isoformat()


async def titles(ask: Ask, **variables: Any) -> list[str]:
    page = (await ask(QUERY, **variables))["data"]["appointments"]
    assert page["totalCount"] >= len(page["nodes"])
    return [node["title"] for node in page["nodes"]]


async def test_what_changed_at_an_instant_or_after_it_is_found(ask: Ask, rows: list[Any]) -> None:
    assert await titles(ask, since=at(4)) == ["n1 changed", "n2", "n4", "n5"]
    assert await titles(ask, since=at(4.5)) == ["n1 changed", "n2", "n5"]
    assert await titles(ask, since=at(6)) == ["n1 changed", "n2"]
    assert await titles(ask, since=at(7)) == ["n2"]
    assert await titles(ask, since=at(8)) == []
    assert len(await titles(ask, since=None)) == 6
    assert await titles(ask, since=at(4), status=["SCHEDULED"]) == ["n1 changed", "n2", "n4", "n5"]
    assert await titles(ask, since=at(4), status=["ACTIVE"]) == []
    assert await titles(ask, since=at(4), status=[]) == []


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("UPDATED_AT", ["n2", "n1 changed", "n5", "n4"]),
        ("CREATED_AT", ["n5", "n4", "n2", "n1 changed"]),
        ("START_DATE_TIME", ["n1 changed", "n2", "n4", "n5"]),
    ],
)
async def test_it_is_walked_from_both_ends(
    ask: Ask, rows: list[Any], field: str, expected: list[str]
) -> None:
    for direction, sought in (("DESC", expected), ("ASC", expected[::-1])):
        for ends in (("first", "after", "endCursor"), ("last", "before", "startCursor")):
            count, beyond, cursor = ends
            found: list[str] = []
            position = None
            for _ in range(4):
                variables = {count: 1, beyond: position, "since": at(4)}
                order = {"field": field, "direction": direction}
                page = (await ask(QUERY, orderBy=order, **variables))["data"]["appointments"]
                found += [node["title"] for node in page["nodes"]]
                position = page["pageInfo"][cursor]
                assert page["totalCount"] == 4
            assert found == (sought if count == "first" else sought[::-1])


SIZES = (1_000, 20_000)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Path]]:
    """Databases of two sizes, in each of which the same fifty changed since noon."""
    made = {}
    for size in SIZES:
        path = made[size] = tmp_path_factory.mktemp("changed") / "connect.db"
        migrate.upgrade(SqliteFile(path))
        connection = sqlite3.connect(path)
        connection.execute(
            "INSERT INTO organization (id, name, is_active, event_seq, created_at, appointment_count, event_floor) VALUES ('o', 'A', 1, 0, '', ?, 0)",
            [size],
        )
        connection.executemany(
            "INSERT INTO appointment VALUES ('o', ?, 'T', ?, 30, NULL, 'scheduled', 1, NULL, NULL,"
            " NULL, NULL, ?, ?, NULL, 0)",
            [row(n, is_changed=n % (size // 50) == 0) for n in range(size)],
        )
        connection.commit()
        connection.close()
    yield made


def row(n: int, *, is_changed: bool) -> tuple[Any, ...]:
    start, booked = (store_instant(NOON + timedelta(minutes=each)) for each in (n, -1 - n))
    return f"{n:036}", start, booked, store_instant(NOON) if is_changed else booked


async def steps_of(path: Path, page: KeysetPage) -> int:
    database = await SqliteDatabase.open(path)
    try:
        async with database.read("o") as transaction:
            tx, wanted = Tenancy(transaction, "o"), Filter(updated_since=NOON)
            assert await appointments.count(tx, wanted) == 50
            assert len(await appointments.keyset_page(tx, wanted, page)) == 20
        return transaction.steps
    finally:
        await database.close()


@pytest.mark.parametrize("field", OrderField)
@pytest.mark.parametrize("backwards", [False, True])
async def test_it_costs_the_same_however_many_did_not_change(
    paths: dict[int, Path], field: OrderField, backwards: bool
) -> None:
    page = KeysetPage(20, field, backwards=backwards)
    small, large = [await steps_of(paths[size], page) for size in SIZES]
    assert large <= small + 1 <= 8
