"""What joining by a link answers where the room is built in, and what the log shows of it."""

from datetime import datetime
from typing import Any

import httpx2
import pytest

from gateway.settings import Settings
from schema.resolvers import seating
from schema.rooms.builtin import BuiltinSettings
from schema.rooms.nowhere import NoSettings
from tests.faces import Face, GraphQLFace, RestFace
from tests.schema.seating.house import HERE, House

JSON = {"Accept": "application/json"}


async def post(client: httpx2.AsyncClient, house: House, name: str, **headers: str) -> Any:
    path = house.person(name)["access_link"].removeprefix("http://testserver")
    return await client.post(path, headers=JSON | headers)


async def test_joining_answers_a_ticket_for_a_seat(
    house: House, client: httpx2.AsyncClient
) -> None:
    answer = (await post(client, house, "ben")).json()
    assert answer["address"] is None
    assert answer["room"].keys() == {"socket", "ticket", "expires_at"}
    assert answer["room"]["socket"] == "/room"
    good_for = datetime.fromisoformat(answer["room"]["expires_at"]) - house.clock.now()
    assert good_for.total_seconds() == 60
    again = (await post(client, house, "ben")).json()
    assert again["room"]["ticket"] != answer["room"]["ticket"]
    # Joining alone is no stay.
    assert await house.log() == []
    taken = await seating.take(house.services, answer["room"]["ticket"], HERE, "r")
    assert taken.seat.participant_id == house.person("ben")["id"]


async def test_a_ticket_stands_in_no_address_and_not_in_what_looking_answers(
    house: House, client: httpx2.AsyncClient
) -> None:
    path = house.person("ben")["access_link"].removeprefix("http://testserver")
    redirect = await client.post(path, headers={"Accept": "text/html"})
    assert redirect.status_code == 303
    assert redirect.headers["location"] == f"{path}?joined=1"
    looked = await client.get(path, headers=JSON)
    assert "room" not in looked.json()
    page = await client.get(f"{path}?joined=1", headers={"Accept": "text/html"})
    assert "ticket" not in page.text


async def test_who_may_not_come_in_gets_no_ticket(house: House, client: httpx2.AsyncClient) -> None:
    await house.face.complete(house.booked["id"])
    answer = await post(client, house, "ben")
    assert answer.status_code == 410
    assert "room" not in answer.json()


@pytest.mark.parametrize("kind", [RestFace, GraphQLFace])
@pytest.mark.parametrize("rooms", [BuiltinSettings(room_admission="one_by_one")])
async def test_both_faces_list_joins_leaves_and_admissions(
    house: House, client: httpx2.AsyncClient, kind: Any
) -> None:
    face: Face = kind(client, house.tenant.write)
    anna, ben = await house.sit("anna"), await house.sit("ben")
    await seating.admit(house.services, anna.seat, None, "r")
    await seating.leave(house.services, ben.seat, "r")
    listed = (await face.events())["results"]
    person = house.person("ben")["id"]
    assert [each["type"] for each in listed if each["participant_id"] == person] == [
        "participant.admitted",
        "participant.joined",
        "participant.left",
    ]
    assert {each["source"] for each in listed if each["participant_id"]} == {"link"}


@pytest.mark.parametrize("rooms", [NoSettings()])
async def test_without_a_room_the_answer_is_what_it_was(
    settings: Settings, client: httpx2.AsyncClient, tenant: Any, services: Any, clock: Any
) -> None:
    face = GraphQLFace(client, tenant.write)
    anna = {"unique_id": "anna", "role": "moderator"}
    booked = await face.create(
        title="T", start_date_time="2026-03-02T12:05:00Z", duration_minutes=60, participants=[anna]
    )
    house = House(services, clock, face, tenant, settings, booked)
    answer = (await post(client, house, "anna")).json()
    assert "room" not in answer
    assert answer["address"] is None
    assert await house.log() == [("participant.joined", "anna")]


@pytest.mark.parametrize("base", ["/connect"])
async def test_below_a_path_the_socket_is_below_it_too(
    house: House, client: httpx2.AsyncClient, base: str
) -> None:
    path = house.person("ben")["access_link"].removeprefix("http://testserver")
    answer = (await client.post(path, headers=JSON)).json()
    assert path.startswith(f"{base}/join/")
    assert answer["room"]["socket"] == f"{base}/room"
