"""The room behind nginx and behind Caddy: below a path, over TLS, its people at two workers."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.postgresql.databases import Databases
from tests.room.visitors import Visitor

from .behind import SECONDS, Behind, behind, booked
from .proxies import Ports, caddy, found, free_ports, nginx

ROOMS = {"CONNECT_ROOMS": "builtin"}


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def place(
    request: pytest.FixtureRequest,
    postgresql: Databases,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Behind]:
    """Two workers with built-in rooms behind a proxy."""
    found(request.param, "nginx-light" if request.param == "nginx" else "caddy")
    folder = tmp_path_factory.mktemp(request.param)
    ports = Ports(*free_ports(4))
    with behind(
        postgresql,
        folder,
        ports.secure,
        lambda upstream: (
            nginx(folder, upstream, ports)
            if request.param == "nginx"
            else caddy(folder, upstream, ports.secure)
        ),
        ROOMS,
    ) as running:
        yield running


@asynccontextmanager
async def opened(place: Behind, **options: Any) -> AsyncIterator[Visitor]:
    address = f"{place.url.replace('https', 'wss', 1)}/room"
    async with connect(
        address, ssl=place.trust, proxy=None, open_timeout=SECONDS, **options
    ) as socket:
        yield Visitor(socket)


async def ticket(client: httpx2.AsyncClient, link: str) -> str:
    answer = await client.post(link, headers={"Accept": "application/json"})
    return str(answer.json()["room"]["ticket"])


async def test_people_meet_behind_a_proxy(place: Behind) -> None:
    async with place.client() as client:
        row = await booked(client, minutes=1)
        links = {each["unique_id"]: each["access_link"] for each in row["participants"]}
        async with opened(place) as anna, opened(place) as ben:
            await anna.say("enter", ticket=await ticket(client, links["anna"]))
            await anna.expect("seated")
            await ben.say("enter", ticket=await ticket(client, links["ben"]))
            await ben.expect("seated")
            await anna.until("came")
            await ben.say("signal", to=anna.seat, data={"description": {"sdp": "x" * 40_000}})
            heard = (await anna.expect("signal"))["data"]
            assert len(heard["description"]["sdp"]) == 40_000
            await anna.say("end")
            assert await ben.over() == ("ENDED", 4410)


async def test_the_origin_of_a_page_is_looked_at_behind_a_proxy(place: Behind) -> None:
    own = place.url.removesuffix("/connect")
    async with opened(place, origin=own) as visitor:
        await visitor.say("enter", ticket="x")
        assert (await visitor.over())[0] == "TICKET_EXPIRED"
    with pytest.raises(InvalidStatus) as caught:
        async with opened(place, origin="https://evil.example"):
            pass
    assert caught.value.response.status_code == 403
