"""A connection that is lost comes back, or the seat is given up after the grace."""

import asyncio

import httpx2
import pytest

from tests.conftest import MovableClock

from .visitors import Meeting, Visitor


async def stays(office: httpx2.AsyncClient, meeting: Meeting) -> list[str]:
    """Who joined and left, by the log, in order."""
    query = '{ events(first: 100, after: "") { nodes { type } } }'
    answer = await office.post("/graphql", json={"query": query})
    found = [each["type"] for each in answer.json()["data"]["events"]["nodes"]]
    return [each for each in found if each in ("PARTICIPANT_JOINED", "PARTICIPANT_LEFT")]


def cut(visitor: Visitor) -> None:
    """Breaks the connection off without a word."""
    visitor.socket.transport.abort()


async def test_a_lost_connection_is_resumed_without_a_second_stay(
    office: httpx2.AsyncClient, meeting: Meeting
) -> None:
    async with meeting.entered(0) as anna, meeting.entered(1) as ben:
        await anna.expect("came")
        await ben.say("state", state={"camera": True})
        await anna.expect("state")
        cut(ben)
        assert await anna.expect("absent") == {
            "type": "absent",
            "seat": ben.seat,
            "is_absent": True,
        }
        # What was said to him meanwhile waits for him.
        await anna.say("signal", to=ben.seat, data={"candidate": {"candidate": "c"}})
        await anna.say("chat", text="Are you there?")
        await anna.expect("chat")
        async with meeting.resumed(ben) as again:
            seated = await again.expect("seated")
            assert (seated["you"], seated["resumed"]) == (ben.seat, True)
            assert [each["seat"] for each in seated["people"]] == [anna.seat]
            assert (await again.expect("signal"))["data"] == {"candidate": {"candidate": "c"}}
            assert (await again.expect("chat"))["text"] == "Are you there?"
            assert (await anna.expect("absent"))["is_absent"] is False
            await again.quiet()
        assert await stays(office, meeting) == ["PARTICIPANT_JOINED", "PARTICIPANT_JOINED"]


async def test_a_second_socket_of_a_seat_takes_it_over(meeting: Meeting) -> None:
    async with (
        meeting.entered(0) as anna,
        meeting.entered(1) as ben,
        meeting.resumed(ben) as again,
    ):
        await again.expect("seated")
        assert await ben.over() == ("TAKEN_OVER", 4409)
        await anna.expect("came")
        # The end of the older socket is not the end of the seat.
        await anna.quiet()
        await anna.say("chat", text="Hello")
        assert (await again.expect("chat"))["text"] == "Hello"


async def test_only_the_right_key_resumes(meeting: Meeting) -> None:
    async with meeting.entered(0) as anna:
        for seat, key in ((anna.seat, "wrong"), ("nowhere", anna.key), ("\x00", "\x00")):
            async with meeting.opened() as visitor:
                await visitor.say("resume", seat=seat, key=key)
                assert await visitor.over() == ("GONE", 4404)
        await anna.quiet()


async def pass_by(clock: MovableClock) -> None:
    """Lets time pass, faster than it does."""
    while True:
        await asyncio.sleep(0.2)
        clock.move(seconds=1)


@pytest.mark.parametrize("leaves", [True, False])
async def test_a_seat_that_is_left_or_lost_for_long_is_given_up(
    office: httpx2.AsyncClient, meeting: Meeting, clock: MovableClock, leaves: bool
) -> None:
    async with meeting.entered(0) as anna, meeting.entered(1) as ben:
        await anna.expect("came")
        if leaves:
            await ben.say("leave")
            assert (await anna.expect("went"))["reason"] == "left"
        else:
            cut(ben)
            await anna.expect("absent")
            passing = asyncio.ensure_future(pass_by(clock))
            went = await anna.until("went")
            passing.cancel()
            assert went == {"type": "went", "seat": ben.seat, "reason": "lost"}
        assert await stays(office, meeting) == [
            "PARTICIPANT_JOINED",
            "PARTICIPANT_JOINED",
            "PARTICIPANT_LEFT",
        ]
        async with meeting.resumed(ben) as again:
            assert await again.over() == ("GONE", 4404)


async def test_a_client_that_is_silent_is_lost(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever answers no ping of the wire is taken for lost, long before TCP gives up."""
    monkeypatch.setattr("gateway.room.talk.socket.PING_SECONDS", 0.5)
    monkeypatch.setattr("gateway.room.talk.socket.LOST_SECONDS", 2.5)
    async with meeting.entered(0) as anna, meeting.entered(1) as ben:
        await anna.expect("came")
        ben.socket.transport.pause_reading()
        # She says nothing either, but her browser answers.
        assert (await anna.expect("absent"))["seat"] == ben.seat
        await anna.quiet()
