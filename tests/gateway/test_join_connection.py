"""What a browser gets to try its connection with, before it joins."""

import hmac
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.settings import Settings
from schema.rooms.builtin import BuiltinSettings
from schema.rooms.template import TemplateSettings
from tests.conftest import MovableClock
from tests.contract.test_appointments import booking
from tests.contract.test_lifecycle import SOON
from tests.faces import RestFace
from tests.people import Tenant, add_tenant

from .test_join import HTML, JSON, STATUSES, link_in, running

SECRET = "a-secret-of-the-relay"
SERVERS = "stun:turn.example.org turn:turn.example.org?transport=udp"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Rooms elsewhere, unless a test takes others."""
    return replace(settings, rooms=TemplateSettings("https://rooms.example.org/{appointment_id}"))


@pytest.fixture
def face(client: httpx2.AsyncClient, tenant: Tenant) -> RestFace:
    return RestFace(client, tenant.write)


async def test_credentials_of_the_relay_end_soon(settings: Settings, clock: MovableClock) -> None:
    rooms = BuiltinSettings(ice_servers=SERVERS, turn_secret=SECRET)
    async with running(replace(settings, rooms=rooms), clock) as (app, client):
        tenant = await add_tenant(app.state.lifespan["services"], "Consulate General")
        row = await RestFace(client, tenant.write).create(**booking(start_date_time=SOON))
        path = row["participants"][0]["access_link"].removeprefix("http://testserver")
        answer = await client.get(f"{path}/connection", headers=HTML)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        plain, relay = answer.json()["ice_servers"]
        assert plain == {"urls": ["stun:turn.example.org"]}
        until, _, name = relay["username"].partition(":")
        assert int(until) == int((clock.now() + timedelta(minutes=10)).timestamp())
        assert name == row["participants"][0]["id"]
        digest = hmac.digest(SECRET.encode(), relay["username"].encode(), "sha1")
        assert relay["credential"] == b64encode(digest).decode()
        head = await client.head(f"{path}/connection")
        assert (head.status_code, head.content) == (200, b"")
        assert (await client.post(f"{path}/connection")).status_code == 405


@pytest.mark.parametrize("code", STATUSES)
async def test_only_links_that_may_lead_in_get_any(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace, code: str
) -> None:
    path = await link_in(code, face, app, clock)
    answer = await client.get(f"{path}/connection", headers=HTML)
    assert answer.headers["content-type"] == "application/json"
    if STATUSES[code][0] == 200:
        assert (answer.status_code, answer.json()["code"]) == (404, "NO_CONNECTION_CHECK")
    else:
        assert (answer.status_code, answer.json()["code"]) == (STATUSES[code][0], code)
    assert "ice_servers" not in answer.json()


async def test_unknown_links_are_throttled_here_too(client: httpx2.AsyncClient) -> None:
    asked = [await client.get(f"/join/x{n}/connection", headers=JSON) for n in range(22)]
    assert [each.status_code for each in asked] == [404] * 20 + [429] * 2
