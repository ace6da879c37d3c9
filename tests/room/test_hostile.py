"""Clients that break the rules, flood, guess or do not read: the others do not notice."""

import asyncio
import json
from typing import Any

import httpx2
import pytest

from gateway.join.throttle import LinkThrottle
from tests.conftest import NOON
from tests.people import add_tenant
from tests.wire.local import Local

from .visitors import Meeting, meet


async def test_what_is_no_message_ends_the_socket(meeting: Meeting) -> None:
    frames: list[Any] = [b"binary", "{", "[]", '{"type":"crown"}', '{"type":"chat","text":5}']
    for frame in frames:
        async with meeting.entered(0) as anna:
            await anna.send(frame)
            assert await anna.over() == ("MALFORMED", 4400)
        async with meeting.opened() as stranger:
            await stranger.send(frame)
            assert await stranger.over() == ("MALFORMED", 4400)


async def test_a_flood_is_dropped_and_then_ends_the_socket(meeting: Meeting) -> None:
    async with meeting.entered(0) as anna, meeting.entered(1) as ben:
        await anna.expect("came")
        flood = asyncio.ensure_future(flooded(ben.socket))
        words = []
        while not words or words[-1] != "closed":
            words.append((await ben.hear())["type"])
        assert "problem" in words and words[-2:] == ["over", "closed"]
        assert ben.code == 4429
        await flood
        assert (await anna.until("absent"))["is_absent"]


async def flooded(socket: Any) -> None:
    try:
        for number in range(20_000):
            await socket.send('{"type":"state","state":{"camera":true}}')
            if number % 100 == 0:
                await asyncio.sleep(0)
    except Exception:
        return


async def test_nothing_leaves_the_room(
    office: httpx2.AsyncClient, app: Any, meeting: Meeting, live: Local
) -> None:
    other = await meet(office, live.port, now=NOON)
    tenant = await add_tenant(app.state.lifespan["services"], "Embassy of Elsewhere")
    headers = {"Authorization": f"Token {tenant.write}"}
    transport, base = office._transport, "http://testserver"
    async with (
        httpx2.AsyncClient(transport=transport, base_url=base, headers=headers) as client,
        meeting.entered(0) as anna,
        other.entered(0) as elsewhere,
        (await meet(client, live.port, now=NOON)).entered(0) as abroad,
    ):
        for seat in (elsewhere.seat, abroad.seat, "nobody", anna.seat.upper(), "*"):
            await anna.say("signal", to=seat, data={"candidate": None})
            await anna.say("mute", seat=seat)
            await anna.say("remove", seat=seat)
            await anna.until("problem")
        await anna.quiet()
        await elsewhere.quiet()
        await abroad.quiet()


async def test_a_client_that_does_not_read_is_closed(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.room.talk.rates.SUSTAINED", 1e6)
    monkeypatch.setattr("gateway.room.talk.rates.SUSTAINED_CHARACTERS", 1e9)
    async with meeting.entered(0) as anna, meeting.entered(1) as ben:
        await anna.expect("came")
        ben.socket.transport.pause_reading()
        data = {"description": {"type": "offer", "sdp": "x" * 60_000}}
        frame = json.dumps({"type": "signal", "to": ben.seat, "data": data})

        async def send() -> None:
            while True:
                await anna.send(frame)

        sending = asyncio.ensure_future(send())
        absent = await anna.expect("absent")
        sending.cancel()
        assert absent["seat"] == ben.seat


async def test_an_address_comes_so_often_a_minute(
    app: Any, office: httpx2.AsyncClient, live: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = await meet(office, live.port, now=NOON)
    monkeypatch.setattr(LinkThrottle, "seconds_to_wait", lambda *_: 30)
    async with meeting.opened() as visitor:
        await visitor.say("enter", ticket=await meeting.ticket(0))
        assert await visitor.over() == ("SLOW_DOWN", 4429)
