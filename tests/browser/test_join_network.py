"""The join page without a network: it says so, says so once, and goes on by itself."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from .site import Site, links
from .test_join_stream import OPEN, counted, start, until
from .wire import Wire

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sqlite("the network is the browser's"),
    pytest.mark.asyncio(loop_scope="session"),
]

Screenshot = Callable[[Page, str], Awaitable[None]]
PHONE = {"width": 390, "height": 844}
# Remembers everything that a screen reader is told.
LISTEN = """() => {
    window.told = [];
    const news = document.getElementById("news");
    new MutationObserver(() => window.told.push(news.textContent)).observe(
        news, { childList: true, characterData: true, subtree: true });
    const banner = document.getElementById("network");
    window.kinds = [];
    new MutationObserver(() => {
        window.kinds.push(banner.dataset.kind);
        window.changedAt = Date.now() / 1000;
    }).observe(banner, { attributeFilter: ["data-kind"] });
}"""
PROMISED_SECONDS = 3


@pytest_asyncio.fixture(loop_scope="session")
async def wire(site: Site) -> AsyncIterator[Wire]:
    async with Wire(site.server.url) as wire:
        yield wire


async def waiting(page: Page, site: Site, origin: str) -> dict[str, Any]:
    """Shows the page of somebody who waits for the moderator, with its stream open."""
    row = site.book(minutes=10)
    await page.set_viewport_size(PHONE)
    await page.goto(origin + urlsplit(links(row)[1]).path)
    await expect(page.get_by_role("heading", name="Please wait here")).to_be_visible()
    await page.evaluate(LISTEN)
    return row


async def told(page: Page, pattern: str) -> list[str]:
    lines: list[str] = await page.evaluate("window.told")
    return [line for line in lines if re.search(pattern, line)]


async def seconds_until_said(page: Page, began: float) -> float:
    """How long it took, by the page's own time: this test may be slow to notice."""
    await expect(page.locator("#network")).to_have_attribute("data-kind", "trouble")
    return float(await page.evaluate("window.changedAt")) - began


async def test_a_page_without_a_network_says_so_and_goes_on(
    page: Page, context: BrowserContext, site: Site, screenshot: Screenshot
) -> None:
    row = await waiting(page, site, site.server.url)
    await expect(page.locator("#network")).to_be_hidden()
    began = time.time()
    await context.set_offline(True)
    await expect(page.locator("#network")).to_contain_text("You are offline")
    assert await seconds_until_said(page, began) < PROMISED_SECONDS
    await expect(page.locator("#news")).to_contain_text("You are offline")
    await screenshot(page, "join-offline-phone")
    await context.set_offline(False)
    await expect(page.locator("#network")).to_contain_text("You are back online")
    await expect(page.locator("#news")).to_contain_text("You are back online")
    assert len(await told(page, "^You are offline")) == 1
    assert len(await told(page, "^You are back online")) == 1
    await start(site, row)
    await expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    await expect(page.locator("#network")).to_be_hidden(timeout=15_000)


async def test_a_moment_without_a_network_is_not_read_out(
    page: Page, context: BrowserContext, site: Site
) -> None:
    await waiting(page, site, site.server.url)
    for count in range(1, 4):
        await page.evaluate("dispatchEvent(new Event('offline'))")
        await page.evaluate("dispatchEvent(new Event('online'))")
        await page.wait_for_function(f"() => window.kinds.length === {2 * count}")
    assert await page.evaluate("window.kinds") == ["trouble", "fine"] * 3
    await asyncio.sleep(1.5)
    assert await page.evaluate("window.told") == []


async def test_a_service_that_is_gone_is_noticed_by_the_stream(
    page: Page, site: Site, wire: Wire
) -> None:
    row = await waiting(page, site, wire.url)
    await until(lambda: counted(site, OPEN) == 1)
    began = time.time()
    wire.cut()
    await expect(page.locator("#network")).to_contain_text("does not reach the service")
    assert await seconds_until_said(page, began) < PROMISED_SECONDS
    # It goes on trying, and does not talk about each attempt.
    await asyncio.sleep(5)
    assert len(await told(page, "does not reach")) == 1
    wire.mend()
    await expect(page.locator("#network")).to_contain_text("can be reached again")
    await start(site, row)
    await expect(page.get_by_role("heading", name="You are in")).to_be_visible()


async def test_a_network_that_swallows_everything_is_noticed_at_the_next_look(
    page: Page, site: Site, wire: Wire
) -> None:
    row = await waiting(page, site, wire.url)
    await until(lambda: counted(site, OPEN) == 1)
    wire.swallow()
    # Whoever comes back to the page makes it look.
    began = time.time()
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(page.locator("#network")).to_contain_text("does not reach the service")
    assert await seconds_until_said(page, began) < PROMISED_SECONDS
    await start(site, row)
    wire.mend()
    await expect(page.get_by_role("heading", name="You are in")).to_be_visible(timeout=40_000)
    await expect(page.locator("#network")).to_be_hidden(timeout=10_000)
