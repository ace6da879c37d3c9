"""The join page on paper: the appointment, its time and the link, and nothing to press."""

import re

import pytest
from playwright.async_api import Page, expect

from .conftest import ARTIFACTS
from .site import Site, links

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("settled"),
    pytest.mark.sqlite("the paper is the browser's"),
    pytest.mark.asyncio(loop_scope="session"),
]

COLOURS = """() => [...document.querySelectorAll("body, body *")].flatMap((element) => {
    if (!element.checkVisibility()) return [];
    const { color, backgroundColor } = getComputedStyle(element);
    return [color, backgroundColor];
})"""
BLACK_AND_WHITE = {"rgb(0, 0, 0)", "rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}


async def printed(page: Page, name: str) -> int:
    """Keeps the page as it is printed; returns how many sheets it takes."""
    ARTIFACTS.mkdir(exist_ok=True)
    paper = await page.pdf(path=ARTIFACTS / f"{name}.pdf", format="A4")
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", paper))


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_printed_page_carries_the_link_and_the_date(
    page: Page, site: Site, scheme: str
) -> None:
    row = site.book(minutes=60, join_screen_enabled=True)
    _, link = links(row)
    await page.goto(link)
    await expect(page.get_by_role("switch")).to_be_visible()
    await expect(page.get_by_text(link)).to_be_hidden()
    await page.emulate_media(media="print", color_scheme="dark" if scheme == "dark" else "light")
    for text in (link, "Passport renewal", "Consulate General", "Ben Ode", "info@example.org"):
        await expect(page.get_by_text(text).last).to_be_visible()
    year = str(site.server.clock.now().year)
    await expect(page.locator(".when time").first).to_contain_text(year)
    await expect(page.locator(".opening")).to_be_visible()
    for control in ("button", "a.button", "select", "#chime", "#check", ".countdown", "#headline"):
        for found in await page.locator(control).all():
            await expect(found).to_be_hidden()
    assert set(await page.evaluate(COLOURS)) <= BLACK_AND_WHITE
    assert await printed(page, f"join-printed-{scheme}") == 1


async def test_what_is_final_is_printed_too(page: Page, site: Site) -> None:
    row = site.book(minutes=60)
    site.client.post(f"{row['id']}/cancel/", json={"reason": "The office is closed."})
    await page.goto(links(row)[0])
    await page.emulate_media(media="print")
    await expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()
    await expect(page.get_by_text("The office is closed.")).to_be_visible()
    assert await printed(page, "join-printed-cancelled") == 1
