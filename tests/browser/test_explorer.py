"""The explorer, the REST documentation and the start page in a real headless Chromium,
from the link that `./connect run` prints to an appointment that every face shows."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.conftest import LiveServer

from .conftest import Traffic

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

EXAMPLES = {
    "Who am I": "WhoAmI",
    "Appointments with participants": "Appointments",
    "Page by page": "AppointmentsPage",
    "Appointments of one person": "AppointmentsOfOnePerson",
    "One appointment": "OneAppointment",
    "Book an appointment": "BookAppointment",
    "Change an appointment": "ChangeAppointment",
    "Meet a version conflict": "ChangeAtVersion",
    "Add participants": "AddParticipants",
    "Change a participant": "ChangeParticipant",
    "Replace an access link": "RotateAccessLink",
    "Remove participants": "RemoveParticipants",
    "Start an appointment": "StartAppointment",
    "Cancel an appointment": "CancelAppointment",
    "Delete an appointment": "DeleteAppointment",
}
FOLLOW = "Follow events"
# The typename that each successful write answers, in an order that one appointment allows.
WRITES = {
    "Book an appointment": "AppointmentCreated",
    "Change an appointment": "AppointmentUpdated",
    "Meet a version conflict": "VersionConflict",
    "Add participants": "ParticipantsAdded",
    "Change a participant": "ParticipantUpdated",
    "Replace an access link": "AccessLinkRotated",
    "Remove participants": "ParticipantsRemoved",
    "Start an appointment": "OutsideJoinWindow",
    "Cancel an appointment": "AppointmentTransitioned",
    "Delete an appointment": "AppointmentDeleted",
}

# These name a participant and not the appointment.
OF_PARTICIPANTS = {"Change a participant", "Replace an access link"}

# An element that is on each page once it is complete.
LANDMARKS = {
    "start": ("/", "h1"),
    "explorer": ("/explorer/", ".graphiql-query-editor .mtk8"),
    "docs": ("/docs", ".swagger-ui .info .title"),
}

BOOKED = "First visit in a browser"

Screenshot = Callable[[Page, str], Awaitable[None]]


MODEL = "__MONACO.editor.getModels().find((model) => model.uri.path.endsWith(name))"


class Explorer:
    """The explorer page as a person uses it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def open(self, url: str) -> None:
        await self.page.goto(url)
        await self.is_ready()

    async def is_ready(self) -> None:
        await expect(self.page.locator(".graphiql-query-editor .view-line").first).to_be_visible()
        await expect(self.page.locator(".graphiql-sidebar button[disabled]")).to_have_count(0)

    async def choose(self, title: str) -> None:
        await self.page.get_by_role("button", name="Examples").click()
        await self.page.locator("#examples").get_by_role("button", name=title, exact=True).click()
        # GraphiQL names the tab once it has parsed the operation.
        await expect(self.page.locator(".graphiql-tab-active")).to_contain_text(
            EXAMPLES.get(title, "FollowEvents")
        )

    async def text_of(self, editor: str) -> str:
        return str(await self.page.evaluate(f"name => {MODEL}.getValue()", editor))

    async def write(self, editor: str, text: str) -> None:
        await self.page.evaluate(f"([name, text]) => {MODEL}.setValue(text)", [editor, text])

    async def variables(self) -> Any:
        return json.loads(await self.text_of("variables.json"))

    async def replace_word(self, word: str, text: str) -> None:
        """Replace a word of the variables by typing."""
        await self.page.locator(".graphiql-editor-tool").get_by_text(word).dblclick()
        await self.page.keyboard.type(text)

    async def run(self) -> Any:
        await self.page.locator(".graphiql-execute-button").click()
        await expect(self.page.locator(".graphiql-response .graphiql-spinner")).to_have_count(0)
        await expect(self.page.locator(".graphiql-response .view-lines")).to_contain_text("{")
        return json.loads(await self.text_of("response.json"))


@pytest.fixture
def explorer(page: Page) -> Explorer:
    return Explorer(page)


PEOPLE = [
    {"unique_id": "consul@example.com", "display_name": "Maria Silva", "role": "moderator"},
    {"unique_id": "lina@example.com", "display_name": "Lina Okafor", "role": "participant"},
]


async def book(page: Page, server: LiveServer, title: str, days: int = 1) -> None:
    """Book an appointment as a legacy client does."""
    start = datetime.now(UTC).replace(hour=10, minute=0, second=0) + timedelta(days=days)
    answer = await page.request.post(
        f"{server.url}/api/v1/appointments/",
        headers={"Authorization": f"Token {server.token}"},
        data={
            "title": title,
            "start_date_time": start.isoformat(timespec="seconds"),
            "duration_minutes": 30,
            "participants": PEOPLE,
        },
    )
    assert answer.status == 201, await answer.text()


@pytest_asyncio.fixture(loop_scope="session")
async def calendar(page: Page, live_server: LiveServer) -> None:
    """Two appointments."""
    for days, title in enumerate(["Visa interview", "Passport renewal"], start=1):
        await book(page, live_server, title, days)


