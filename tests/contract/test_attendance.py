"""Stays: how many of a link are recorded in a day, and how they are read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from schema.domain.attendance import MOST_A_DAY
from schema.resolvers import joining
from schema.rooms import DeviceLeft
from tests.conftest import MovableClock
from tests.contract.test_appointments import booking
from tests.contract.test_joining import token_of
from tests.contract.test_lifecycle import log_of
from tests.faces import GraphQLFace, Refused
from tests.people import Tenant

# Twelve hours around midnight.
NIGHT = datetime(2026, 3, 2, 20, tzinfo=UTC)
ATTENDANCE = """
query($id: ID!, $last: Int) { participant(id: $id) { attendance(last: $last) { joinedAt leftAt } } }
"""
DEFAULT = "query($id: ID!) { participant(id: $id) { attendance { joinedAt } } }"
MANY = """
{ appointments(first: 2) { nodes { participants(first: 5) { nodes { uniqueId attendance(last: 2) { joinedAt } } } } } }
"""


@pytest.fixture
def face(client: httpx2.AsyncClient, tenant: Tenant) -> GraphQLFace:
    return GraphQLFace(client, tenant.write)


@pytest.fixture
async def booked(face: GraphQLFace, clock: MovableClock) -> dict[str, Any]:
    """An appointment over midnight that is open."""
    row = await face.create(**booking(start_date_time=NIGHT.isoformat(), duration_minutes=720))
    clock.set(NIGHT)
    return row


async def join(app: Starlette, person: dict[str, Any], times: int = 1) -> None:
    for _ in range(times):
        joined = await joining.join(app.state.lifespan["services"], token_of(person), "r")
        assert joined.visit.admission.code == "OPEN"


async def leave(app: Starlette, row: Any, person: Any, at: datetime, id: str) -> bool:
    report = DeviceLeft(row["id"], person["id"], at, id)
    return await joining.leave(app.state.lifespan["services"], report, "r")


async def count(app: Starlette, tenant: Tenant, type: str) -> int:
    return sum(event.type == type for event in await log_of(app, tenant))


async def test_a_link_goes_on_working_after_two_hundred_joins_a_day(
    app: Starlette, clock: MovableClock, tenant: Tenant, booked: dict[str, Any]
) -> None:
    anna, ben = booked["participants"]
    await join(app, anna, MOST_A_DAY + 10)
    assert MOST_A_DAY == 200
    assert await count(app, tenant, "participant.joined") == 200
    await join(app, ben)
    assert await count(app, tenant, "participant.joined") == 201
    clock.set(NIGHT.replace(hour=23, minute=59, second=59))
    await join(app, anna)
    assert await count(app, tenant, "participant.joined") == 201
    clock.move(seconds=1)
    await join(app, anna, MOST_A_DAY + 1)
    assert await count(app, tenant, "participant.joined") == 401


async def test_leaves_are_counted_alike(
    app: Starlette, clock: MovableClock, tenant: Tenant, booked: dict[str, Any]
) -> None:
    anna = booked["participants"][0]
    await join(app, anna)
    told = [
        await leave(app, booked, anna, clock.now(), f"EV_{place}")
        for place in range(MOST_A_DAY + 5)
    ]
    assert told == [True] * MOST_A_DAY + [False] * 5
    assert await count(app, tenant, "participant.left") == MOST_A_DAY


async def test_the_latest_stays_are_shown_oldest_first(
    app: Starlette, clock: MovableClock, face: GraphQLFace, booked: dict[str, Any]
) -> None:
    anna = booked["participants"][0]
    starts = []
    for place in range(110):
        starts.append(clock.now().isoformat().replace("+00:00", "Z"))
        await join(app, anna)
        clock.move(seconds=30)
        assert await leave(app, booked, anna, clock.now(), f"EV_{place}")
        clock.move(seconds=30)

    async def shown(last: int | None) -> list[str]:
        data = await face.send(ATTENDANCE, id=anna["id"], last=last)
        stays = data["participant"]["attendance"]
        for stay in stays:
            length = datetime.fromisoformat(stay["leftAt"]) - datetime.fromisoformat(
                stay["joinedAt"]
            )
            assert length == timedelta(seconds=30)
        return [stay["joinedAt"] for stay in stays]

    for last in (1, 7, 100):
        assert await shown(last) == starts[-last:]
    assert await shown(None) == starts[-20:]
    default = (await face.send(DEFAULT, id=anna["id"]))["participant"]["attendance"]
    assert [stay["joinedAt"] for stay in default] == starts[-20:]


@pytest.mark.parametrize("last", [0, -1, 101, -(2**31), 2**31 - 1])
async def test_an_absurd_number_of_stays_is_bad_input(
    face: GraphQLFace, booked: dict[str, Any], last: int
) -> None:
    with pytest.raises(Refused) as refused:
        await face.send(ATTENDANCE, id=booked["participants"][0]["id"], last=last)
    assert refused.value.code == "validation_failed"  # What the face calls BAD_USER_INPUT.


async def test_each_of_many_participants_has_their_own_stays(
    app: Starlette, clock: MovableClock, face: GraphQLFace, booked: dict[str, Any]
) -> None:
    anna, ben = booked["participants"]
    await join(app, anna, 3)
    clock.move(minutes=1)
    await join(app, ben, 1)
    (row,) = (await face.send(MANY))["appointments"]["nodes"]
    found = {
        person["uniqueId"]: [stay["joinedAt"] for stay in person["attendance"]]
        for person in row["participants"]["nodes"]
    }
    assert found == {
        anna["unique_id"]: ["2026-03-02T20:00:00Z"] * 2,
        ben["unique_id"]: ["2026-03-02T20:01:00Z"],
    }
