"""The room as it is: a real server, and the pages of two people who meet in it."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from gateway.settings import Settings
from schema.rooms.builtin import BuiltinSettings

from .conftest import Traffic
from .site import Site, links

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

Screenshot = Callable[[Page, str], Awaitable[None]]
# Notes which devices the page asks the browser for.
ASKED = """
  window.asked = [];
  const open = MediaDevices.prototype.getUserMedia;
  MediaDevices.prototype.getUserMedia = function (wanted) {
    window.asked.push(wanted);
    return open.call(this, wanted);
  };
"""
MOVES = """async (video) => {
  const began = video.currentTime;
  for (let waited = 0; waited < 30_000; waited += 200) {
    if (video.videoWidth && video.currentTime > began + 0.3) return true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return false;
}"""
SHRINKS = """async (tile) => {
  for (let waited = 0; waited < 30_000; waited += 100) {
    if (tile.getBoundingClientRect().width < 300) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}"""
PATIENCE = 30_000


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, rooms=BuiltinSettings())


@pytest_asyncio.fixture(loop_scope="session")
async def other(browser: Browser, traffic: Traffic) -> AsyncIterator[Page]:
    """The page of somebody else, on a phone."""
    context = await browser.new_context(viewport={"width": 390, "height": 844})
    context.set_default_timeout(PATIENCE)
    traffic.watch(context)
    yield await context.new_page()
    await context.close()


async def join(page: Page, link: str) -> None:
    await page.goto(link)
    await page.get_by_role("button", name="Join now").click()
    await expect(page.get_by_role("button", name="Leave")).to_be_visible(timeout=PATIENCE)


def tile(page: Page, name: str) -> Locator:
    return page.locator(".tile", has_text=name)


async def test_two_people_meet(
    page: Page, other: Page, site: Site, traffic: Traffic, screenshot: Screenshot
) -> None:
    anna, ben = links(site.book(minutes=1))
    await join(page, anna)
    await expect(page.get_by_text("Nobody else is here yet.")).to_be_visible(timeout=PATIENCE)
    await join(other, ben)
    for there, name in ((page, "Ben Ode"), (other, "Anna Keller")):
        await expect(tile(there, name).locator("video")).to_be_visible(timeout=PATIENCE)
        assert await tile(there, name).locator("video").evaluate(MOVES)
        await expect(tile(there, "You").locator("video")).to_be_visible()
    # The own picture has gone to the corner.
    assert await tile(page, "You").evaluate(SHRINKS)
    await screenshot(page, "room-together-desk")
    await screenshot(other, "room-together-phone")

    await other.get_by_role("button", name="Mute").click()
    await expect(tile(page, "Ben Ode")).to_contain_text("Muted", timeout=PATIENCE)
    await other.get_by_role("button", name="Stop camera").click()
    await expect(tile(page, "Ben Ode").locator("video")).to_be_hidden(timeout=PATIENCE)
    await other.get_by_role("button", name="Raise hand").click()
    await expect(tile(page, "Ben Ode")).to_contain_text("Hand raised", timeout=PATIENCE)

    await page.get_by_role("button", name="Chat").click()
    await page.get_by_role("textbox").fill("Welcome, Ben")
    await page.keyboard.press("Enter")
    await other.get_by_role("button", name=re.compile("Chat, 1 new")).click(timeout=PATIENCE)
    await expect(other.get_by_role("log")).to_contain_text("Welcome, Ben")

    # Somebody whose page is loaded again is back without being asked.
    await other.reload()
    await expect(other.get_by_role("button", name="Leave")).to_be_visible(timeout=PATIENCE)
    await expect(tile(other, "Anna Keller").locator("video")).to_be_visible(timeout=PATIENCE)
    assert await tile(other, "Anna Keller").locator("video").evaluate(MOVES)

    await page.get_by_role("button", name="Leave").click()
    await page.get_by_role("dialog").get_by_role("button", name="End for everybody").click()
    for there in (page, other):
        headline = there.get_by_role("heading", name="The appointment has ended")
        await expect(headline).to_be_visible(timeout=PATIENCE)
    assert traffic.foreign(site.server.url) == []
    assert [line for line in traffic.errors if "410" not in line] == []


async def test_somebody_who_left_can_come_back_or_not(page: Page, site: Site) -> None:
    row = site.book(minutes=1)
    await join(page, links(row)[0])
    await expect(page.get_by_text("Nobody else is here yet.")).to_be_visible(timeout=PATIENCE)
    await page.get_by_role("button", name="Leave").click()
    await page.get_by_role("dialog").get_by_role("button", name="Leave").click()
    await expect(page.get_by_role("heading", name="You have left")).to_be_visible()
    # Loading the page again takes no seat: that is what the button is for.
    await page.reload()
    await expect(page.get_by_role("button", name="Join now")).to_be_visible()
    await page.get_by_role("button", name="Join now").click()
    await expect(page.get_by_text("Nobody else is here yet.")).to_be_visible(timeout=PATIENCE)
    site.client.post(f"{row['id']}/complete/")
    headline = page.get_by_role("heading", name="The appointment has ended")
    await expect(headline).to_be_visible(timeout=PATIENCE)


async def test_going_back_in_takes_one_press_and_opens_nothing_that_was_closed(
    page: Page, site: Site
) -> None:
    await page.add_init_script(ASKED)
    await join(page, links(site.book(minutes=1))[0])
    inside = page.get_by_text("Nobody else is here yet.")
    await expect(inside).to_be_visible(timeout=PATIENCE)
    await page.get_by_role("button", name="Stop camera").click()
    await page.get_by_role("button", name="Settings").click()
    microphones = page.get_by_role("combobox", name="Microphone")
    (chosen,) = await microphones.select_option(index=1)
    await page.get_by_role("button", name="Leave").click()
    await page.get_by_role("dialog").get_by_role("button", name="Leave").click()
    await page.get_by_role("button", name="Go back in").click()
    await expect(inside).to_be_visible(timeout=PATIENCE)
    await expect(page.get_by_role("button", name="Mute")).to_be_visible(timeout=PATIENCE)
    await page.wait_for_function("() => window.asked.length > 0")
    asked = await page.evaluate("window.asked")
    assert [(one.get("video"), one["audio"]["deviceId"]) for one in asked] == [
        (None, {"ideal": chosen})
    ]
    await page.get_by_role("button", name="Start camera").click()
    await expect(page.get_by_role("button", name="Stop camera")).to_be_visible(timeout=PATIENCE)
    await page.get_by_role("button", name="Mute").click()
    await page.reload()
    await expect(inside).to_be_visible(timeout=PATIENCE)
    await expect(page.get_by_role("button", name="Stop camera")).to_be_visible(timeout=PATIENCE)
    await expect(page.get_by_role("button", name="Unmute")).to_be_visible()


async def test_the_page_may_use_devices_and_says_what_the_room_needs(
    page: Page, site: Site
) -> None:
    answer = await page.goto(links(site.book(minutes=60))[1])
    assert answer
    allowed = await answer.header_value("permissions-policy") or ""
    for name in ("camera", "microphone", "display-capture"):
        assert f"{name}=(self)" in allowed
    assert "The room needs scripts" in await answer.text()
