"""What happens in the moment in which a socket, a room or its follower ends."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.applications import Starlette

from db.engine import DatabaseUnavailable
from gateway.room.figures import Figures
from gateway.room.room import Room
from gateway.room.rooms import Rooms
from gateway.room.talk.over import Over
from gateway.room.talk.protocol import Enter
from schema.operation.call import Services
from schema.operator import erasure
from schema.resolvers import seating

from .visitors import Meeting

ROTATE = "mutation($id: ID!) { rotateAccessLink(id: $id) { __typename } }"


class Deaf:
    """A socket that hears nothing."""

    request_id = "r"
    is_ending = False

    def tell(self, text: str) -> None:
        """Does nothing."""

    def end(self, over: Over) -> None:
        """Does nothing."""


async def test_a_socket_that_ends_as_its_seat_is_taken_is_lost(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter = Rooms.enter

    async def entered(rooms: Rooms, services: Services, socket: Any, first: Any) -> Any:
        member = await enter(rooms, services, socket, first)
        socket.end(Over("RESTARTING"))
        return member

    async with meeting.entered(0) as anna, meeting.opened() as ben:
        monkeypatch.setattr(Rooms, "enter", entered)
        await ben.say("enter", ticket=await meeting.ticket(1))
        assert (await ben.over())[1] == 1012
        person = (await anna.expect("came"))["person"]
        gone = await anna.expect("absent")
        assert (gone["seat"], gone["is_absent"]) == (person["seat"], True)


async def test_who_comes_as_the_last_one_leaves_is_followed(
    app: Starlette, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = app.state.lifespan["services"]
    rooms = Rooms(Figures(), is_alone=True)
    came: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    left = asyncio.Event()

    async def come(who: int) -> Any:
        ticket = Enter(type="enter", ticket=await meeting.ticket(who))
        return await rooms.enter(services, Deaf(), ticket)  # type: ignore[arg-type]

    look = Room.look

    async def looked(room: Room) -> None:
        await look(room)
        if room.is_empty and not left.is_set():
            left.set()
            # The follower of the room has heard of it first.
            rooms._close(room)
            came.set_result(await come(1))

    async with rooms.running(services):
        anna = await come(0)
        monkeypatch.setattr(Room, "look", looked)
        await rooms.leave(anna, "r")
        ben = await came
        room = rooms.room_of(ben)
        assert room is not None and not rooms._followers[room.place].cancelling()
        await rooms.leave(ben, "r")


async def test_an_organization_that_cannot_be_written_to_costs_no_other_its_seats(
    app: Starlette, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.room.rooms.KEEP_SECONDS", 0.1)
    kept, both = set(), asyncio.Event()

    async def keep(services: Services, organization_id: str, holder: str) -> int:
        kept.add(organization_id)
        if len(kept) == 2:
            both.set()
        if organization_id == min(kept):
            await asyncio.Event().wait()
        raise DatabaseUnavailable("locked")

    monkeypatch.setattr(seating, "keep", keep)
    rooms = Rooms(Figures(), is_alone=True)
    for name in "ab":
        rooms._rooms[name, "x"] = Room(app.state.lifespan["services"], "h", (name, "x"), Figures())
    async with rooms.running(app.state.lifespan["services"]), asyncio.timeout(30):
        await both.wait()
        kept.clear()
        both.clear()
        await both.wait()  # And again, though neither could be written to.


async def test_a_link_that_is_replaced_leads_out(meeting: Meeting) -> None:
    async with meeting.entered(0) as anna, meeting.entered(1) as ben:
        await anna.expect("came")
        body = {"query": ROTATE, "variables": {"id": meeting.people[1]["id"]}}
        answer = await meeting.client.post("/graphql", json=body)
        assert "errors" not in answer.json(), answer.text
        assert await ben.over() == ("REMOVED", 4403)
        assert (await anna.expect("went"))["seat"] == ben.seat


async def test_who_is_erased_is_put_out(app: Starlette, meeting: Meeting) -> None:
    database = app.state.lifespan["services"].database
    async with meeting.entered(0) as anna, meeting.entered(1) as ben:
        await anna.expect("came")
        (whose,) = await erasure.organizations_of(database, None)
        person = erasure.Person(meeting.people[1]["unique_id"], datetime.now(UTC))
        assert (await erasure.erase(database, whose, person, lambda _: None)).participants == 1
        assert await ben.over() == ("REMOVED", 4403)
        assert (await anna.expect("went"))["seat"] == ben.seat


async def test_who_leaves_was_refused_nothing(meeting: Meeting) -> None:
    async with meeting.entered(0) as anna, meeting.opened() as stranger:
        await stranger.say("enter", ticket="guessed")
        assert await stranger.over() == ("TICKET_EXPIRED", 4401)
        await anna.say("leave")
        assert await anna.over() == ("", 1000)
    text = (await meeting.client.get("/metrics")).text
    counted = [line for line in text.splitlines() if line.startswith("connect_room_refusals_total")]
    assert counted == ['connect_room_refusals_total{code="TICKET_EXPIRED"} 1.0']
