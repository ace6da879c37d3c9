"""Both faces, live events and every page behind nginx: below a path, over TLS, on two workers.

nginx runs with the committed configuration; the database is PostgreSQL.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from gateway.join.throttle import UNKNOWN_LINKS_A_MINUTE
from tests.browser.conftest import Traffic
from tests.browser.watching import Watching

from .behind import LIST, SECONDS, Behind, booked
from .followers import following
from .proxies import QUIET_SECONDS

pytestmark = pytest.mark.asyncio(loop_scope="session")

HTML = {"Accept": "text/html"}
TITLES = "{ appointments(first: 5) { nodes { title participants { nodes { accessLink } } } } }"
PROTOCOLS = """
    [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .map((entry) => entry.nextHopProtocol)
"""


class Quiet:
    """Followers of an organization in which nothing happens, until it is `disturbed`."""

    def __init__(self, place: Behind) -> None:
        self.place = place
        self.token = place.another_organization()
        self.disturbed = asyncio.Event()
        self.opened = asyncio.Event()
        self.began = 0.0

    async def follow(self) -> tuple[int, ...]:
        """Follows until one change was heard; returns how many signs of life each stream had."""
        async with self.place.client(self.token) as client:
            row = await booked(client, "Quiet", minutes=3000)
            async with following(self.place, client, row, self.token) as followers:
                self.began = time.monotonic()
                self.opened.set()
                await self.disturbed.wait()
                await client.patch(f"{LIST}{row['id']}/", json={"title": "Loud"})
                await followers.hear("appointment.updated", "Loud")
                sources = (followers.graphql, followers.rest, followers.link)
                return tuple(source.comments for source in sources)


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def quiet(
    behind_nginx: Behind,
) -> AsyncIterator[tuple[Quiet, "asyncio.Task[tuple[int, ...]]"]]:
    """Opened first, so that its silence passes while the other tests run."""
    found = Quiet(behind_nginx)
    task = asyncio.create_task(found.follow())
    opened = asyncio.create_task(found.opened.wait())
    await asyncio.wait((task, opened), timeout=SECONDS, return_when=asyncio.FIRST_COMPLETED)
    if not found.opened.is_set():
        await task
    yield found, task
    task.cancel()
    opened.cancel()


@pytest_asyncio.fixture(loop_scope="session")
async def client(behind_nginx: Behind) -> AsyncIterator[httpx2.AsyncClient]:
    async with behind_nginx.client() as client:
        yield client


async def test_both_faces_answer_over_http_2(
    behind_nginx: Behind, client: httpx2.AsyncClient
) -> None:
    rows = [await booked(client, title) for title in ("First", "Second")]
    listed = await client.get(LIST)
    assert (listed.status_code, listed.http_version) == (200, "HTTP/2")
    following = listed.json()["next"]
    assert following.startswith(f"{behind_nginx.url}{LIST}?")
    assert (await client.get(following)).status_code == 200
    answer = await client.post("/graphql", json={"query": TITLES})
    nodes = answer.json()["data"]["appointments"]["nodes"]
    assert {"First", "Second"} <= {node["title"] for node in nodes}
    links = {each["accessLink"] for node in nodes for each in node["participants"]["nodes"]}
    assert {each["access_link"] for row in rows for each in row["participants"]} <= links
    assert all(link.startswith(f"{behind_nginx.url}/join/") for link in links)


async def test_a_client_of_http_1_is_served_too(behind_nginx: Behind) -> None:
    async with behind_nginx.client(http2=False) as client:
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.http_version) == (200, "HTTP/1.1")


async def test_what_nginx_answers_itself(behind_nginx: Behind, client: httpx2.AsyncClient) -> None:
    assert (await client.get("/metrics")).status_code == 404
    moved = await client.get(behind_nginx.url)
    assert (moved.status_code, moved.headers["location"]) == (301, "/connect/")
    assert (await client.get("/")).json()["links"]["graphql"] == f"{behind_nginx.url}/graphql"
    async with httpx2.AsyncClient(trust_env=False) as plain:
        port = listening(behind_nginx, "consularia-connect.conf")
        address = f"http://localhost:{port}/connect/graphql"
        answers = [
            await plain.post(address, headers={"Host": host}, json={"query": TITLES})
            for host in ("localhost", "evil.example")
        ]
    # A request does not say where it leads.
    assert [(each.status_code, each.headers["location"]) for each in answers] == [
        (308, "https://localhost/connect/graphql")
    ] * 2


def listening(place: Behind, file: str, which: int = 0) -> int:
    """Returns a port without TLS in a file of nginx's configuration."""
    text = (place.proxy.folder / file).read_text()
    return int(re.findall(r"listen 127\.0\.0\.1:(\d+);", text)[which])


async def test_a_proxy_may_remove_the_path(
    behind_nginx: Behind, client: httpx2.AsyncClient
) -> None:
    rows = [await booked(client), await booked(client)]
    link = rows[0]["participants"][0]["access_link"]
    base = f"http://localhost:{listening(behind_nginx, 'nginx.conf')}/connect"
    headers = {"Authorization": f"Token {behind_nginx.token}"}
    async with httpx2.AsyncClient(base_url=base, headers=headers, trust_env=False) as removing:
        listed = await removing.get(LIST)
        assert listed.json()["next"].startswith(f"{behind_nginx.url}{LIST}?")
        answer = await removing.post("/graphql", json={"query": TITLES})
        assert answer.json()["data"]["appointments"]["nodes"]
        page = await removing.get(link.removeprefix(behind_nginx.url), headers=HTML)
        assert '"/connect/join/assets/join.js"' in page.text
        for path in ("/explorer/", "/join/assets/join.js", "/openapi.json"):
            assert (await removing.get(path)).status_code == 200


async def test_limits_are_those_of_the_service(client: httpx2.AsyncClient) -> None:
    large = await client.post(LIST, content=b"x" * 1_900_000)
    assert large.status_code == 413 and "detail" in large.json()
    long = await client.get(LIST, params={"participant_unique_id": "x" * 7_500})
    assert long.status_code == 200
    filled = {f"X-Filler-{number}": "x" * 6_000 for number in range(4)}
    assert (await client.get(LIST, headers=filled)).status_code == 200


async def test_events_are_pushed_as_they_happen(
    behind_nginx: Behind, client: httpx2.AsyncClient
) -> None:
    row = await booked(client, "Before")
    async with following(behind_nginx, client, row) as followers:
        began = time.monotonic()
        await client.patch(f"{LIST}{row['id']}/", json={"title": "After"})
        await followers.hear("appointment.updated", "After")
        # No buffer held them back until the next sign of life.
        assert time.monotonic() - began < 20


@pytest.mark.browser
async def test_a_private_link_in_a_browser(
    behind_nginx: Behind, client: httpx2.AsyncClient, page: Page, traffic: Traffic
) -> None:
    row = await booked(client, "Below a path", minutes=120)
    link = row["participants"][1]["access_link"]
    stream = page.wait_for_event("response", lambda answer: answer.url == f"{link}/events")
    task = asyncio.ensure_future(stream)
    await page.goto(link)
    await expect(page.get_by_role("heading", name="You are early")).to_be_visible()
    await expect(page.locator("#zone")).to_contain_text("Your time")
    assert (await task).status == 200
    assert set(await page.evaluate(PROTOCOLS)) == {"h2"}
    # The page asks by itself once a minute at most: what comes sooner came by its stream.
    await client.patch(f"{LIST}{row['id']}/", json={"title": "Told by the stream"})
    await expect(page.get_by_role("heading", name="Told by the stream")).to_be_visible()
    origin = behind_nginx.url.removesuffix("/connect")
    assert traffic.errors == []
    assert traffic.foreign(origin) == []
    assert all(url.startswith(f"{origin}/connect/") for url in traffic.urls)


@pytest.mark.browser
async def test_joining_in_a_browser(
    client: httpx2.AsyncClient, page: Page, traffic: Traffic
) -> None:
    row = await booked(client, minutes=5)
    link = row["participants"][0]["access_link"]
    await page.goto(link)
    await page.get_by_role("button", name="Join now").click()
    await expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    assert page.url == f"{link}?joined=1"
    assert traffic.errors == []


@pytest.mark.browser
async def test_the_explorer_and_the_documentation_in_a_browser(
    behind_nginx: Behind, client: httpx2.AsyncClient, page: Page, traffic: Traffic
) -> None:
    explorer = Watching(page)
    await explorer.open(f"{behind_nginx.url}/graphql#token={behind_nginx.token}")
    assert page.url == f"{behind_nginx.url}/explorer/"
    await expect(page.locator(".bar-caller")).to_contain_text("Followed")
    await explorer.choose("Follow events")
    await explorer.follow()
    await booked(client, "Seen in the explorer")
    event = (await explorer.events_when(1))[-1]
    assert event["appointment"]["title"] == "Seen in the explorer"
    await page.get_by_role("link", name="REST").click()
    await expect(page.locator(".swagger-ui .info .title")).to_be_visible()
    listing = page.locator("#operations-Appointments-appointments_list")
    await listing.locator(".opblock-summary-control").click()
    async with page.expect_response(lambda answer: "/api/v1/" in answer.url) as waiting:
        await listing.get_by_role("button", name="Execute").click()
    answer = await waiting.value
    assert answer.status == 200 and answer.url.startswith(f"{behind_nginx.url}{LIST}")
    assert traffic.errors == []
    origin = behind_nginx.url.removesuffix("/connect")
    socket = origin.replace("https", "wss", 1)
    assert traffic.foreign(origin) == []
    starts = (f"{origin}/connect/", f"{socket}/connect/graphql", "data:", "blob:")
    assert [url for url in traffic.urls if not url.startswith(starts)] == []


async def test_clients_cannot_choose_their_address(client: httpx2.AsyncClient) -> None:
    statuses = {
        (
            await client.get("/join/unknown", headers={"X-Forwarded-For": f"192.0.2.{number}"})
        ).status_code
        for number in range(UNKNOWN_LINKS_A_MINUTE + 5)
    }
    assert statuses == {404, 429}


async def test_links_are_not_in_the_log_of_nginx(
    behind_nginx: Behind, client: httpx2.AsyncClient
) -> None:
    row = await booked(client)
    link = row["participants"][0]["access_link"]
    await client.get(link)
    async with httpx2.AsyncClient(trust_env=False) as plain:
        port = listening(behind_nginx, "consularia-connect.conf")
        moved = await plain.get(f"http://localhost:{port}/connect/join/{link.rpartition('/')[2]}")
    assert moved.status_code == 308
    await client.get("/join/assets/join.css")
    log = behind_nginx.proxy.folder / "access.log"
    async with asyncio.timeout(SECONDS):
        while "/join/assets/join.css" not in log.read_text():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert "/connect/join/... HTTP/2.0" in log.read_text()
    assert '/connect/join/... HTTP/1.1" 308' in log.read_text()
    assert link.rpartition("/")[2] not in log.read_text()


async def test_a_site_that_was_there_takes_the_path_over(
    behind_nginx: Behind, client: httpx2.AsyncClient
) -> None:
    row = await booked(client)
    link = row["participants"][0]["access_link"]
    base = f"http://localhost:{listening(behind_nginx, 'nginx.conf', 1)}/connect"
    headers = {"Authorization": f"Token {behind_nginx.token}", "X-Filler": "x" * 9_000}
    async with httpx2.AsyncClient(base_url=base, headers=headers, trust_env=False) as there:
        assert (await there.get(LIST)).status_code == 200
        assert (await there.get(link.removeprefix(behind_nginx.url))).status_code == 200
        assert (await there.get(base)).headers["location"] == "/connect/"
        assert (await there.post(LIST, content=b"x" * 1_900_000)).json()["detail"]
        assert (await there.get("/metrics")).status_code == 404
    folder = behind_nginx.proxy.folder
    async with asyncio.timeout(SECONDS):
        while "/connect/metrics" not in (folder / "existing.log").read_text():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    for name in ("existing.log", "access.log"):
        assert link.rpartition("/")[2] not in (folder / name).read_text()


async def test_silence_is_longer_than_the_patience_of_nginx(
    quiet: tuple[Quiet, "asyncio.Task[tuple[int, ...]]"],
) -> None:
    found, task = quiet
    await asyncio.sleep(max(0.0, found.began + QUIET_SECONDS + 6 - time.monotonic()))
    found.disturbed.set()
    # 25 seconds between two signs of life, and one at the beginning.
    assert min(await asyncio.wait_for(task, SECONDS)) >= 2
