"""What moderators do, what they may not, and how a room is closed."""

import asyncio
import time

import httpx2
import pytest

from tests.conftest import NOON, MovableClock
from tests.wire.local import Local

from .visitors import LIST, Meeting, meet

one_by_one = pytest.mark.rooms(room_admission="one_by_one")


@one_by_one
async def test_people_wait_until_they_are_let_in(meeting: Meeting) -> None:
    async with meeting.entered(0) as anna, meeting.opened() as ben, meeting.opened() as chi:
        await ben.say("enter", ticket=await meeting.ticket(1))
        await ben.expect("waiting")
        knocks = await anna.expect("knocks")
        assert knocks["waiting"] == [{"seat": ben.seat, "name": "Ben Ode"}]
        # Who waits says nothing and hears nothing.
        await ben.say("chat", text="Let me in")
        assert (await ben.expect("problem"))["code"] == "NOT_ALLOWED"
        await anna.say("chat", text="Not yet")
        await anna.expect("chat")
        await ben.quiet()
        await chi.say("enter", ticket=await meeting.ticket(2))
        await chi.expect("waiting")
        assert len((await anna.expect("knocks"))["waiting"]) == 2
        await anna.say("admit", seats=[ben.seat])
        seated = await ben.expect("seated")
        assert [each["seat"] for each in seated["people"]] == [anna.seat]
        assert seated["waiting"] == []
        heard = {(await anna.hear())["type"], (await anna.hear())["type"]}
        assert heard == {"came", "knocks"}
        await anna.say("admit", seats="all")
        await chi.expect("seated")
        assert (await ben.expect("came"))["person"]["seat"] == chi.seat


@one_by_one
async def test_who_becomes_a_moderator_is_let_in(meeting: Meeting) -> None:
    async with meeting.entered(0) as anna, meeting.opened() as ben:
        await ben.say("enter", ticket=await meeting.ticket(1))
        await ben.expect("waiting")
        await anna.expect("knocks")
        path = f"{LIST}{meeting.id}/participants/{meeting.people[1]['id']}/"
        answer = await meeting.client.patch(path, json={"role": "moderator"})
        assert answer.status_code == 200, answer.text
        assert (await ben.expect("seated"))["me"]["role"] == "moderator"
        assert (await anna.until("came"))["person"]["role"] == "moderator"
        await ben.say("mute", seat=anna.seat)
        await anna.until("mute")


@one_by_one
async def test_who_waits_may_leave(meeting: Meeting) -> None:
    async with meeting.entered(0) as anna, meeting.opened() as ben:
        await ben.say("enter", ticket=await meeting.ticket(1))
        await ben.expect("waiting")
        await anna.expect("knocks")
        await ben.say("leave")
        assert await ben.over() == ("", 1000)
        assert (await anna.expect("knocks"))["waiting"] == []


async def test_who_is_no_moderator_may_do_nothing_of_that(meeting: Meeting) -> None:
    async with meeting.entered(0) as anna, meeting.entered(1) as ben:
        await anna.expect("came")
        for type, fields in (
            ("admit", {"seats": "all"}),
            ("mute", {"seat": anna.seat}),
            ("remove", {"seat": anna.seat}),
            ("end", {}),
        ):
            await ben.say(type, **fields)
            assert (await ben.expect("problem"))["code"] == "NOT_ALLOWED"
        await anna.quiet()


async def test_a_moderator_mutes(meeting: Meeting) -> None:
    async with meeting.entered(0) as anna, meeting.entered(1) as ben, meeting.entered(2) as chi:
        await ben.expect("came")
        await anna.say("mute", seat=ben.seat)
        assert await ben.expect("mute") == {"type": "mute", "by": anna.seat}
        await anna.say("mute", seat="all")
        await ben.expect("mute")
        await chi.expect("mute")
        for _ in range(2):
            await anna.expect("came")
        await anna.quiet()


