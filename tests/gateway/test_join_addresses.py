"""Links with what stood behind them in a sentence: understood, and no easier to guess."""

import time
from dataclasses import replace
from urllib.parse import quote, urlsplit

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.join.address import LinkAddress, address_of
from gateway.settings import Settings
from tests.conftest import MovableClock
from tests.contract.test_appointments import booking
from tests.contract.test_lifecycle import SOON
from tests.faces import RestFace
from tests.people import Tenant, add_tenant

from .test_join import HTML, JSON, link_in, running

TOKEN = "AZ8a-_.bc_d-"
BEHIND = [
    *".,;:!?)]}>/'\"»”’…。،*`|\\ \n\r\t",
    "\r\n", "\xa0", ").", ">.", "/.", "//", "%20", "%0A", "&gt;", "&quot;", "><br", ".Please", ") and more",
]  # fmt: skip


@pytest.fixture
def face(client: httpx2.AsyncClient, tenant: Tenant) -> RestFace:
    return RestFace(client, tenant.write)


@pytest.mark.parametrize("behind", BEHIND)
def test_what_stands_behind_a_link_is_passed_over(behind: str) -> None:
    for part in ("", "/events", "/appointment.ics"):
        assert address_of(f"/join/{TOKEN}{behind}{part}") == LinkAddress(TOKEN, part)
    assert address_of(f"/join/<{TOKEN}{behind}") == LinkAddress(TOKEN)
    assert address_of(f"/join/{TOKEN}/events.") == LinkAddress(TOKEN, "/events")


@pytest.mark.parametrize("path", ["/join", "/join/", "/join/a/b", f"/join/{TOKEN}/other"])
def test_other_paths_are_no_link(path: str) -> None:
    assert address_of(path).token == path.removeprefix("/join").removeprefix("/")


@pytest.mark.parametrize(
    "evil", [".", "a.", "/events", "/events!", "-", "a.b//", "a.a!/", "!", "/", "/!"]
)
def test_a_long_path_is_read_in_no_time(evil: str) -> None:
    long = evil * (8_000 // len(evil))
    began = time.process_time()
    for path in (f"/join/{long}", f"/join/{TOKEN}{long}", f"/join/{TOKEN}{long}!a"):
        address_of(path)
    assert time.process_time() - began < 0.1


@pytest.mark.parametrize("behind", [".", ",", ")", ">", "/", ";", '"', "'", " ", "\n", "”", "%20"])
async def test_such_a_link_leads_in(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace, behind: str
) -> None:
    path = await link_in("OPEN", face, app, clock)
    sent = path + quote(behind, safe="")
    page = await client.get(f"{sent}?joined=1", headers=HTML)
    assert (page.status_code, page.headers["location"]) == (302, f"{path}?joined=1")
    assert page.headers["cache-control"] == "no-store"
    assert (await client.head(sent, headers=HTML)).headers["location"] == path
    assert (await client.get(sent, headers=JSON)).json()["code"] == "OPEN"
    assert (await client.get(f"{sent}/appointment.ics")).status_code == 200
    assert (await client.head(f"{sent}/events")).status_code == 200
    assert (await client.post(sent, headers=JSON)).json()["status"] == "active"
    joined = await client.post(sent, headers=HTML)
    assert (joined.status_code, joined.headers["location"]) == (303, f"{path}?joined=1")


async def test_a_link_stays_as_hard_to_guess(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace
) -> None:
    path = await link_in("OPEN", face, app, clock)
    for wrong in (path[:-1], f"{path}A", f"{path}-", f"{path}/other", path.replace(".", "./")):
        answer = await client.get(wrong, headers=HTML)
        assert (answer.status_code, answer.headers.get("location")) == (404, None), wrong
    statuses = [(await client.get(f"/join/x{n}.y).", headers=HTML)).status_code for n in range(20)]
    assert statuses == [404] * 15 + [429] * 5
    assert (await client.get(f"{path}.", headers=JSON)).status_code == 200


async def test_such_a_link_leads_in_below_a_path(settings: Settings, clock: MovableClock) -> None:
    public = "http://testserver/connect"
    async with running(replace(settings, given_public_url=public), clock) as (app, client):
        tenant = await add_tenant(app.state.lifespan["services"], "Consulate General")
        row = await RestFace(client, tenant.write).create(**booking(start_date_time=SOON))
        path = urlsplit(row["participants"][0]["access_link"]).path
        for at in (path, path.removeprefix("/connect")):
            page = await client.get(f"{at}).", headers=HTML)
            assert (page.status_code, page.headers["location"]) == (302, path)
            assert (await client.get(f"{at},", headers=JSON)).json()["code"] == "TOO_EARLY"
