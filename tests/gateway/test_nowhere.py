"""Where there is nothing: a page for a browser, JSON for everything else."""

from dataclasses import replace

import httpx2
import pytest

from gateway.settings import Settings
from tests.conftest import MovableClock

from .test_join import HTML, JSON, running


@pytest.mark.parametrize("path", ["/nothing", "/joined", "/explorer/nothing", "/rooms/x"])
async def test_a_browser_gets_a_page(client: httpx2.AsyncClient, path: str) -> None:
    page = await client.get(path, headers=HTML)
    assert page.status_code == 404
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "There is no page here" in page.text
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-content-type-options"] == "nosniff"
    head = await client.head(path, headers=HTML)
    assert (head.status_code, head.headers["content-type"]) == (404, page.headers["content-type"])


@pytest.mark.parametrize("accept", [JSON, {"Accept": "*/*"}, {"Accept": ""}, {"Accept": "a;=,,"}])
async def test_everything_else_gets_json(
    client: httpx2.AsyncClient, accept: dict[str, str]
) -> None:
    answer = await client.get("/nothing", headers=accept)
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})
    assert answer.headers["vary"].startswith("Accept")


async def test_other_refusals_are_those_of_apis(client: httpx2.AsyncClient) -> None:
    refused = await client.post("/healthz", headers=HTML)
    assert (refused.status_code, refused.json()) == (405, {"detail": "Method not allowed."})
    documented = await client.get("/api/v1/nothing/", headers=HTML)
    assert documented.headers["content-type"] != "text/html; charset=utf-8"
    foreign = await client.get("/nothing", headers=HTML | {"Host": "evil.example"})
    assert (foreign.status_code, foreign.json()["code"]) == (400, "UNKNOWN_HOST")


async def test_the_page_finds_its_style_below_a_path(
    settings: Settings, clock: MovableClock
) -> None:
    public = "http://testserver/connect"
    async with running(replace(settings, given_public_url=public), clock) as (_, client):
        for at in ("/connect/nothing", "/nothing"):
            page = await client.get(at, headers=HTML)
            assert page.status_code == 404
            assert 'href="/connect/join/assets/join.css"' in page.text
