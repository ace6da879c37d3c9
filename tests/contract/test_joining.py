"""Links and joining, from the API's side: status, attendance, admission, rotation, events."""

import base64
import hashlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import jwt
import pytest
from starlette.applications import Starlette

from gateway.app import create_app
from gateway.settings import Settings
from schema.domain.admission import AdmissionCode
from schema.resolvers import joining
from schema.resolvers.clockwork import advance
from schema.rooms.livekit import LiveKitSettings
from tests.conftest import InProcess, MovableClock
from tests.contract.test_appointments import booking
from tests.contract.test_lifecycle import GRACE, OPEN, SOON, log_of
from tests.faces import Face, GraphQLFace
from tests.people import Tenant, add_tenant

SECRET = "a-secret-of-thirty-two-bytes-or-more"
ATTENDANCE = """
query($id: ID!) { appointment(id: $id) { status unsupportedConfig participants { nodes {
  uniqueId attendance { joinedAt leftAt } admission { code message opensAt closesAt serverTime }
} } } }
"""


def token_of(person: dict[str, Any]) -> str:
    return str(person["access_link"].rpartition("/")[2])


async def look(app: Starlette, person: dict[str, Any]) -> AdmissionCode:
    visit = await joining.look(app.state.lifespan["services"], token_of(person))
    return visit.admission.code


async def join(app: Starlette, person: dict[str, Any]) -> AdmissionCode:
    joined = await joining.join(app.state.lifespan["services"], token_of(person), "request")
    return joined.visit.admission.code


async def test_from_too_early_to_ended(
    face: Face, app: Starlette, clock: MovableClock, client: httpx2.AsyncClient, tenant: Tenant
) -> None:
    booked = await face.create(**booking(start_date_time=SOON))
    anna, ben = booked["participants"]
    assert await look(app, anna) is AdmissionCode.TOO_EARLY
    clock.set(clock.now().replace(hour=12, minute=44, second=59))
    assert await look(app, ben) is AdmissionCode.TOO_EARLY
    clock.move(seconds=1)
    assert await look(app, anna) is AdmissionCode.OPEN
    assert await look(app, ben) is AdmissionCode.WAITING_FOR_MODERATOR
    assert await join(app, ben) is AdmissionCode.WAITING_FOR_MODERATOR
    assert (await face.get(booked["id"]))["status"] == "scheduled"
    assert await join(app, anna) is AdmissionCode.OPEN
    assert (await face.get(booked["id"]))["status"] == "active"
    assert await join(app, ben) is AdmissionCode.OPEN
    assert await join(app, ben) is AdmissionCode.OPEN
    clock.set(clock.now().replace(hour=14, minute=0, second=0))
    assert await look(app, ben) is AdmissionCode.OPEN
    assert await advance(app.state.lifespan["services"], GRACE) == 1
    assert await join(app, ben) is AdmissionCode.ENDED
    assert (await face.get(booked["id"]))["status"] == "completed"
    told = [(event.type, event.source) for event in await log_of(app, tenant)]
    assert told == [
        ("appointment.created", face.name),
        ("appointment.started", "link"),
        ("participant.joined", "link"),
        ("participant.joined", "link"),
        ("participant.joined", "link"),
        ("appointment.completed", "clock"),
    ]
    data = await GraphQLFace(client, tenant.read).send(ATTENDANCE, id=booked["id"])
    people = data["appointment"]["participants"]["nodes"]
    assert [len(person["attendance"]) for person in people] == [1, 2]
    assert people[0]["attendance"] == [{"joinedAt": "2026-03-02T12:45:00Z", "leftAt": None}]
    assert people[0]["admission"] == {
        "code": "ENDED",
        "message": "This appointment has ended.",
        "opensAt": "2026-03-02T12:45:00Z",
        "closesAt": "2026-03-02T14:00:00Z",
        "serverTime": "2026-03-02T14:00:00Z",
    }


