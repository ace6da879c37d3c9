"""When an appointment can be started, through both faces, and what starting leads to."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from db.engine import Tenancy
from db.queries import appointments
from gateway.app import create_app
from gateway.settings import Settings
from schema.domain.admission import AdmissionCode
from schema.resolvers.clockwork import advance
from tests.conftest import InProcess, MovableClock
from tests.contract.conftest import FACES
from tests.contract.test_appointments import booking
from tests.contract.test_joining import look
from tests.contract.test_lifecycle import GRACE, SOON, log_of
from tests.faces import Face, GraphQLFace, Refused
from tests.people import Tenant, add_tenant

# The appointment of SOON takes half an hour: its window is 12:45 to 14:00.
DAY = datetime(2026, 3, 2, tzinfo=UTC)
SENTENCE = "This appointment can be started from 2026-03-02T12:45:00Z until 2026-03-02T14:00:00Z."
START = """
mutation($id: ID!) { startAppointment(id: $id) { __typename
  ... on OutsideJoinWindow { code message opensAt closesAt } } }
"""


@pytest.mark.parametrize("at", ["12:00:00", "12:44:59", "14:00:01", "23:00:00"])
async def test_outside_the_window_a_start_is_refused(
    face: Face, app: Starlette, clock: MovableClock, tenant: Tenant, at: str
) -> None:
    booked = await face.create(**booking(start_date_time=SOON))
    clock.set(datetime.fromisoformat(f"2026-03-02T{at}+00:00"))
    with pytest.raises(Refused) as refused:
        await face.start(booked["id"])
    assert (refused.value.code, refused.value.status) == ("outside_join_window", SENTENCE)
    assert await face.get(booked["id"]) == booked
    assert len(await log_of(app, tenant)) == 1


@pytest.mark.parametrize("at", ["12:45:00", "13:10:00", "14:00:00"])
async def test_within_the_window_it_starts(face: Face, clock: MovableClock, at: str) -> None:
    booked = await face.create(**booking(start_date_time=SOON))
    clock.set(datetime.fromisoformat(f"2026-03-02T{at}+00:00"))
    assert (await face.start(booked["id"]))["status"] == "active"


async def test_graphql_tells_the_window_as_data(client: httpx2.AsyncClient, tenant: Tenant) -> None:
    face = GraphQLFace(client, tenant.write)
    booked = await face.create(**booking(start_date_time=SOON))
    assert (await face.send(START, id=booked["id"]))["startAppointment"] == {
        "__typename": "OutsideJoinWindow",
        "code": "OUTSIDE_JOIN_WINDOW",
        "message": SENTENCE,
        "opensAt": "2026-03-02T12:45:00Z",
        "closesAt": "2026-03-02T14:00:00Z",
    }


async def test_rest_says_it_in_a_sentence(client: httpx2.AsyncClient, tenant: Tenant) -> None:
    booked = await GraphQLFace(client, tenant.write).create(**booking(start_date_time=SOON))
    answer = await client.post(
        f"/api/v1/appointments/{booked['id']}/start/",
        headers={"Authorization": f"Token {tenant.write}"},
    )
    assert (answer.status_code, answer.json()) == (400, {"detail": SENTENCE})


async def test_one_entered_after_its_end_is_watched_once_it_is_active(
    face: Face, app: Starlette, clock: MovableClock
) -> None:
    clock.set(DAY.replace(hour=13, minute=40))
    booked = await face.create(**booking(start_date_time=SOON))
    await face.start(booked["id"])
    assert await look(app, booked["participants"][1]) is AdmissionCode.OPEN
    clock.set(DAY.replace(hour=14))
    assert await advance(app.state.lifespan["services"], GRACE) == 1
    assert (await face.get(booked["id"]))["status"] == "completed"


async def test_until_the_clock_has_completed_it_an_active_one_is_open(
    face: Face, app: Starlette, clock: MovableClock
) -> None:
    booked = await face.create(**booking(start_date_time=SOON))
    clock.set(DAY.replace(hour=13))
    started = await face.start(booked["id"])
    clock.set(DAY.replace(hour=15))
    assert await look(app, booked["participants"][1]) is AdmissionCode.OPEN
    # A start that was made is answered as ever, also outside the window.
    assert await face.start(booked["id"]) == started


@pytest.fixture
async def early_moderators(
    settings: Settings, clock: MovableClock
) -> AsyncIterator[dict[str, Any]]:
    """The application whose moderators may come an hour ahead, and a token."""
    app = create_app(replace(settings, join_moderators_open_before_minutes=60), clock)
    async with app.router.lifespan_context(app) as state:
        app.state.lifespan = state
        tenant = await add_tenant(state["services"], "A")
        transport = httpx2.ASGITransport(app=InProcess(app))
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
            yield {"app": app, "client": client, "token": tenant.write}


@pytest.mark.parametrize("name", FACES)
async def test_a_room_opened_ahead_of_the_participants_time_lets_them_in(
    early_moderators: dict[str, Any], clock: MovableClock, name: str
) -> None:
    app = early_moderators["app"]
    face = FACES[name](early_moderators["client"], early_moderators["token"])
    booked = await face.create(**booking(start_date_time=SOON))
    assert await look(app, booked["participants"][1]) is AdmissionCode.TOO_EARLY
    await face.start(booked["id"])
    assert await look(app, booked["participants"][1]) is AdmissionCode.OPEN


async def test_a_reschedule_of_a_missed_one_to_a_window_that_is_open_can_be_started(
    face: Face, app: Starlette, clock: MovableClock, tenant: Tenant
) -> None:
    services = app.state.lifespan["services"]
    booked = await face.create(**booking(start_date_time=SOON))
    clock.set(DAY.replace(hour=16))
    assert await advance(services, GRACE) == 1
    await face.update(booked["id"], start_date_time="2026-03-02T15:45:00Z")
    assert (await face.start(booked["id"]))["status"] == "active"
    async with services.database.read() as transaction:
        row = await appointments.get(Tenancy(transaction, tenant.id), booked["id"])
    assert row is not None
    assert row.clock_end_at == DAY.replace(hour=15, minute=45) + timedelta(minutes=30)
