"""axe-core on the join page in every state, and on the page where there is nothing."""

from collections.abc import Awaitable, Callable
from typing import Literal

import pytest
from playwright.async_api import Page, expect

from .site import Site, links
from .test_accessibility import findings

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("settled"),
    pytest.mark.sqlite("what axe looks at is the browser's"),
    pytest.mark.asyncio(loop_scope="session"),
]

Scheme = Literal["light", "dark"]
Screenshot = Callable[[Page, str], Awaitable[None]]
PHONE = {"width": 390, "height": 844}


async def early(page: Page, site: Site) -> None:
    await page.goto(links(site.book(minutes=60))[0])
    await expect(page.get_by_role("link", name="Add to calendar")).to_be_visible()
    await expect(page.get_by_role("switch")).to_be_visible()


async def far_ahead(page: Page, site: Site) -> None:
    await page.goto(links(site.book(minutes=9 * 24 * 60))[0])
    await expect(page.get_by_role("link", name="Add to calendar")).to_be_visible()


async def waiting(page: Page, site: Site) -> None:
    await page.goto(links(site.book(minutes=10))[1])
    await expect(page.get_by_role("switch")).to_be_visible()


async def can_join(page: Page, site: Site) -> None:
    await page.goto(links(site.book(minutes=10, join_screen_enabled=True))[0])
    await page.get_by_role("button", name="Try camera and microphone").click()
    await expect(page.locator("#check-panel")).to_be_visible()


async def has_joined(page: Page, site: Site) -> None:
    await page.goto(links(site.book(minutes=10))[0])
    await page.get_by_role("button", name="Join now").click()
    await expect(page.get_by_role("heading", name="You are in")).to_be_visible()


async def ended(page: Page, site: Site) -> None:
    row = site.book(minutes=10)
    for step in ("start", "complete"):
        assert site.client.post(f"{row['id']}/{step}/").status_code == 200
    await page.goto(links(row)[0])
    await expect(page.get_by_role("heading", name="Nothing left to join")).to_be_visible()


async def cancelled(page: Page, site: Site) -> None:
    row = site.book(minutes=10)
    reason = {"reason": "The office is closed.\nPlease book another day."}
    assert site.client.post(f"{row['id']}/cancel/", json=reason).status_code == 200
    await page.goto(links(row)[0])
    await expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()
    await expect(page.get_by_text("The office is closed.")).to_be_visible()


async def removed(page: Page, site: Site) -> None:
    row = site.book(minutes=10)
    person = row["participants"][1]["id"]
    assert site.client.delete(f"{row['id']}/participants/{person}/").status_code == 204
    await page.goto(links(row)[1])
    await expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()


async def unknown(page: Page, site: Site) -> None:
    await page.goto(f"{site.server.url}/join/nothing")
    await expect(page.get_by_role("heading", name="We cannot place this link")).to_be_visible()


async def offline(page: Page, site: Site) -> None:
    await waiting(page, site)
    await page.context.set_offline(True)
    await expect(page.locator("#network")).to_be_visible()


async def nowhere(page: Page, site: Site) -> None:
    await page.goto(f"{site.server.url}/nothing")
    await expect(page.get_by_role("heading", name="There is no page here")).to_be_visible()


STATES = (
    early, far_ahead, waiting, can_join, has_joined, ended, cancelled, removed, unknown, offline, nowhere,
)  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("show", STATES, ids=lambda show: show.__name__)
async def test_axe_finds_nothing(
    page: Page,
    site: Site,
    screenshot: Screenshot,
    show: Callable[[Page, Site], Awaitable[None]],
    scheme: Scheme,
) -> None:
    await page.set_viewport_size(PHONE)
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await show(page, site)
    await screenshot(page, f"join-{show.__name__}-{scheme}")
    found = await findings(page)
    assert not found, found
