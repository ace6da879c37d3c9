"""Subscriptions in the explorer: events as they come, resumed, refused."""

import asyncio
import time

import httpx2
import pytest
from playwright.async_api import Page, expect

from tests.conftest import LiveServer

from .conftest import Traffic
from .test_explorer import FOLLOW
from .watching import booked, opened

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TYPED = "subscription Typed { events { type source appointment { title } } }"
KEEP_SOCKETS = """
    window.sockets = [];
    window.WebSocket = class extends WebSocket {
        constructor(...given) {
            super(...given);
            window.sockets.push(this);
        }
    };
"""


async def test_a_typed_subscription_shows_what_happens(
    page: Page, client: httpx2.AsyncClient, live_server: LiveServer, traffic: Traffic
) -> None:
    explorer = await opened(page, live_server)
    await explorer.write("operation.graphql", TYPED)
    # GraphiQL names the tab once it has parsed the operation.
    await expect(page.locator(".graphiql-tab-active")).to_contain_text("Typed")
    await explorer.follow()
    for number, title in enumerate(("Booked elsewhere", "And another"), start=1):
        await booked(client, live_server, title)
        created = (await explorer.events_when(number))[-1]
        assert created == {
            "type": "APPOINTMENT_CREATED",
            "source": "REST",
            "appointment": {"title": title},
        }
    await expect(page.locator(".graphiql-response")).to_contain_text("And another")
    # The same button stops; what was shown stays.
    await page.locator(".graphiql-execute-button").click()
    await booked(client, live_server, "After the end")
    await asyncio.sleep(0.5)
    assert len(await explorer.events()) == 2
    assert traffic.errors == []
    assert traffic.foreign(live_server.url) == []


async def test_a_socket_that_breaks_is_resumed(
    page: Page, client: httpx2.AsyncClient, live_server: LiveServer
) -> None:
    await page.add_init_script(KEEP_SOCKETS)
    explorer = await opened(page, live_server)
    await explorer.choose(FOLLOW)
    await explorer.follow()
    await booked(client, live_server, "Before")
    await explorer.events_when(1)
    await page.evaluate("sockets.at(-1).close(4999, 'cut')")
    for title in ("Meanwhile", "Meanwhile too"):
        await booked(client, live_server, title)
    titles = [event["appointment"]["title"] for event in await explorer.events_when(3)]
    assert titles == ["Before", "Meanwhile", "Meanwhile too"]
    assert await page.evaluate("sockets.length") == 2


async def test_a_refused_token_ends_a_subscription_at_once(
    page: Page, live_server: LiveServer
) -> None:
    explorer = await opened(page, live_server._replace(token="not-a-token"))
    await explorer.choose(FOLLOW)
    began = time.monotonic()
    await page.locator(".graphiql-execute-button").click()
    await expect(page.locator(".graphiql-response")).to_contain_text("(4403)")
    assert time.monotonic() - began < 10
    await expect(page.get_by_label("Token")).to_have_attribute("aria-invalid", "true")
