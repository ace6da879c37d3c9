"""People of one appointment at different processes; and processes that end, or are killed."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.service import EmbeddedService
from tests.workers.crew import until

from .processes import Pair, Workers, client_of, servers, worker_of, workers
from .visitors import Meeting, Visitor, meet

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
COUNT = 60
STAYS = '{ events(first: 100, after: "") { nodes { type appointmentId } } }'


@pytest.fixture(scope="module")
def pair(
    request: pytest.FixtureRequest, dialect: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    """Two services on PostgreSQL, or two workers on a file."""
    folder = tmp_path_factory.mktemp("pair")
    if dialect == "sqlite":
        with workers(folder) as found:
            yield found
        return
    with (
        request.getfixturevalue("postgresql").one() as location,
        servers(folder, location) as apart,
    ):
        yield apart


@pytest.fixture
async def meeting(pair: Pair) -> AsyncIterator[Meeting]:
    async with pair.client() as client:
        yield await meet(client, 0)


async def stays(meeting: Meeting) -> list[str]:
    """Who joined and left, by the log, in order."""
    answer = await meeting.client.post("/graphql", json={"query": STAYS})
    nodes = answer.json()["data"]["events"]["nodes"]
    return [
        each["type"]
        for each in nodes
        if each["appointmentId"] == meeting.id
        and each["type"] in ("PARTICIPANT_JOINED", "PARTICIPANT_LEFT")
    ]


async def test_people_at_two_processes_meet(pair: Pair, meeting: Meeting) -> None:
    here, there = pair.at(meeting, 0), pair.at(meeting, 1)
    async with here.entered(0) as anna:
        await anna.say("state", state={"camera": True})
        await anna.quiet()
        async with there.entered(1) as ben:
            came = (await anna.expect("came"))["person"]
            assert (came["seat"], came["name"]) == (ben.seat, "Ben Ode")
            # What was shown before somebody of that process came.
            shown = await ben.expect("state")
            assert (shown["from"], shown["state"]) == (anna.seat, {"camera": True})
            await both_ways(anna, ben)
            await anna.say("mute", seat=ben.seat)
            assert await ben.expect("mute") == {"type": "mute", "by": anna.seat}
            await ben.say("chat", text="Grüß Gott")
            for each in (anna, ben):
                assert (await each.expect("chat"))["name"] == "Ben Ode"
            await ben.say("leave")
            assert await anna.expect("went") == {
                "type": "went",
                "seat": ben.seat,
                "reason": "left",
            }


async def both_ways(anna: Visitor, ben: Visitor) -> None:
    """Each tells the other many things, which come in order, whoever is told."""
    for number in range(COUNT):
        await anna.say("signal", to=ben.seat, data={"candidate": {"number": number}})
        await ben.say("signal", to=anna.seat, data={"candidate": {"number": number}})
    for each in (anna, ben):
        heard = [(await each.expect("signal"))["data"]["candidate"]["number"] for _ in range(COUNT)]
        assert heard == list(range(COUNT))


async def test_a_newcomer_is_known_before_what_they_say(pair: Pair, meeting: Meeting) -> None:
    async with pair.at(meeting, 0).entered(0) as anna, pair.at(meeting, 1).entered(1) as ben:
        await ben.say("signal", to=anna.seat, data={"description": {"type": "offer"}})
        assert (await anna.expect("came"))["person"]["seat"] == ben.seat
        assert (await anna.expect("signal"))["from"] == ben.seat


async def test_a_seat_is_taken_over_at_the_other_process(pair: Pair, meeting: Meeting) -> None:
    here, there = pair.at(meeting, 0), pair.at(meeting, 1)
    async with here.entered(0) as anna, here.entered(1) as ben, there.resumed(ben) as again:
        seated = await again.expect("seated")
        assert seated["resumed"] and seated["you"] == ben.seat
        assert await ben.over() == ("TAKEN_OVER", 4409)
        await anna.expect("came")
        await anna.say("signal", to=ben.seat, data={"candidate": None})
        assert (await again.until("signal"))["from"] == anna.seat
        await again.say("signal", to=anna.seat, data={"candidate": None})
        assert (await anna.expect("signal"))["from"] == ben.seat
        assert await stays(meeting) == ["PARTICIPANT_JOINED"] * 2


async def test_what_is_said_to_somebody_who_is_lost_follows_them(
    pair: Pair, meeting: Meeting
) -> None:
    here, there = pair.at(meeting, 0), pair.at(meeting, 1)
    async with here.entered(0) as anna, there.entered(1) as ben:
        await anna.expect("came")
        ben.socket.transport.abort()
        assert (await anna.expect("absent"))["is_absent"]
        await anna.say("signal", to=ben.seat, data={"candidate": {"number": 1}})
        await anna.quiet()
        async with here.resumed(ben) as again:
            await again.expect("seated")
            assert (await again.until("signal"))["data"] == {"candidate": {"number": 1}}
            assert (await anna.expect("absent"))["is_absent"] is False


async def test_moderators_reach_people_at_the_other_process(pair: Pair, meeting: Meeting) -> None:
    here, there = pair.at(meeting, 0), pair.at(meeting, 1)
    async with here.entered(0) as anna, there.entered(1) as ben, there.entered(2) as chi:
        await anna.say("remove", seat=ben.seat)
        assert await ben.over() == ("REMOVED", 4403)
        went = await chi.until("went")
        assert (went["seat"], went["reason"]) == (ben.seat, "removed")
        await anna.say("end")
        assert await chi.over() == ("ENDED", 4410)
        assert await anna.over() == ("ENDED", 4410)


async def test_a_killed_worker_loses_nobody(pair: Pair, meeting: Meeting) -> None:
    if not isinstance(pair, Workers):
        pytest.skip("there is nobody to start a killed service again")
    here, there = pair.at(meeting, 0), pair.at(meeting, 1)
    async with here.entered(0) as anna, there.entered(1) as ben:
        await anna.expect("came")
        ready = pair.crew.ready()
        victim = worker_of(pair.crew, ben)
        os.kill(victim, signal.SIGKILL)
        assert (await ben.hear())["code"] == 1006
        async with meeting.resumed(ben, pair.crew.port) as again:
            assert (await again.expect("seated"))["resumed"]
            await anna.say("signal", to=ben.seat, data={"candidate": None})
            assert (await again.until("signal"))["from"] == anna.seat
            await again.say("chat", text="Here I am")
            assert (await anna.until("chat"))["from"] == ben.seat
            assert await stays(meeting) == ["PARTICIPANT_JOINED"] * 2
        await asyncio.to_thread(until, lambda: pair.crew.ready() > ready)


async def test_everybody_comes_back_to_a_service_that_was_restarted(tmp_path: Path) -> None:
    before = EmbeddedService(tmp_path)
    async with client_of(before.port, before.token) as client:
        meeting = await meet(client, before.port)
        async with meeting.entered(0) as anna, meeting.entered(1) as ben:
            stopping = asyncio.ensure_future(asyncio.to_thread(before.stop))
            for each in (anna, ben):
                assert await each.over() == ("RESTARTING", 1012)
            await stopping
    after = EmbeddedService.__new__(EmbeddedService)
    settings = {"CONNECT_DATA_DIR": str(tmp_path)}
    super(EmbeddedService, after).__init__(tmp_path, settings)
    try:
        await asyncio.to_thread(after.wait)
        async with client_of(after.port, before.token) as client:
            meeting.client, meeting.port = client, after.port
            async with meeting.resumed(anna) as one, meeting.resumed(ben) as other:
                assert (await one.expect("seated"))["resumed"]
                assert (await other.expect("seated"))["resumed"]
                await one.say("signal", to=ben.seat, data={"candidate": None})
                assert (await other.until("signal"))["from"] == anna.seat
                assert await stays(meeting) == ["PARTICIPANT_JOINED"] * 2
    finally:
        after.stop()


def test_logs_hold_nothing_of_what_was_said(pair: Pair) -> None:
    """Runs last: all that was said by then was said here."""
    text = pair.logs()
    assert '"room_left"' in text
    for said in ("Anna", "Grüß", "Gr\\u00fc", "candidate", "Passport", "sdp", "ticket", "/join/"):
        assert said not in text, said