@pytest.mark.usefixtures("calendar")
async def test_the_printed_link_leads_to_a_booked_appointment(
    explorer: Explorer,
    page: Page,
    traffic: Traffic,
    live_server: LiveServer,
    screenshot: Screenshot,
) -> None:
    await explorer.open(f"{live_server.url}/explorer/#token={live_server.token}")
    assert page.url == f"{live_server.url}/explorer/", "the token must leave the address bar"
    await expect(page.locator(".bar-caller")).to_have_attribute("data-state", "known")

    await explorer.choose("Appointments with participants")
    listed = await explorer.run()
    titles = [node["title"] for node in listed["data"]["appointments"]["nodes"]]
    assert titles == ["Passport renewal", "Visa interview"]
    await screenshot(page, "explorer")

    await explorer.choose("Book an appointment")
    await explorer.replace_word("consultation", "visit in a browser")
    booked = (await explorer.run())["data"]["createAppointment"]
    assert booked["__typename"] == "AppointmentCreated"
    booked = booked["appointment"]
    assert booked["title"] == BOOKED
    people = booked["participants"]["nodes"]
    assert [person["role"] for person in people] == ["MODERATOR", "PARTICIPANT"]
    assert all(person["accessLink"].startswith("http") for person in people)
    await expect(page.locator(".graphiql-response")).to_contain_text(BOOKED)
    await screenshot(page, "explorer-booked")

    await explorer.choose("One appointment")
    assert (await explorer.variables())["id"] == booked["id"], "the one just booked is offered"
    assert (await explorer.run())["data"]["appointment"]["title"] == BOOKED

    legacy = await page.request.get(
        f"{live_server.url}/api/v1/appointments/{booked['id']}/",
        headers={"Authorization": f"Token {live_server.token}"},
    )
    assert (await legacy.json())["title"] == BOOKED
    assert traffic.errors == []
    assert traffic.foreign(live_server.url) == []


async def test_a_reload_keeps_the_token_and_the_tabs(
    explorer: Explorer, page: Page, traffic: Traffic, live_server: LiveServer
) -> None:
    await explorer.open(f"{live_server.url}/explorer/#token={live_server.token}")
    await explorer.choose("Who am I")
    before = await explorer.run()
    await page.wait_for_timeout(700)  # GraphiQL stores its tabs half a second after a change
    await page.reload()
    await explorer.is_ready()
    await expect(page.locator(".graphiql-tab-active")).to_contain_text("WhoAmI")
    await expect(page.get_by_label("Token")).to_have_value(live_server.token)
    assert await explorer.run() == before
    stored = await page.evaluate("JSON.stringify(localStorage)")
    assert live_server.token not in stored, "the token is forgotten with the browser tab"
    assert traffic.errors == []


async def test_a_reload_keeps_variables_that_nobody_edited(
    explorer: Explorer, page: Page, live_server: LiveServer
) -> None:
    await explorer.open(f"{live_server.url}/explorer/#token={live_server.token}")
    before = await explorer.variables()
    for _ in range(2):
        await page.wait_for_timeout(700)  # as above
        await page.reload()
        await explorer.is_ready()
        assert await explorer.variables() == before
        await expect(page.locator(".graphiql-tab")).to_have_count(1)


@pytest.mark.usefixtures("calendar")
async def test_every_example_runs_unchanged(
    explorer: Explorer, page: Page, traffic: Traffic, live_server: LiveServer
) -> None:
    await explorer.open(f"{live_server.url}/explorer/#token={live_server.token}")
    await page.get_by_role("button", name="Examples").click()
    offered = await page.locator("#examples button").all_inner_texts()
    assert [title for title in offered if title != FOLLOW] == list(EXAMPLES)
    await page.keyboard.press("Escape")

    for title in [title for title in EXAMPLES if title not in WRITES]:
        await explorer.choose(title)
        answer = await explorer.run()
        assert "errors" not in answer, title
        assert None not in answer["data"].values(), title
    booked = ""
    for title, typename in WRITES.items():
        await explorer.choose(title)
        if title not in OF_PARTICIPANTS:
            assert booked in await explorer.text_of("variables.json"), title
        answer = await explorer.run()
        (result,) = answer["data"].values()
        assert result["__typename"] == typename, title
        booked = booked or result["appointment"]["id"]
    assert traffic.errors == []


