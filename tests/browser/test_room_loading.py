"""The way into the room where its files come late or not at all, in a real Chromium."""

import asyncio
from dataclasses import replace

import pytest
from playwright.async_api import Page, Route, expect

from gateway.settings import Settings
from schema.rooms.builtin import BuiltinSettings

from .site import Site, links

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SCRIPT = "**/room/stage.js"
TROUBLE = "That did not work. Check your connection and try again."


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, rooms=BuiltinSettings())


class Lost:
    """Loses the answers to the first requests; counts the requests and the pages."""

    def __init__(self, page: Page, count: int) -> None:
        self.left, self.asked, self.pages = count, 0, 0
        page.on("load", lambda _: self._loaded())

    def _loaded(self) -> None:
        self.pages += 1

    async def answer(self, route: Route) -> None:
        self.asked += 1
        self.left -= 1
        await (route.abort() if self.left >= 0 else route.continue_())


async def join(page: Page) -> None:
    await page.get_by_role("button", name="Join now").click()


async def test_a_page_that_cannot_load_the_room_is_loaded_anew(page: Page, site: Site) -> None:
    lost = Lost(page, 4)  # each press tries twice
    await page.route(SCRIPT, lost.answer)
    await page.goto(links(site.book(minutes=10))[0])
    await join(page)
    await expect(page.locator("#trouble")).to_have_text(TROUBLE)
    assert lost.pages == 1
    await join(page)
    # The new page goes in by itself.
    await expect(page.locator("main.room")).to_be_visible(timeout=30_000)
    assert (lost.pages, lost.asked) == (2, 5)


async def test_what_a_change_of_network_broke_off_is_asked_for_again(
    page: Page, site: Site
) -> None:
    lost = Lost(page, 1)
    await page.route(SCRIPT, lost.answer)
    await page.goto(links(site.book(minutes=10))[0])
    await join(page)
    await expect(page.locator("main.room")).to_be_visible(timeout=30_000)
    assert (lost.pages, lost.asked) == (1, 2)


async def test_a_page_is_not_loaded_anew_again_and_again(page: Page, site: Site) -> None:
    lost = Lost(page, 100)
    await page.route(SCRIPT, lost.answer)
    await page.goto(links(site.book(minutes=10))[0])
    await join(page)
    await expect(page.locator("#trouble")).to_have_text(TROUBLE)
    await join(page)
    async with asyncio.timeout(30):
        while lost.asked < 6:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    # The page that was loaded anew tried by itself; now it says so and has a button.
    await expect(page.get_by_role("button", name="Join now")).to_be_enabled()
    await expect(page.locator("#trouble")).to_have_text(TROUBLE)
    assert "joined" not in page.url
    await asyncio.sleep(1.5)  # time enough for more of them
    assert (lost.pages, lost.asked) == (2, 6)


async def test_a_style_sheet_that_does_not_come_keeps_nobody_out(page: Page, site: Site) -> None:
    held: list[Route] = []

    async def hold(route: Route) -> None:
        held.append(route)

    await page.route("**/room/room.css", hold)
    await page.goto(links(site.book(minutes=10))[0])
    await join(page)
    await expect(page.locator("main.room")).to_be_visible(timeout=30_000)
    await expect(page.get_by_role("button", name="Leave")).to_be_visible(timeout=30_000)
    assert len(held) == 1
    await held[0].continue_()
