"""Joining that leads to a room elsewhere, in a real Chromium: by script, by form, and let in.

The room is a small server on another port, which to a browser is another origin.
"""

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from gateway.settings import Settings
from schema.rooms.template import TemplateSettings
from tests.conftest import LiveServer

from .conftest import Traffic
from .site import Site, links

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


class Room(BaseHTTPRequestHandler):
    """A room that greets visitors and records the headers of their requests."""

    visits: list[tuple[str, str | None]]

    def do_GET(self) -> None:
        self.visits.append((self.path, self.headers.get("Referer")))
        body = b"<!doctype html><title>Room</title><link rel=icon href=data:,><h1>The room</h1>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        """Logs nothing."""


@pytest.fixture
def room() -> Iterator[ThreadingHTTPServer]:
    handler = type("ThisRoom", (Room,), {"visits": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def settings(settings: Settings, room: ThreadingHTTPServer) -> Settings:
    address = f"http://127.0.0.1:{room.server_port}/{{appointment_id}}?as={{display_name}}"
    return replace(settings, rooms=TemplateSettings(address))


@pytest.fixture
def site(live_server: LiveServer) -> Site:
    return Site(live_server)


def visits(room: ThreadingHTTPServer) -> list[tuple[str, str | None]]:
    return list(room.RequestHandlerClass.visits)  # type: ignore[attr-defined]


async def test_the_button_opens_the_room(
    page: Page, site: Site, room: ThreadingHTTPServer, traffic: Traffic
) -> None:
    row = site.book(minutes=10)
    await page.goto(links(row)[0])
    await page.get_by_role("button", name="Join now").click()
    await expect(page.get_by_role("heading", name="The room")).to_be_visible()
    # The room learns the visitor's name, and nothing about the link.
    assert visits(room) == [(f"/{row['id']}?as=Anna%20Keller", None)]
    assert site.status(row) == "active"
    await page.go_back()
    await expect(page.get_by_role("button", name="Join now")).to_be_enabled()
    assert traffic.errors == []


async def test_a_waiting_participant_is_let_into_the_room(
    browser: Browser, page: Page, site: Site, room: ThreadingHTTPServer
) -> None:
    row = site.book(minutes=10)
    moderator, participant = links(row)
    await page.goto(participant)
    await expect(page.get_by_role("heading", name="Please wait here")).to_be_visible()
    other = await browser.new_context()
    second = await other.new_page()
    await second.goto(moderator)
    await second.get_by_role("button", name="Join now").click()
    await expect(second.get_by_role("heading", name="The room")).to_be_visible()
    await expect(page.get_by_role("heading", name="The room")).to_be_visible(timeout=20_000)
    # Both set out in the same moment; either may arrive first.
    assert {path for path, _ in visits(room)} == {
        f"/{row['id']}?as=Anna%20Keller",
        f"/{row['id']}?as=Ben%20Ode",
    }
    await other.close()


async def test_without_scripts_the_form_opens_the_room(
    browser: Browser, site: Site, room: ThreadingHTTPServer, traffic: Traffic
) -> None:
    row = site.book(minutes=10)
    context = await browser.new_context(java_script_enabled=False)
    traffic.watch(context)
    page = await context.new_page()
    await page.goto(links(row)[0])
    await page.get_by_role("button", name="Join now").click()
    await expect(page.get_by_role("heading", name="The room")).to_be_visible()
    assert visits(room) == [(f"/{row['id']}?as=Anna%20Keller", None)]
    assert traffic.errors == []
    await context.close()


async def test_a_page_that_cannot_reach_the_server_says_so_and_recovers(
    page: Page, site: Site, room: ThreadingHTTPServer
) -> None:
    row = site.book(minutes=10)
    await page.goto(links(row)[0])
    await page.route("**/join/**", lambda route: route.abort())
    button = page.get_by_role("button", name="Join now")
    await button.click()
    await expect(page.get_by_role("alert")).to_contain_text("Check your connection")
    assert visits(room) == []
    await page.unroute("**/join/**")
    await button.click()
    await expect(page.get_by_role("heading", name="The room")).to_be_visible()
