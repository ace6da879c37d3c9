"""The join page in the languages of its visitors: direction, times, days, a change of clocks."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from .site import Site, links

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

Screenshot = Callable[[Page, str], Awaitable[None]]
PHONE = {"width": 390, "height": 844}
# Language, zone, what a browser of that country sends, and the headlines of the states.
PLACES = {
    "de": ("Europe/Berlin", "de-AT", ["Sie sind früh da", "Sie können jetzt teilnehmen", "Sie sind dabei"]),
    "ar": ("Africa/Cairo", "ar-EG", ["لقد جئت مبكرًا", "يمكنك الانضمام الآن", "أنت الآن في الموعد"]),
    "zh-Hans": ("Asia/Shanghai", "zh-CN", ["您来早了", "您现在可以加入", "您已加入"]),
}  # fmt: skip


@asynccontextmanager
async def visiting(browser: Browser, zone: str, locale: str) -> AsyncIterator[Page]:
    context = await browser.new_context(timezone_id=zone, locale=locale, viewport=PHONE)
    context.set_default_timeout(30_000)
    errors: list[str] = []
    context.on("weberror", lambda problem: errors.append(str(problem.error)))
    try:
        yield await context.new_page()
        assert errors == []
    finally:
        await context.close()


@pytest.mark.parametrize("tag", PLACES)
async def test_from_early_to_in(
    browser: Browser, site: Site, screenshot: Screenshot, tag: str
) -> None:
    zone, locale, (early, open_, joined) = PLACES[tag]
    row = site.book(minutes=60, join_screen_enabled=True)
    async with visiting(browser, zone, locale) as page:
        await page.goto(links(row)[0])
        headline = page.locator("#headline")
        await expect(headline).to_have_text(early)
        html = page.locator("html")
        assert await html.get_attribute("lang") == tag
        assert await html.get_attribute("dir") == ("rtl" if tag == "ar" else "ltr")
        await expect(page.locator(".countdown")).to_be_visible()
        await expect(page.locator("#zone")).to_contain_text("UTC+")
        await screenshot(page, f"language-{tag}-early-phone")
        site.server.clock.move(minutes=45)
        await page.evaluate("dispatchEvent(new Event('online'))")
        await expect(headline).to_have_text(open_)
        await screenshot(page, f"language-{tag}-open-phone")
        await page.set_viewport_size({"width": 1280, "height": 800})
        await page.locator("#check-start").click()
        await expect(page.locator("#check-panel")).to_be_visible()
        await screenshot(page, f"language-{tag}-open-desktop")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.locator("button.main").click()
        await expect(headline).to_have_text(joined)


async def test_an_address_keeps_the_language_it_asks_for(browser: Browser, site: Site) -> None:
    row = site.book(minutes=10)
    async with visiting(browser, "Europe/Berlin", "en-GB") as page:
        await page.goto(f"{links(row)[0]}?lang=de")
        await page.locator("button.main").click()
        await expect(page.locator("#headline")).to_have_text("Sie sind dabei")
        await page.reload()
        await expect(page.locator("#headline")).to_have_text("Sie sind dabei")


def book_at(site: Site, start: str, minutes: int = 60) -> dict[str, Any]:
    people = [{"unique_id": "anna", "display_name": "Anna", "role": "moderator"}]
    answer = site.client.post(
        "",
        json={"title": "Visa", "start_date_time": start, "duration_minutes": minutes, "participants": people},
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        ("en-GB", "in 9 days, on Wednesday"),
        ("de-DE", "in 9 Tagen, am Mittwoch"),
        ("ru-RU", "через 9 дней, в среду"),
    ],
)
async def test_who_is_days_early_reads_days_and_may_close_the_page(
    browser: Browser, site: Site, screenshot: Screenshot, locale: str, shown: str
) -> None:
    start = site.server.clock.now().replace(hour=15, minute=0) + timedelta(days=9)
    start += timedelta(days=(2 - start.weekday()) % 7)
    site.server.clock.move(days=(start - site.server.clock.now()).days - 9)
    row = book_at(site, start.isoformat())
    async with visiting(browser, "Europe/London", locale) as page:
        await page.goto(f"{row['participants'][0]['access_link']}")
        await expect(page.locator(".countdown")).to_have_text(shown)
        await expect(page.locator("a.button")).to_have_attribute(
            "href", re.compile("/appointment.ics$")
        )
        await screenshot(page, f"language-{locale}-far-phone")


async def test_a_change_of_clocks_cannot_be_missed(
    browser: Browser, site: Site, screenshot: Screenshot
) -> None:
    row = book_at(site, "2026-10-25T00:45:00Z")
    async with visiting(browser, "Europe/London", "en-GB") as page:
        await page.goto(row["participants"][0]["access_link"])
        when = page.locator(".when span").nth(1)
        await expect(when).to_have_text("01:45 (UTC+1) to 01:45 (UTC)")
        await expect(page.locator("#zone")).to_have_text(
            "Your time. The clocks change during the appointment, from British Summer Time (UTC+1) "
            "to Greenwich Mean Time (UTC)."
        )
        await screenshot(page, "clocks-change-phone")


async def test_a_zone_without_a_name_is_called_by_its_place(browser: Browser, site: Site) -> None:
    row = site.book(minutes=60)
    async with visiting(browser, "Europe/Istanbul", "tr-TR") as page:
        await page.goto(links(row)[0])
        await expect(page.locator("#zone")).to_contain_text("UTC+3")
        assert "GMT" not in str(await page.locator("#zone").text_content())


async def test_scripts_go_on_in_english_without_their_texts(browser: Browser, site: Site) -> None:
    row = site.book(minutes=60)
    async with visiting(browser, "Europe/Berlin", "de-DE") as page:
        await page.route("**/join/assets/words/**", lambda route: route.abort())
        await page.goto(links(row)[0])
        await expect(page.locator("#headline")).to_have_text("Sie sind früh da")
        await expect(page.locator("#zone")).to_contain_text("Your time: Mitteleuropäische")
