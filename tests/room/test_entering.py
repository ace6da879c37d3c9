"""Who gets to a seat, and what everybody else is told."""

import httpx2
import pytest
from starlette.applications import Starlette
from websockets.exceptions import InvalidStatus

from gateway.join.throttle import UNKNOWN_LINKS_A_MINUTE
from gateway.room.places import OF_A_PERSON
from gateway.settings import Settings
from schema.rooms.nowhere import NoSettings
from tests.conftest import NOON, MovableClock
from tests.wire.local import Local

from .visitors import LIST, Meeting, Visitor, meet, socket


async def refused(visitor: Visitor, ticket: str) -> tuple[str, int]:
    await visitor.say("enter", ticket=ticket)
    return await visitor.over()


async def test_a_ticket_is_good_once_and_for_a_minute(
    meeting: Meeting, clock: MovableClock
) -> None:
    ticket = await meeting.ticket(0)
    async with meeting.opened() as anna, meeting.opened() as other:
        await anna.say("enter", ticket=ticket)
        await anna.expect("seated")
        assert await refused(other, ticket) == ("TICKET_USED", 4401)
    late = await meeting.ticket(1)
    clock.move(seconds=61)
    async with meeting.opened() as visitor:
        assert await refused(visitor, late) == ("TICKET_EXPIRED", 4401)


async def test_who_guesses_tickets_is_slowed_down_and_who_has_one_is_not(meeting: Meeting) -> None:
    words = []
    for _ in range(UNKNOWN_LINKS_A_MINUTE + 1):
        async with meeting.opened() as visitor:
            words.append(await refused(visitor, "guessed"))
    assert words[0] == ("TICKET_EXPIRED", 4401)
    assert words[-1] == ("SLOW_DOWN", 4429)
    async with meeting.entered(0):
        pass


async def test_many_behind_one_address_who_come_too_late_are_told_so(meeting: Meeting) -> None:
    for _ in range(UNKNOWN_LINKS_A_MINUTE + 1):
        async with meeting.opened() as visitor:
            await visitor.say("resume", seat=meeting.id, key="of a seat that was given up")
            assert await visitor.over() == ("GONE", 4404)


@pytest.mark.rooms(room_seats="2")
async def test_the_third_of_two_is_told_that_the_room_is_full(meeting: Meeting) -> None:
    async with meeting.entered(0), meeting.entered(1), meeting.opened() as third:
        assert await refused(third, await meeting.ticket(2)) == ("FULL", 4423)


async def test_one_link_has_so_many_sockets(
    office: httpx2.AsyncClient, live: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.room.places.OF_A_PERSON", 2)
    assert OF_A_PERSON == 6
    meeting = await meet(office, live.port, now=NOON)
    async with meeting.entered(0), meeting.entered(0) as second:
        async with meeting.opened() as third:
            assert await refused(third, await meeting.ticket(0)) == ("SLOW_DOWN", 4429)
        await second.say("leave")
        await second.over()
        async with meeting.entered(0):
            pass


async def test_sockets_that_resume_are_counted(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.room.places.OF_A_PERSON", 2)
    async with meeting.entered(0) as one, meeting.entered(0) as two, meeting.resumed(two) as again:
        await again.until("seated")
        async with meeting.opened() as third:
            assert await refused(third, await meeting.ticket(0)) == ("SLOW_DOWN", 4429)
        monkeypatch.setattr("gateway.room.places.OF_A_PERSON", 1)
        async with meeting.resumed(two) as too_many:
            assert await too_many.over() == ("SLOW_DOWN", 4429)
        # It has no seat without a socket: the seat is absent, and may be resumed.
        await one.until("absent", seat=two.seat, is_absent=True)
        monkeypatch.undo()
        async with meeting.resumed(two) as back:
            await back.until("seated")


async def test_one_address_has_so_many_sockets(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.room.places.OF_AN_ADDRESS", 1)
    async with meeting.opened():
        with pytest.raises(InvalidStatus) as caught:
            async with meeting.opened():
                pass
    assert caught.value.response.status_code == 429
    assert b"TOO_MANY_SOCKETS" in (caught.value.response.body or b"")


async def test_the_first_message_is_waited_for_briefly(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.room.talk.socket.FIRST_SECONDS", 0.1)
    async with meeting.opened() as visitor:
        assert await visitor.over() == ("MALFORMED", 4408)


async def test_pages_of_other_origins_are_refused(meeting: Meeting) -> None:
    with pytest.raises(InvalidStatus) as caught:
        async with meeting.opened(origin="https://evil.example"):
            pass
    assert caught.value.response.status_code == 403
    async with meeting.opened(origin="https://app.example") as visitor:
        assert await refused(visitor, "x") == ("TICKET_EXPIRED", 4401)


async def test_a_name_turns_nothing_around(meeting: Meeting) -> None:
    turning = "\u202eBen\u202c \u2066Ode\u2069\u200f\u061c\n\u202d"
    ben = meeting.people[1]
    path = f"{LIST}{meeting.id}/participants/{ben['id']}/"
    async with meeting.entered(0) as anna:
        answer = await meeting.client.patch(path, json={"display_name": turning})
        # What was written is stored and answered as it is.
        assert answer.json()["display_name"] == turning.strip()
        async with meeting.entered(1) as visitor:
            assert (await anna.expect("came"))["person"]["name"] == "Ben Ode"
            await visitor.say("chat", text="Here I am")
            assert (await anna.expect("chat"))["name"] == "Ben Ode"
        # Letters and joiners of a script are left alone.
        answer = await meeting.client.patch(path, json={"display_name": "می\u200cخواهم"})
        assert (await anna.until("changed"))["person"]["name"] == "می\u200cخواهم"


async def test_a_request_that_is_no_handshake_is_told_so(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/room")
    assert (answer.status_code, answer.headers["upgrade"]) == (426, "websocket")


class TestWithoutRooms:
    """Where another vendor, or none, has the rooms."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return Settings(**{**vars(settings), "rooms": NoSettings()})

    async def test_there_is_no_socket(self, app: Starlette, live: Local) -> None:
        with pytest.raises(InvalidStatus) as caught:
            async with socket(live.port):
                pass
        assert caught.value.response.status_code == 404
        assert b"NO_ROOMS" in (caught.value.response.body or b"")