async def test_a_moderator_removes_somebody_whose_link_is_dead_then(meeting: Meeting) -> None:
    async with meeting.entered(0) as anna, meeting.entered(1) as ben, meeting.entered(2) as chi:
        began = time.monotonic()
        await anna.say("remove", seat=ben.seat)
        assert await ben.over() == ("REMOVED", 4403)
        assert time.monotonic() - began < 2
        assert await chi.expect("went") == {"type": "went", "seat": ben.seat, "reason": "removed"}
        link = meeting.people[1]["access_link"]
        answer = await meeting.client.get(link, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (410, "REMOVED")
        async with meeting.resumed(ben) as again:
            assert (await again.over())[0] in ("GONE", "REMOVED")


async def test_a_moderator_ends_it_for_everybody(meeting: Meeting) -> None:
    async with meeting.entered(0) as anna, meeting.entered(1) as ben:
        await anna.say("end")
        assert await anna.over() == ("ENDED", 4410)
        assert await ben.over() == ("ENDED", 4410)
        row = (await meeting.client.get(f"{LIST}{meeting.id}/")).json()
        assert row["status"] == "completed"


@pytest.mark.parametrize(
    ("method", "path", "word"),
    [
        ("POST", "complete/", "ENDED"),
        ("DELETE", "", "REMOVED"),
        ("DELETE", "participants/{id}/", "REMOVED"),
    ],
)
async def test_what_the_api_does_closes_sockets(
    meeting: Meeting, method: str, path: str, word: str
) -> None:
    async with meeting.entered(0) as anna, meeting.entered(1) as ben:
        await anna.expect("came")
        path = path.format(id=meeting.people[1]["id"])
        answer = await meeting.client.request(method, f"{LIST}{meeting.id}/{path}")
        assert answer.status_code < 300, answer.text
        async with asyncio.timeout(10):
            assert (await ben.over())[0] == word
        if "participants" in path:
            assert (await anna.expect("went"))["reason"] == "removed"
        else:
            assert (await anna.over())[0] == word


async def test_who_came_through_a_link_that_was_replaced_is_put_out(meeting: Meeting) -> None:
    rotate = "mutation($id: ID!) { rotateAccessLink(id: $id) { __typename } }"
    async with meeting.entered(0) as anna, meeting.entered(1) as thief, meeting.entered(2) as chi:
        await anna.until("came")
        await anna.until("came")
        body = {"query": rotate, "variables": {"id": meeting.people[1]["id"]}}
        answer = await meeting.client.post("/graphql", json=body)
        assert answer.json()["data"]["rotateAccessLink"]["__typename"] == "AccessLinkRotated"
        async with asyncio.timeout(20):
            assert await thief.over() == ("REMOVED", 4403)
            assert (await anna.expect("went"))["seat"] == thief.seat
        await chi.until("went", seat=thief.seat)
        await chi.quiet()


async def test_the_clock_ends_it(meeting: Meeting, clock: MovableClock) -> None:
    async with meeting.entered(0) as anna, meeting.entered(1) as ben:
        clock.move(minutes=61)
        for each in (anna, ben):
            assert await each.over() == ("ENDED", 4410)


async def test_a_new_name_and_role_are_told(meeting: Meeting) -> None:
    async with meeting.entered(0) as anna, meeting.entered(1) as ben:
        await anna.expect("came")
        path = f"{LIST}{meeting.id}/participants/{meeting.people[1]['id']}/"
        answer = await meeting.client.patch(path, json={"role": "moderator"})
        assert answer.status_code == 200, answer.text
        for each in (anna, ben):
            assert (await each.expect("changed"))["person"]["role"] == "moderator"
        await ben.expect("knocks")
        await ben.say("mute", seat="all")
        await anna.expect("mute")


async def test_what_is_switched_off_is_dropped(office: httpx2.AsyncClient, live: Local) -> None:
    meeting = await meet(
        office,
        live.port,
        now=NOON,
        chat_enabled=False,
        raise_hand_enabled=False,
        screenshare_enabled=False,
    )
    async with meeting.entered(0) as anna, meeting.opened() as ben:
        await ben.say("enter", ticket=await meeting.ticket(1))
        seated = await ben.expect("seated")
        assert seated["room"]["switches"] == {"chat": False, "hand": False, "screen": False}
        await anna.expect("came")
        await ben.say("chat", text="Hello?")
        assert (await ben.expect("problem"))["code"] == "SWITCHED_OFF"
        await ben.say("state", state={"hand": True, "screen": True, "camera": True})
        assert (await ben.expect("problem"))["code"] == "SWITCHED_OFF"
        assert (await anna.expect("state"))["state"] == {"camera": True}
        await anna.quiet()
