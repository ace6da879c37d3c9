"""The join page and its stream: let in by an event without a poll, and by polls where it fails."""

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from .conftest import Traffic
from .site import Site, links

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LOOKS = r'connect_requests_total\{face="join",operation="look",status="200"\} (\d+)'
OPEN = r'connect_live_open\{transport="join"\} (\d+)'
TOLD = r'connect_live_events_total\{transport="join"\} (\d+)'
STREAMS = re.compile(r"/join/.+/events$")


def counted(site: Site, pattern: str) -> int:
    """What the server has counted so far."""
    found = re.search(pattern, site.client.get(f"{site.server.url}/metrics").text)
    return int(found[1]) if found else 0


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  (the server has no event for it)
            await asyncio.sleep(0.02)


async def waiting(page: Page, site: Site) -> dict[str, Any]:
    """Shows the page of somebody who waits for the moderator."""
    row = site.book(minutes=10)
    await page.goto(links(row)[1])
    await expect(page.get_by_role("heading", name="Please wait here")).to_be_visible()
    return row


async def start(site: Site, row: dict[str, Any]) -> None:
    answer = await asyncio.to_thread(site.client.post, f"{row['id']}/start/")
    assert answer.status_code == 200


async def test_a_waiting_person_is_let_in_within_a_second_without_a_poll(
    page: Page, site: Site, traffic: Traffic
) -> None:
    row = await waiting(page, site)
    await until(lambda: counted(site, TOLD) == 1)
    # Longer than a page without a stream waits between two polls.
    await asyncio.sleep(5)
    assert counted(site, LOOKS) == 1, "the page itself, and no poll"
    began = time.monotonic()
    await start(site, row)
    await expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    assert time.monotonic() - began < 1
    assert counted(site, LOOKS) == 2, "what it shows now, and no poll"
    assert traffic.foreign(site.server.url) == []
    assert traffic.errors == []


async def test_a_page_hears_of_the_end_and_lets_go(page: Page, site: Site) -> None:
    row = await waiting(page, site)
    await until(lambda: counted(site, TOLD) == 1)
    await start(site, row)
    await expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    began = time.monotonic()
    await asyncio.to_thread(site.client.post, f"{row['id']}/complete/")
    await expect(page.get_by_role("heading", name="Nothing left to join")).to_be_visible()
    assert time.monotonic() - began < 2
    await until(lambda: counted(site, OPEN) == 0)


async def refuse(route: Route) -> None:
    await route.fulfill(status=429, json={"code": "TOO_MANY_STREAMS"})


async def hold_back(route: Route) -> None:
    """Answers as a proxy does that gathers a response until it is complete: not at all."""


async def cut(route: Route) -> None:
    await route.abort()


async def begin_and_say_nothing(route: Route) -> None:
    await route.fulfill(status=200, content_type="text/event-stream", body=":\n\n")


@pytest.mark.parametrize("proxy", [refuse, hold_back, cut, begin_and_say_nothing])
async def test_where_the_stream_fails_the_page_polls(page: Page, site: Site, proxy: Any) -> None:
    await page.route(STREAMS, proxy)
    row = await waiting(page, site)
    await until(lambda: counted(site, LOOKS) >= 3)
    await start(site, row)
    await expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    assert counted(site, TOLD) == 0


async def test_a_browser_without_streams_polls(page: Page, site: Site) -> None:
    await page.add_init_script("delete window.EventSource")
    row = await waiting(page, site)
    await start(site, row)
    await expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    assert counted(site, TOLD) == 0


async def test_a_stream_that_failed_is_tried_again(page: Page, site: Site) -> None:
    tries = 0

    async def fail_twice(route: Route) -> None:
        nonlocal tries
        tries += 1
        await (cut(route) if tries < 3 else route.continue_())

    await page.route(STREAMS, fail_twice)
    row = await waiting(page, site)
    await until(lambda: counted(site, TOLD) == 1)
    looks = counted(site, LOOKS)
    assert looks > 1, "it polled meanwhile"
    await asyncio.sleep(5)
    assert counted(site, LOOKS) == looks, "and no longer does"
    await start(site, row)
    await expect(page.get_by_role("heading", name="You are in")).to_be_visible()


async def test_a_page_that_nobody_looks_at_any_more_lets_go(page: Page, site: Site) -> None:
    await waiting(page, site)
    await until(lambda: counted(site, OPEN) == 1)
    await page.goto("about:blank")
    await until(lambda: counted(site, OPEN) == 0)
