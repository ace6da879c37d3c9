"""The join page in a real headless Chromium: early, waiting, let in, devices, removed, ended."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from .conftest import Traffic
from .site import Site, links

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

Screenshot = Callable[[Page, str], Awaitable[None]]
PHONE = {"width": 390, "height": 844}
KEEP_TRACKS = """
    window.tracks = [];
    const open = MediaDevices.prototype.getUserMedia;
    MediaDevices.prototype.getUserMedia = async function (wanted) {
        const stream = await open.call(this, wanted);
        window.tracks.push(...stream.getTracks());
        return stream;
    };
"""
LIVE_TRACKS = "window.tracks.filter((track) => track.readyState === 'live').length"
NO_CAMERA = """
    const open = MediaDevices.prototype.getUserMedia;
    MediaDevices.prototype.getUserMedia = async function (wanted) {
        if (wanted.video) throw new DOMException("none", "NotFoundError");
        return open.call(this, wanted);
    };
"""


async def test_an_early_page_opens_by_itself_and_ends(
    page: Page, site: Site, traffic: Traffic, screenshot: Screenshot
) -> None:
    row = site.book(minutes=60)
    moderator, _ = links(row)
    await page.set_viewport_size(PHONE)
    await page.goto(moderator)
    await expect(page.get_by_role("heading", name="You are early")).to_be_visible()
    await expect(page.locator(".countdown")).to_contain_text("in 45:0")
    await expect(page.locator("h1")).to_have_text("Passport renewal")
    await expect(page.locator("#zone")).to_contain_text("Your time")
    await screenshot(page, "join-early-phone")
    site.server.clock.move(minutes=45)
    # Returning to the page asks the server again, whatever the clock of the device says.
    await page.evaluate("dispatchEvent(new Event('online'))")
    await expect(page.get_by_role("button", name="Join now")).to_be_visible()
    await screenshot(page, "join-open-phone")
    assert site.status(row) == "scheduled"
    await page.get_by_role("button", name="Join now").click()
    await expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    await expect(page.locator("#sentence")).to_contain_text("organizer will connect you")
    assert site.status(row) == "active"
    await page.reload()
    await expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    site.client.post(f"{row['id']}/complete/")
    await page.evaluate("dispatchEvent(new Event('online'))")
    await expect(page.get_by_role("heading", name="Nothing left to join")).to_be_visible()
    assert traffic.foreign(site.server.url) == []
    # Chromium logs a line of its own for the final 410.
    assert [line for line in traffic.errors if "410" not in line] == []


async def test_a_countdown_runs_down_and_opens(page: Page, site: Site) -> None:
    row = site.book(minutes=15 + 3 / 60)
    await page.goto(links(row)[0])
    await expect(page.locator(".countdown")).to_be_visible()
    site.server.clock.move(seconds=3)
    await expect(page.get_by_role("button", name="Join now")).to_be_visible(timeout=15_000)


async def test_a_wrong_clock_on_the_device_does_not_matter(page: Page, site: Site) -> None:
    row = site.book(minutes=60)
    await page.add_init_script("const now = Date.now; Date.now = () => now() + 3 * 3600e3")
    await page.goto(links(row)[0])
    await expect(page.locator(".countdown")).to_contain_text("in 45:0")


async def test_cancelled_before_it_opened(page: Page, site: Site) -> None:
    row = site.book(minutes=16)
    await page.goto(links(row)[1])
    await expect(page.get_by_role("heading", name="You are early")).to_be_visible()
    assert site.client.post(f"{row['id']}/cancel/").status_code == 200
    await expect(page.get_by_role("heading", name="Cancelled")).to_be_visible(timeout=30_000)
    # It is announced audibly, and the title of the tab says it too.
    await expect(page.locator("#news")).to_have_text("Cancelled. This appointment was cancelled.")
    await expect(page).to_have_title("Cancelled · Passport renewal")


async def test_what_a_screen_reader_finds(page: Page, site: Site) -> None:
    row = site.book(minutes=10)
    await page.goto(links(row)[0])
    await expect(page.get_by_role("main")).to_match_aria_snapshot(
        """
        - main:
          - article:
            - paragraph: Consulate General
            - heading "Passport renewal" [level=1]
            - paragraph: /Your time/
            - region "You can join now":
              - heading "You can join now" [level=2]
              - paragraph: Come in.
              - paragraph: Joining opens the appointment for everybody.
              - button "Join now"
            - paragraph: /Invited.*Anna Keller.*Moderator/
        """
    )
    assert await page.locator("html").get_attribute("lang") == "en"
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Join now")).to_be_focused()
    await page.keyboard.press("Enter")
    # The button is gone: the focus moves to what replaced it, not to the top of the page.
    await expect(page.get_by_role("heading", name="You are in")).to_be_focused()


async def test_a_waiting_participant_is_let_in_when_the_moderator_comes(
    browser: Browser, page: Page, site: Site, traffic: Traffic, screenshot: Screenshot
) -> None:
    row = site.book(minutes=10)
    moderator, participant = links(row)
    await page.set_viewport_size(PHONE)
    await page.goto(participant)
    await expect(page.get_by_role("heading", name="Please wait here")).to_be_visible()
    await screenshot(page, "join-waiting-phone")
    assert site.status(row) == "scheduled"
    other = await browser.new_context(color_scheme="dark", viewport=PHONE)
    second = await other.new_page()
    await second.goto(moderator)
    await screenshot(second, "join-open-dark")
    await second.get_by_role("button", name="Join now").click()
    await expect(second.get_by_role("heading", name="You are in")).to_be_visible()
    await expect(page.get_by_role("heading", name="You are in")).to_be_visible(timeout=20_000)
    assert site.status(row) == "active"
    await screenshot(second, "join-in-dark")
    await other.close()
    assert traffic.foreign(site.server.url) == []
    assert traffic.errors == []


async def test_removed_while_waiting(page: Page, site: Site, screenshot: Screenshot) -> None:
    row = site.book(minutes=10)
    await page.goto(links(row)[1])
    await expect(page.get_by_role("heading", name="Please wait here")).to_be_visible()
    person = row["participants"][1]["id"]
    assert site.client.delete(f"{row['id']}/participants/{person}/").status_code == 204
    await expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible(
        timeout=20_000
    )
    await screenshot(page, "join-removed")


async def test_devices_are_tested_before_joining(
    page: Page, site: Site, traffic: Traffic, screenshot: Screenshot
) -> None:
    row = site.book(minutes=10, join_screen_enabled=True)
    await page.add_init_script(KEEP_TRACKS)
    await page.set_viewport_size(PHONE)
    await page.goto(links(row)[0])
    assert await page.evaluate("window.tracks.length") == 0
    await page.get_by_role("button", name="Try camera and microphone").click()
    await expect(page.locator("#check-panel")).to_be_visible()
    await page.wait_for_function("() => document.getElementById('check-video').videoWidth > 0")
    await page.wait_for_function("() => document.getElementById('check-level').value > 0")
    await page.get_by_role("button", name="Play a tone").click()
    await expect(page.locator("#check-news")).to_contain_text("three notes")
    await screenshot(page, "join-devices-phone")
    await page.get_by_role("button", name="Switch off").click()
    await expect(page.locator("#check-panel")).to_be_hidden()
    assert await page.evaluate(LIVE_TRACKS) == 0
    await page.get_by_role("button", name="Try camera and microphone").click()
    await expect(page.locator("#check-news")).to_contain_text("microphone hears you")
    assert await page.evaluate(LIVE_TRACKS) == 2
    await page.get_by_role("button", name="Join now").click()
    await expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    await expect(page.locator("#check")).to_be_hidden()
    assert await page.evaluate(LIVE_TRACKS) == 0
    assert traffic.foreign(site.server.url) == []
    assert traffic.errors == []


async def test_without_a_camera_only_the_microphone_is_tested(page: Page, site: Site) -> None:
    row = site.book(minutes=10, join_screen_enabled=True)
    await page.add_init_script(NO_CAMERA)
    await page.goto(links(row)[0])
    await page.get_by_role("button", name="Try camera and microphone").click()
    await expect(page.locator("#check-level")).to_be_visible()
    await expect(page.locator("#check-video")).to_be_hidden()
    await expect(page.locator("#check-news")).not_to_be_empty()
    await page.wait_for_function("() => document.getElementById('check-level').value > 0")


async def test_without_permission_the_page_says_how_to_give_it(
    page: Page, site: Site, screenshot: Screenshot
) -> None:
    row = site.book(minutes=10, join_screen_enabled=True)
    await page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () =>"
        " Promise.reject(new DOMException('denied', 'NotAllowedError'))"
    )
    await page.goto(links(row)[0])
    await page.get_by_role("button", name="Try camera and microphone").click()
    await expect(page.locator("#check-blocked")).to_be_visible()
    await screenshot(page, "join-devices-blocked")
    await expect(page.get_by_role("button", name="Join now")).to_be_enabled()


async def test_without_scripts_the_form_joins(browser: Browser, site: Site) -> None:
    row = site.book(minutes=10)
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(links(row)[0])
    assert "UTC" in await page.locator("#zone").inner_text()
    await page.get_by_role("button", name="Join now").click()
    await expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    assert site.status(row) == "active"
    await context.close()


async def test_times_are_in_the_time_zone_of_the_visitor(browser: Browser, site: Site) -> None:
    row = site.book(minutes=60)
    context = await browser.new_context(timezone_id="Asia/Tokyo", locale="en-GB")
    page = await context.new_page()
    await page.goto(links(row)[0])
    start = datetime.fromisoformat(row["start_date_time"]).astimezone(UTC) + timedelta(hours=9)
    await expect(page.locator("#zone")).to_have_text("Your time: Japan Standard Time (UTC+9)")
    await expect(page.locator(".when")).to_contain_text(f"{start:%H:%M}")
    await context.close()


async def test_a_page_that_the_browser_kept_is_loaded_anew(page: Page, site: Site) -> None:
    await page.goto(links(site.book(minutes=10, join_screen_enabled=True))[0])
    start = page.get_by_role("button", name="Try camera and microphone")
    await start.click()
    await expect(page.locator("#check-panel")).to_be_visible()
    # What Safari does when one goes on to another page and comes back; Chromium keeps none of ours.
    await page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    await expect(start).to_be_hidden()
    async with page.expect_event("load"):
        await page.evaluate(
            "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"
        )
    await expect(start).to_be_visible()
