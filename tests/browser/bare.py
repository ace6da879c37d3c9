"""A page of our own origin with nothing in it, for modules of the page that are tried by themselves."""

from playwright.async_api import Page, Route


async def open_bare(page: Page, url: str) -> None:
    """Opens an empty page below the address of a server."""

    async def answer(route: Route) -> None:
        await route.fulfill(content_type="text/html", body="<!doctype html><title>Bare</title>")

    await page.route("**/bare", answer)
    await page.goto(f"{url}/bare")