async def test_links_of_what_is_over_say_why(
    face: Face, app: Starlette, clock: MovableClock
) -> None:
    booked = await face.create(**booking(start_date_time=SOON))
    anna, ben = booked["participants"]
    await face.remove_participant(booked["id"], ben["id"])
    assert await join(app, ben) is AdmissionCode.REMOVED
    await face.cancel(booked["id"], "The consul is ill.")
    assert await join(app, anna) is AdmissionCode.CANCELLED
    await face.delete(booked["id"])
    assert await join(app, anna) is AdmissionCode.REMOVED
    missed = await face.create(**booking(start_date_time=SOON))
    clock.move(hours=3)
    await advance(app.state.lifespan["services"], GRACE)
    visit = await joining.look(app.state.lifespan["services"], token_of(missed["participants"][0]))
    assert visit.admission.code is AdmissionCode.ENDED
    assert "started" in visit.admission.message


async def test_a_rotated_link_dies_at_once(
    client: httpx2.AsyncClient, tenant: Tenant, app: Starlette
) -> None:
    face = GraphQLFace(client, tenant.write)
    booked = await face.create(**booking(start_date_time=SOON))
    anna = booked["participants"][0]
    query = "mutation($id: ID!) { rotateAccessLink(id: $id) { ... on AccessLinkRotated { participant { accessLink } } } }"
    rotated = (await face.send(query, id=anna["id"]))["rotateAccessLink"]["participant"]
    assert rotated["accessLink"] != anna["access_link"]
    services = app.state.lifespan["services"]
    old = await joining.look(services, token_of(anna))
    assert old.admission.code is AdmissionCode.REMOVED
    assert "newer" in old.admission.message
    assert await look(app, {"access_link": rotated["accessLink"]}) is AdmissionCode.TOO_EARLY
    last = (await log_of(app, tenant))[-1]
    assert last.type == "participant.link_rotated"


async def test_a_switched_off_organization_s_links_are_unknown(
    face: Face, app: Starlette, tenant: Tenant
) -> None:
    from db.queries import system

    booked = await face.create(**booking(start_date_time=SOON))
    async with app.state.lifespan["services"].database.write() as transaction:
        await system.switch_organization(transaction, tenant.id, False)
    assert await look(app, booked["participants"][0]) is AdmissionCode.UNKNOWN_LINK


async def test_a_hundred_races_have_one_winner_each(face: Face, clock: MovableClock) -> None:
    import asyncio

    from tests.faces import Refused

    clock.set(OPEN)
    for _ in range(25):
        booked = await face.create(**booking(start_date_time=SOON, participants=[]))
        outcomes = await asyncio.gather(
            face.start(booked["id"]),
            face.cancel(booked["id"]),
            face.start(booked["id"]),
            face.cancel(booked["id"]),
            return_exceptions=True,
        )
        refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
        assert len(refused) == 2
        status = (await face.get(booked["id"]))["status"]
        assert all(status in outcome.status for outcome in refused)


class LiveKitSite:
    """The application with LiveKit rooms."""

    def __init__(self, app: Starlette, client: httpx2.AsyncClient, tenant: Tenant) -> None:
        self.app = app
        self.client = client
        self.tenant = tenant


@pytest.fixture
async def livekit(settings: Settings, clock: MovableClock) -> AsyncIterator[LiveKitSite]:
    given = replace(
        settings,
        rooms=LiveKitSettings(
            livekit_url="wss://livekit.example.org",
            livekit_api_key="key",
            livekit_api_secret=SECRET,
            livekit_meet_url="https://meet.example.org/custom",
        ),
    )
    app = create_app(given, clock)
    async with app.router.lifespan_context(app) as state:
        app.state.lifespan = state
        tenant = await add_tenant(state["services"], "A")
        transport = httpx2.ASGITransport(app=InProcess(app))
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
            yield LiveKitSite(app, client, tenant)


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    now = int(time.time())
    claims = {"iss": "key", "sha256": digest, "nbf": now - 5, "exp": now + 300}
    return {"Authorization": jwt.encode(claims, secret, algorithm="HS256")}


