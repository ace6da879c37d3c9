"""The words that a visitor gets about their connection before they join."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from playwright.async_api import Page, Route, expect

from gateway.settings import Settings
from schema.rooms.builtin import BuiltinSettings

from .site import Site, links
from .test_accessibility import findings

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sqlite("the connection is the browser's"),
    pytest.mark.asyncio(loop_scope="session"),
]

Screenshot = Callable[[Page, str], Awaitable[None]]
MODULE = "**/join/assets/connection.js"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(
        settings, rooms=BuiltinSettings(ice_servers="turn:127.0.0.1:9", turn_secret="s" * 32)
    )


async def outcome(page: Page, link: str, measured: dict[str, bool | None]) -> str:
    """What is said when this was measured; the measuring is tested where it is made."""
    asked = []

    async def answer(route: Route) -> None:
        source = "export const checkConnection = async (servers) => {\n"
        source += f"  document.title = JSON.stringify(servers); return {json.dumps(measured)}; }};"
        asked.append(route.request.url)
        await route.fulfill(content_type="text/javascript", body=source)

    await page.route(MODULE, answer)
    await page.goto(link)
    await page.get_by_role("button", name="Try the connection").click()
    news = page.locator("#check-connection-news")
    await expect(news).not_to_be_empty()
    await expect(news).not_to_contain_text("Trying")
    assert len(asked) == 1, "it is loaded when it is wanted, not before"
    # It measured with the servers of this link.
    servers = json.loads(await page.title())
    assert servers[0]["urls"] == ["turn:127.0.0.1:9"] and servers[0]["credential"]
    return await news.inner_text()


@pytest.mark.parametrize(
    ("direct", "needed", "works", "said"),
    [
        (True, False, True, "works, directly and by the relay"),
        (True, False, None, "others can reach you directly"),
        (True, False, False, "relay does not answer, but you do not need it"),
        (False, True, True, "The relay works, so you can take part"),
        (False, True, False, "no relay helps. Try another network"),
        (False, True, None, "no relay helps. Try another network"),
        (False, None, None, "This browser cannot make video calls"),
        (None, None, True, "The relay works, so you can take part"),
        (None, None, False, "The relay does not answer"),
        (None, None, None, "shows only when you have joined"),
    ],
)
async def test_what_was_measured_is_said_in_words(
    page: Page,
    site: Site,
    direct: bool | None,
    needed: bool | None,
    works: bool | None,
    said: str,
) -> None:
    link = links(site.book(minutes=60, join_screen_enabled=True))[0]
    measured = {"direct": direct, "relayNeeded": needed, "relayWorks": works}
    assert said in await outcome(page, link, measured)


async def test_a_connection_that_cannot_be_tried_is_no_obstacle(
    page: Page, site: Site, screenshot: Screenshot
) -> None:
    await page.route("**/connection", lambda route: route.abort())
    await page.goto(links(site.book(minutes=10, join_screen_enabled=True))[0])
    button = page.get_by_role("button", name="Try the connection")
    await button.click()
    await expect(page.locator("#check-connection-news")).to_contain_text("Try again later")
    await screenshot(page, "join-connection")
    assert await findings(page) == []
    await expect(button).to_be_enabled()
    await expect(page.get_by_role("button", name="Join now")).to_be_enabled()


async def test_without_a_join_screen_nothing_is_offered(page: Page, site: Site) -> None:
    await page.goto(links(site.book(minutes=60))[0])
    await expect(page.locator(".countdown")).to_be_visible()
    await expect(page.locator("#check-connection")).to_have_count(0)
