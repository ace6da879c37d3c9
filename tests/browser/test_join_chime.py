"""The sound for the moment when the visitor can come in: only for who asked for it, and once."""

import pytest
from playwright.async_api import Page, expect

from .site import Site, links

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sqlite("the sound is the browser's"),
    pytest.mark.asyncio(loop_scope="session"),
]

# Counts the notes that are really played: those of a player that runs.
LISTEN = """
    window.notes = 0;
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...at) {
        if (this.context.state === "running") window.notes += 1;
        return start.apply(this, at);
    };
"""
CHIME = 2  # notes


async def open_page(page: Page, link: str) -> None:
    await page.add_init_script(LISTEN)
    await page.goto(link)
    await expect(page.get_by_role("switch")).to_be_visible()


async def heard(page: Page, chimes: int) -> None:
    await page.wait_for_function(f"() => window.notes === {chimes * CHIME}")


async def test_an_early_visitor_hears_that_the_door_opens(page: Page, site: Site) -> None:
    await open_page(page, links(site.book(minutes=60))[0])
    switch = page.get_by_role("switch", name="Play a sound when I can come in")
    await switch.click()
    # It can be heard at once, so that the loudspeaker is known to be on.
    await heard(page, 1)
    site.server.clock.move(minutes=45)
    await page.evaluate("dispatchEvent(new Event('online'))")
    await expect(page.get_by_role("button", name="Join now")).to_be_visible()
    await heard(page, 2)
    await expect(page).to_have_title("You can join now · Passport renewal")
    await expect(switch).to_be_hidden()
    await page.get_by_role("button", name="Join now").click()
    await expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    await heard(page, 2)


async def test_a_waiting_visitor_hears_that_they_are_let_in(page: Page, site: Site) -> None:
    row = site.book(minutes=10)
    await open_page(page, links(row)[1])
    await page.get_by_role("switch").click()
    await heard(page, 1)
    site.client.post(f"{row['id']}/start/")
    await expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    await heard(page, 2)


async def test_who_did_not_ask_hears_nothing(page: Page, site: Site) -> None:
    row = site.book(minutes=10)
    await open_page(page, links(row)[1])
    switch = page.get_by_role("switch")
    await switch.click()
    await heard(page, 1)
    await page.keyboard.press("Space")
    await expect(switch).not_to_be_checked()
    site.client.post(f"{row['id']}/start/")
    await expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    await heard(page, 1)
