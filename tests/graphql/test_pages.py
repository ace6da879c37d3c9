"""Relay connections: a walk that misses nothing, bounds, cursors, constant statement counts."""

import random
from base64 import urlsafe_b64encode
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from tests.contract.test_appointments import booking
from tests.faces import RestFace
from tests.graphql.conftest import Ask
from tests.people import Tenant

PAGE = """
query($first: Int, $after: String, $last: Int, $before: String, $orderBy: AppointmentOrder! = {}) {
  appointments(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy) {
    totalCount
    edges { cursor node { id title startDateTime } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
NESTED = """
query($first: Int) {
  appointments(first: $first) {
    nodes { id participantCount participants { nodes { id accessLink appointment { id } } } }
  }
}
"""


@pytest.fixture
def rest(client: httpx2.AsyncClient, tenant: Tenant) -> RestFace:
    return RestFace(client, tenant.write)


async def fill(rest: RestFace, count: int) -> list[str]:
    """Books appointments of which several start at the same time; returns their ids."""
    ids = []
    for n in range(count):
        row = await rest.create(
            **booking(title=f"n{n}", start_date_time=f"2026-03-{1 + n // 3:02}T09:00:00Z")
        )
        ids.append(row["id"])
    return ids


@pytest.mark.parametrize("field", ["START_DATE_TIME", "CREATED_AT", "UPDATED_AT"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_walks_forwards_and_backwards_see_every_row_once(
    ask: Ask, rest: RestFace, field: str, direction: str
) -> None:
    ids = await fill(rest, 11)
    order = {"field": field, "direction": direction}
    forwards: list[str] = []
    after = None
    while True:
        page = (await ask(PAGE, first=4, after=after, orderBy=order))["data"]["appointments"]
        forwards += [edge["node"]["id"] for edge in page["edges"]]
        assert page["totalCount"] == 11
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert sorted(forwards) == sorted(ids)
    backwards: list[str] = []
    before = None
    while True:
        page = (await ask(PAGE, last=3, before=before, orderBy=order))["data"]["appointments"]
        backwards = [edge["node"]["id"] for edge in page["edges"]] + backwards
        before = page["pageInfo"]["startCursor"]
        if not page["pageInfo"]["hasPreviousPage"]:
            break
    assert backwards == forwards


async def test_a_walk_shows_untouched_rows_once_while_others_come_and_go(
    ask: Ask, rest: RestFace
) -> None:
    ids = await fill(rest, 30)
    chance = random.Random(7)
    doomed = set(chance.sample(ids, 8))
    untouched = set(ids) - doomed
    waiting = list(doomed)
    seen: list[str] = []
    after = None
    while True:
        page = (await ask(PAGE, first=4, after=after))["data"]["appointments"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        for _ in range(2):
            day = chance.randint(1, 12)
            await rest.create(**booking(start_date_time=f"2026-03-{day:02}T09:00:00Z"))
        if waiting:
            await rest.delete(waiting.pop())
    assert [id for id in seen if id in untouched] == [
        id for id in dict.fromkeys(seen) if id in untouched
    ]
    assert untouched <= set(seen)


@pytest.mark.parametrize(
    "arguments",
    [
        {"first": 0},
        {"first": 101},
        {"last": -1},
        {"first": 1, "last": 1},
        {"first": 1, "after": "rubbish"},
        {"first": 1, "after": "é"},
        {"first": 1, "after": ""},
        {"last": 1, "before": "c3RhcnRfZGF0ZV90aW1lfDF8Mg"},
    ],
)
async def test_arguments_that_make_no_sense_are_refused(
    ask: Ask, rest: RestFace, arguments: dict[str, Any]
) -> None:
    answer = await ask(PAGE, **arguments)
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_cursor_of_another_order_is_refused(ask: Ask, rest: RestFace) -> None:
    await fill(rest, 3)
    page = (await ask(PAGE, first=1))["data"]["appointments"]
    answer = await ask(
        PAGE, first=1, after=page["pageInfo"]["endCursor"], orderBy={"field": "CREATED_AT"}
    )
    assert "orderBy" in answer["errors"][0]["message"]


@pytest.mark.parametrize(
    "position",
    [
        "start_date_time|0001-01-01T00:00:00+23:59|{id}",
        "start_date_time|9999-12-31T23:59:59-23:59|{id}",
        "start_date_time|2026-01-01T00:00:00|{id}",
        "start_date_time|2026-01-01T00:00:00+00:00|{id}|",
        "start_date_time|2026-01-01|x",
    ],
)
async def test_a_cursor_that_was_not_ours_is_refused(ask: Ask, position: str) -> None:
    text = position.format(id="018f0000-0000-7000-8000-000000000000")
    cursor = urlsafe_b64encode(text.encode()).decode().rstrip("=")
    answer = await ask(PAGE, first=1, after=cursor)
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_participants_are_paged_within_each_appointment(ask: Ask, rest: RestFace) -> None:
    people = [{"unique_id": f"p{n:03}", "role": "participant"} for n in range(130)]
    await rest.create(**booking(participants=people))
    query = """
    query($first: Int, $after: String, $last: Int, $before: String) {
      appointments(first: 1) { nodes { participants(first: $first, after: $after, last: $last, before: $before)
        { totalCount nodes { uniqueId } pageInfo { hasNextPage hasPreviousPage endCursor startCursor } } } }
    }"""

    async def page(**arguments: Any) -> Any:
        answer = await ask(query, **arguments)
        return answer["data"]["appointments"]["nodes"][0]["participants"]

    seen: list[str] = []
    after = None
    while True:
        found = await page(first=50, after=after)
        assert found["totalCount"] == 130
        seen += [node["uniqueId"] for node in found["nodes"]]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    assert seen == [person["unique_id"] for person in people]
    assert [node["uniqueId"] for node in (await page())["nodes"]] == seen[:20]
    assert [node["uniqueId"] for node in (await page(last=3))["nodes"]] == seen[-3:]


async def statements(app: Starlette, work: Any) -> int:
    """How many statements `work` took, the look-up of a fresh token left aside."""
    database = app.state.lifespan["services"].database
    before = database.statements
    await work
    return int(database.statements - before)


@pytest.mark.parametrize("size", [1, 5, 40])
async def test_statement_counts_do_not_depend_on_the_page(
    ask: Ask, app: Starlette, rest: RestFace, size: int
) -> None:
    ids = await fill(rest, 40)
    await ask("{ viewer { tokenName } }")
    rest_list = rest.send("GET", "", page_size=size)
    assert await statements(app, rest_list) <= 3
    assert await statements(app, rest.get(ids[0])) <= 3
    assert await statements(app, ask(PAGE, first=size)) <= 3
    # The page, all its participants, and the appointments that those name again.
    assert await statements(app, ask(NESTED, first=size)) <= 3
    one = "query($id: ID!) { appointment(id: $id) { id participants { nodes { id } } } }"
    assert await statements(app, ask(one, id=ids[0])) <= 3


async def test_pages_of_crowded_appointments_load_no_more_than_a_page_of_each(
    ask: Ask, app: Starlette, rest: RestFace
) -> None:
    people = [{"unique_id": f"p{n:04}", "role": "participant"} for n in range(900)]
    for _ in range(3):
        await rest.create(**booking(participants=people))
    await ask("{ viewer { tokenName } }")
    answers: list[Any] = []

    async def work() -> None:
        answers.append(await ask(NESTED, first=20))

    assert await statements(app, work()) <= 3
    nodes = answers[0]["data"]["appointments"]["nodes"]
    assert [len(node["participants"]["nodes"]) for node in nodes] == [20, 20, 20]
    assert [node["participantCount"] for node in nodes] == [900, 900, 900]
