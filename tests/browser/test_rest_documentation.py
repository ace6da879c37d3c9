"""The REST documentation in a real Chromium: signing in, and calling as it is offered."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Locator, Page, Response, expect

from tests.conftest import LiveServer

from .conftest import Traffic

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CREATE = "#operations-Appointments-appointments_create"
LIST = "#operations-Appointments-appointments_list"


async def opened(page: Page, operation: str) -> Locator:
    """Unfold an operation."""
    found = page.locator(operation)
    await found.locator(".opblock-summary-control").click()
    return found


async def executed(page: Page, operation: Locator) -> Response:
    """Press Execute and return what was answered."""
    async with page.expect_response(lambda answer: "/api/v1/" in answer.url) as waiting:
        await operation.get_by_role("button", name="Execute").click()
    return await waiting.value


async def test_the_sample_of_a_booking_is_dated_tomorrow_and_works(
    page: Page, traffic: Traffic, live_server: LiveServer
) -> None:
    await page.goto(f"{live_server.url}/docs#token={live_server.token}")
    create = await opened(page, CREATE)
    sample = json.loads(await create.locator("textarea").first.input_value())
    start = datetime.fromisoformat(sample["start_date_time"])
    assert start.date() == datetime.now(UTC).date() + timedelta(days=1)
    answer = await executed(page, create)
    assert answer.status == 201
    assert (await answer.json())["start_date_time"] == sample["start_date_time"]
    assert traffic.errors == []
    assert traffic.foreign(live_server.url) == []


@pytest.mark.parametrize("scheme", ["BearerAuth", "ApiTokenAuth"])
async def test_the_dialog_takes_the_bare_token(
    page: Page, live_server: LiveServer, scheme: str
) -> None:
    await page.goto(f"{live_server.url}/docs")
    await page.locator(".btn.authorize").click()
    dialog = page.locator(".auth-container", has_text=scheme)
    await dialog.locator("input").fill(live_server.token)
    await dialog.get_by_role("button", name="Authorize").click()
    await page.locator(".close-modal").click()
    answer = await executed(page, await opened(page, LIST))
    keyword = {"BearerAuth": "Bearer", "ApiTokenAuth": "Token"}[scheme]
    assert await answer.request.header_value("authorization") == f"{keyword} {live_server.token}"
    assert answer.status == 200


async def test_the_dialog_gives_the_focus_back(page: Page, live_server: LiveServer) -> None:
    await page.goto(f"{live_server.url}/docs")
    opener = page.locator(".btn.authorize")
    await opener.focus()
    await page.keyboard.press("Enter")
    await page.locator(".auth-container input").first.focus()
    await page.keyboard.insert_text(live_server.token)
    await page.keyboard.press("Enter")
    await expect(page.locator(".btn-done").first).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".dialog-ux")).to_have_count(0)
    await expect(opener).to_be_focused()


async def test_an_answer_that_asks_for_a_token_points_at_the_box(
    page: Page, live_server: LiveServer
) -> None:
    await page.goto(f"{live_server.url}/docs")
    answer = await executed(page, await opened(page, LIST))
    assert answer.status == 401
    await expect(page.locator(".bar-caller")).to_have_text("Paste an API token into the box")