def reported(at: Any, room: str, identity: str, id: str = "EV_1") -> bytes:
    return json.dumps(
        {
            "event": "participant_left",
            "id": id,
            "createdAt": at,
            "room": {"name": room},
            "participant": {"identity": identity},
        }
    ).encode()


async def test_livekit_tells_who_left_and_tells_it_once(
    livekit: LiveKitSite, clock: MovableClock
) -> None:
    face = GraphQLFace(livekit.client, livekit.tenant.write)
    booked = await face.create(**booking(start_date_time=SOON, config={"raise_hand_enabled": True}))
    anna = booked["participants"][0]
    clock.move(minutes=50)
    services = livekit.app.state.lifespan["services"]
    joined = await joining.join(services, token_of(anna), "r")
    assert joined.address is not None and joined.address.startswith("https://meet.example.org/")
    query = dict(httpx2.URL(joined.address).params)
    claims = jwt.decode(
        query["token"],
        SECRET,
        algorithms=["HS256"],
        options={"verify_exp": False, "verify_nbf": False},
    )
    at = clock.now() + timedelta(minutes=20)
    body = reported(str(int(at.timestamp())), claims["video"]["room"], claims["sub"])
    for _ in range(2):
        answer = await livekit.client.post("/rooms/webhook", content=body, headers=signed(body))
        assert answer.status_code == 200
    forged = await livekit.client.post(
        "/rooms/webhook", content=body, headers=signed(body, "x" * 40)
    )
    assert forged.status_code == 401
    data = (await face.send(ATTENDANCE, id=booked["id"]))["appointment"]
    assert data["unsupportedConfig"] == ["raiseHandEnabled"]
    assert data["participants"]["nodes"][0]["attendance"] == [
        {"joinedAt": "2026-03-02T12:50:00Z", "leftAt": "2026-03-02T13:10:00Z"}
    ]


async def test_nobody_leaves_before_having_joined(
    livekit: LiveKitSite, clock: MovableClock
) -> None:
    face = GraphQLFace(livekit.client, livekit.tenant.write)
    booked = await face.create(**booking(start_date_time=SOON))
    anna = booked["participants"][0]
    clock.move(minutes=50, seconds=0.75)
    await joining.join(livekit.app.state.lifespan["services"], token_of(anna), "r")
    # Whole seconds of a clock that is behind ours.
    body = reported(int(clock.now().timestamp()) - 2, booked["id"], anna["id"])
    answer = await livekit.client.post("/rooms/webhook", content=body, headers=signed(body))
    assert answer.status_code == 200
    data = (await face.send(ATTENDANCE, id=booked["id"]))["appointment"]
    assert data["participants"]["nodes"][0]["attendance"] == [
        {"joinedAt": "2026-03-02T12:50:00.750000Z", "leftAt": "2026-03-02T12:50:00.750000Z"}
    ]


@pytest.mark.parametrize("created_at", ["soon", -1, 10**30, float("nan"), 253_402_300_800])
async def test_a_signed_webhook_with_an_absurd_time_is_400(
    livekit: LiveKitSite, created_at: Any
) -> None:
    face = GraphQLFace(livekit.client, livekit.tenant.write)
    booked = await face.create(**booking(start_date_time=SOON))
    body = reported(created_at, booked["id"], booked["participants"][0]["id"])
    for each in (body, b"[" * 60_000):
        answer = await livekit.client.post("/rooms/webhook", content=each, headers=signed(each))
        assert (answer.status_code, answer.json()["detail"][:11]) == (400, "Malformed: ")
    assert [event.type for event in await log_of(livekit.app, livekit.tenant)] == [
        "appointment.created"
    ]


async def test_other_rooms_report_nothing(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/rooms/webhook", content=b"{}")).status_code == 404
