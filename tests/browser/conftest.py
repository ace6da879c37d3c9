"""A real Chromium for the browser tests, with a record of its requests and console errors.
Every test here is an async function on the session's event loop, where the browser lives."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from gateway.cli.database import opened
from gateway.settings import Settings
from schema.operator.organizations import settle_organization
from tests.conftest import LiveServer

from .site import Site

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
CANDIDATES = ("chromium", "chromium-browser", "google-chrome")
# Without these Chromium contacts servers of Google at every start.
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A simulated camera and microphone for the device check, with permission granted.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)


@dataclass
class Traffic:
    """The requests and the console errors of one test's pages."""

    urls: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.on("request", lambda request: self.urls.append(request.url))
        context.on("page", self._watch_sockets)
        context.on("weberror", lambda problem: self.errors.append(str(problem.error)))
        context.on(
            "console",
            lambda line: self.errors.append(line.text) if line.type == "error" else None,
        )

    def _watch_sockets(self, page: Page) -> None:
        page.on("websocket", lambda socket: self.urls.append(socket.url))

    def foreign(self, origin: str) -> list[str]:
        """Return the requested addresses outside this origin, without data: and blob: URLs."""
        own = (f"{origin}/", f"{origin.replace('http', 'ws', 1)}/", "data:", f"blob:{origin}/")
        return [url for url in self.urls if not url.startswith(own)]


def find_chromium() -> str:
    """Return the path of Chromium; skip the test if there is none."""
    named = os.environ.get("CONNECT_TEST_CHROMIUM")
    if named and not Path(named).is_file():
        pytest.fail(f"CONNECT_TEST_CHROMIUM names {named}, and there is no such file.")
    found = named or next(filter(None, map(shutil.which, CANDIDATES)), None)
    if not found:
        pytest.skip(
            "No Chromium found: install one (Debian: apt-get install chromium) "
            "or name it in CONNECT_TEST_CHROMIUM. The browser tests were left out."
        )
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    chromium = find_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
def traffic() -> Traffic:
    return Traffic()


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser, traffic: Traffic) -> AsyncIterator[BrowserContext]:
    """A fresh profile with empty storage, whose traffic is recorded."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(20_000)
    traffic.watch(context)
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext) -> Page:
    return await context.new_page()


async def keep_screenshot(page: Page, name: str) -> None:
    """Save a screenshot of the page as a test artefact."""
    ARTIFACTS.mkdir(exist_ok=True)
    await page.screenshot(path=ARTIFACTS / f"{name}.png", animations="disabled")


@pytest.fixture
def screenshot() -> object:
    return keep_screenshot


@pytest.fixture
def site(live_server: LiveServer) -> Site:
    return Site(live_server)


@pytest.fixture
def settled(live_server: LiveServer, settings: Settings) -> None:
    """The organization says how to reach it, and why an appointment was cancelled."""
    changes = {"contact": "info@example.org", "shows_cancel_reason": True}

    async def change() -> None:
        async with opened(settings, "connect") as database:
            await settle_organization(database, "Consulate General", changes)

    asyncio.run(change())


@pytest_asyncio.fixture(loop_scope="session")
async def client(live_server: LiveServer) -> AsyncIterator[httpx2.AsyncClient]:
    """The API as another system uses it."""
    headers = {"Authorization": f"Token {live_server.token}"}
    async with httpx2.AsyncClient(
        base_url=live_server.url, headers=headers, timeout=20, trust_env=False
    ) as client:
        yield client