async def test_an_event_is_shown_while_the_explorer_follows(
    explorer: Explorer, page: Page, traffic: Traffic, live_server: LiveServer
) -> None:
    await explorer.open(f"{live_server.url}/explorer/#token={live_server.token}")
    await page.get_by_role("button", name="Examples").click()
    await page.locator("#examples").get_by_role("button", name="Follow events").click()
    await expect(page.locator(".graphiql-tab-active")).to_contain_text("FollowEvents")
    await page.locator(".graphiql-execute-button").click()
    await expect(page.get_by_label("Stop query")).to_be_visible()
    shown = page.locator(".graphiql-response .view-lines")
    for _ in range(20):
        # What is booked before the server has taken the subscription is not shown.
        await book(page, live_server, "Followed")
        if "APPOINTMENT_CREATED" in (await shown.all_inner_texts() or [""])[0]:
            break
        await page.wait_for_timeout(100)
    await expect(shown).to_contain_text("APPOINTMENT_CREATED")
    await expect(shown).to_contain_text("appointmentId")
    await page.get_by_label("Stop query").click()
    await expect(page.get_by_label("Execute query")).to_be_visible()
    assert traffic.errors == []


async def test_the_schema_can_be_read_without_a_token(
    explorer: Explorer,
    page: Page,
    traffic: Traffic,
    live_server: LiveServer,
    screenshot: Screenshot,
) -> None:
    await explorer.open(f"{live_server.url}/explorer/")
    await page.get_by_label("Show Documentation Explorer").click()
    docs = page.locator(".graphiql-plugin")
    await docs.get_by_role("link", name="Mutation", exact=True).click()
    await expect(docs).to_contain_text("createAppointment")
    await expect(docs).to_contain_text("Book an appointment with its participants.")
    await page.get_by_label("Show GraphiQL Explorer").click()
    await expect(docs).to_contain_text("participantCount")
    await screenshot(page, "explorer-plugin")
    assert traffic.errors == []

    answer = await explorer.run()
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert traffic.foreign(live_server.url) == []


async def test_a_refused_token_is_reported(
    explorer: Explorer, page: Page, live_server: LiveServer
) -> None:
    await explorer.open(f"{live_server.url}/explorer/")
    box = page.get_by_label("Token")
    await box.fill("not-a-token")
    await box.press("Enter")
    await expect(page.locator(".bar-caller")).to_have_text("Token not accepted: paste another")
    await box.fill(live_server.token)
    await box.press("Enter")
    await expect(page.locator(".bar-caller")).to_have_attribute("data-state", "known")
    assert "data" in await explorer.run()


async def test_an_answer_that_asks_for_a_token_points_at_the_box(
    explorer: Explorer, page: Page, live_server: LiveServer
) -> None:
    await explorer.open(f"{live_server.url}/explorer/")
    caller, box = page.locator(".bar-caller"), page.get_by_label("Token")
    await explorer.run()
    await expect(caller).to_have_text("Paste an API token into the box")
    await expect(box).to_have_attribute("aria-invalid", "true")
    await box.fill(live_server.token)
    await box.press("Enter")
    await expect(caller).to_contain_text("Consulate General")
    assert await box.get_attribute("aria-invalid") is None


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_the_rest_documentation_calls_with_the_same_token(
    page: Page, traffic: Traffic, live_server: LiveServer, screenshot: Screenshot, host: str
) -> None:
    origin = live_server.url.replace("127.0.0.1", host)
    await page.goto(f"{origin}/docs#token={live_server.token}")
    operation = page.locator("#operations-Appointments-appointments_list")
    await operation.locator(".opblock-summary").click()
    async with page.expect_response(lambda answer: "/appointments/" in answer.url) as waiting:
        await operation.get_by_role("button", name="Execute").click()
    answer = await waiting.value
    assert answer.status == 200
    assert await answer.request.header_value("authorization") == f"Bearer {live_server.token}"
    await expect(operation.locator(".live-responses-table")).to_contain_text("200")
    await screenshot(page, "rest-documentation")
    assert live_server.token not in page.url
    assert traffic.errors == []
    assert traffic.foreign(origin) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_pages_follow_the_colour_scheme(
    page: Page, traffic: Traffic, live_server: LiveServer, screenshot: Screenshot, scheme: str
) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for name, (path, landmark) in LANDMARKS.items():
        await page.goto(f"{live_server.url}{path}")
        await expect(page.locator(landmark).first).to_be_visible()
        ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        channels = [int(channel) for channel in ground.removeprefix("rgb(").rstrip(")").split(",")]
        assert (sum(channels) < 3 * 128) is (scheme == "dark"), f"{name}: {ground}"
        await screenshot(page, f"{name}-{scheme}")
    assert traffic.errors == []
    assert traffic.foreign(live_server.url) == []


async def test_the_start_page_links_to_everything(
    page: Page, traffic: Traffic, live_server: LiveServer
) -> None:
    await page.goto(live_server.url)
    links = await page.locator("main a").evaluate_all("links => links.map(link => link.href)")
    # All but `/metrics`, which this service does not answer without a token of its own.
    assert len(set(links)) == 8
    for url in set(links) - {f"{live_server.url}/graphql"}:
        answer = await page.request.get(url)
        assert answer.status == 200, url
    await page.get_by_role("link", name="Open the GraphQL explorer").click()
    await page.wait_for_url(f"{live_server.url}/explorer/")
    assert traffic.errors == []
