"""Access links: every decision, rendered for browsers and for apps; GET writes nothing."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from db.engine import DatabaseUnavailable
from gateway.app import create_app
from gateway.settings import Settings
from schema.resolvers.clockwork import advance
from schema.rooms.builtin import BuiltinSettings
from schema.rooms.template import TemplateSettings
from tests.conftest import InProcess, LiveServer, MovableClock
from tests.contract.test_appointments import booking
from tests.contract.test_lifecycle import GRACE, SOON, log_of
from tests.faces import RestFace
from tests.people import Tenant, add_tenant

STATUSES = {
    "TOO_EARLY": (200, 409),
    "WAITING_FOR_MODERATOR": (200, 409),
    "OPEN": (200, 200),
    "ENDED": (410, 410),
    "CANCELLED": (410, 410),
    "REMOVED": (410, 410),
    "UNKNOWN_LINK": (404, 404),
}
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
JSON = {"Accept": "application/json"}
KNOWN = {"title", "organization_name", "display_name", "role", "status"}


async def link_in(
    code: str, face: RestFace, app: Starlette, clock: MovableClock, **values: Any
) -> str:
    """Creates a link for which the decision is this one; returns its path."""
    row = await face.create(**booking(start_date_time=SOON, **values))
    moderator, participant = row["participants"]
    if code in ("OPEN", "WAITING_FOR_MODERATOR"):
        clock.move(minutes=50)
    if code == "ENDED":
        clock.move(hours=3)
        await advance(app.state.lifespan["services"], GRACE)
    if code == "CANCELLED":
        await face.cancel(row["id"])
    if code == "REMOVED":
        await face.remove_participant(row["id"], participant["id"])
    person = participant if code in ("WAITING_FOR_MODERATOR", "REMOVED") else moderator
    path = str(person["access_link"]).removeprefix("http://testserver")
    return path[:-3] + "xyz" if code == "UNKNOWN_LINK" else path


@pytest.fixture
def face(client: httpx2.AsyncClient, tenant: Tenant) -> RestFace:
    return RestFace(client, tenant.write)


@pytest.mark.parametrize("code", STATUSES)
async def test_every_decision_for_browsers_and_apps(
    client: httpx2.AsyncClient,
    app: Starlette,
    tenant: Tenant,
    clock: MovableClock,
    face: RestFace,
    code: str,
) -> None:
    path = await link_in(code, face, app, clock)
    looked, posted = STATUSES[code]
    before = len(await log_of(app, tenant))
    page = await client.get(path, headers=HTML)
    assert page.status_code == looked
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "unsafe" not in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    head = await client.head(path, headers=HTML)
    assert (head.status_code, head.content) == (looked, b"")
    data = (await client.get(path, headers=JSON)).json()
    assert data["code"] == code
    assert data["message"]
    known = code not in ("REMOVED", "UNKNOWN_LINK")
    assert (data.keys() >= KNOWN) is known
    assert len(await log_of(app, tenant)) == before
    sent = await client.post(path, headers=JSON)
    assert sent.status_code == posted
    assert sent.json()["code"] == code
    assert "address" in sent.json()
    assert len(await log_of(app, tenant)) == before + (2 if code == "OPEN" else 0)
    again = await client.post(path, headers=HTML)
    assert again.status_code == (303 if code == "OPEN" else posted)


async def test_the_json_is_exactly_as_documented(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace
) -> None:
    path = await link_in("OPEN", face, app, clock)
    known = {
        "code": "OPEN",
        "message": "Come in.",
        "opens_at": "2026-03-02T12:45:00Z",
        "closes_at": "2026-03-02T14:00:00Z",
        "server_time": "2026-03-02T12:50:00Z",
        "title": "Passport renewal",
        "organization_name": "Consulate General",
        "display_name": "Anna",
        "role": "moderator",
        "status": "scheduled",
        "contact": None,
    }
    looked = await client.get(path, headers=JSON)
    assert looked.json() == known
    assert looked.headers["cache-control"] == "no-store"
    joined = await client.post(path, headers=JSON)
    assert joined.json() == known | {"status": "active", "address": None}
    stranger = (await client.get("/join/x", headers=JSON)).json()
    assert stranger == {
        "code": "UNKNOWN_LINK",
        "message": stranger["message"],
        "opens_at": None,
        "closes_at": None,
        "server_time": "2026-03-02T12:50:00Z",
    }


async def test_head_answers_with_the_headers_of_get(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace
) -> None:
    path = await link_in("OPEN", face, app, clock)
    for accept in (HTML, JSON):
        got, head = [await client.request(verb, path, headers=accept) for verb in ("GET", "HEAD")]
        # Each request has its own id.
        assert {**head.headers, "x-request-id": ""} == {**got.headers, "x-request-id": ""}
        assert int(head.headers["content-length"]) == len(got.content) > 0
        assert head.content == b""


async def test_a_browser_that_joined_comes_back_to_a_page_that_says_so(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace
) -> None:
    path = await link_in("OPEN", face, app, clock)
    # The query string alone lets nobody in.
    assert "You are in" not in (await client.get(f"{path}?joined=1", headers=HTML)).text
    sent = await client.post(path, headers=HTML)
    assert (sent.status_code, sent.headers["location"]) == (303, f"{path}?joined=1")
    page = await client.get(sent.headers["location"], headers=HTML)
    assert "You are in" in page.text and "organizer will connect you" in page.text
    assert "<form" not in page.text
    clock.move(hours=3)
    await advance(app.state.lifespan["services"], GRACE)
    over = await client.get(sent.headers["location"], headers=HTML)
    assert over.status_code == 410 and "Nothing left to join" in over.text


async def test_a_missed_appointment_and_a_replaced_link_have_their_own_texts(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace
) -> None:
    missed = await link_in("ENDED", face, app, clock)
    page = await client.get(missed, headers=HTML)
    assert "This appointment did not take place" in page.text
    row = await face.create(**booking(start_date_time="2026-03-02T16:00:00Z"))
    person = row["participants"][0]
    services = app.state.lifespan["services"]
    newer = services.links.url(person["id"], 2).removeprefix("http://testserver")
    page = await client.get(newer, headers=HTML)
    assert page.status_code == 410 and "replaced by a newer one" in page.text


async def test_without_scripts_a_waiting_page_reloads(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace
) -> None:
    refresh = '<noscript><meta http-equiv="refresh"'
    for code in ("TOO_EARLY", "WAITING_FOR_MODERATOR"):
        page = await client.get(await link_in(code, face, app, clock), headers=HTML)
        assert refresh in page.text, code
        assert "<form" not in page.text, code
    page = await client.get(await link_in("CANCELLED", face, app, clock), headers=HTML)
    assert refresh not in page.text


async def test_only_an_open_page_may_redirect_its_form_to_the_room(
    settings: Settings, clock: MovableClock
) -> None:
    chosen = replace(
        settings, rooms=TemplateSettings("https://rooms.example.org:8443/{appointment_id}")
    )
    async with running(chosen, clock) as (app, client):
        tenant = await add_tenant(app.state.lifespan["services"], "Consulate General")
        face = RestFace(client, tenant.write)
        path = await link_in("TOO_EARLY", face, app, clock)
        early = (await client.get(path, headers=HTML)).headers["content-security-policy"]
        assert early.endswith("form-action 'self'")
        clock.move(minutes=50)
        policy = (await client.get(path, headers=HTML)).headers["content-security-policy"]
        assert policy.endswith("form-action 'self' https://rooms.example.org:8443")
        sent = await client.post(path, headers=HTML)
        assert sent.status_code == 303
        assert sent.headers["location"].startswith("https://rooms.example.org:8443/")
        assert sent.headers["referrer-policy"] == "no-referrer"
        again = (await client.post(path, headers=JSON)).json()
        assert again["address"] == sent.headers["location"]


async def test_only_a_page_that_may_become_a_room_gets_its_devices_and_its_socket(
    settings: Settings, clock: MovableClock
) -> None:
    async with running(replace(settings, rooms=BuiltinSettings()), clock) as (app, client):
        tenant = await add_tenant(app.state.lifespan["services"], "Consulate General")
        face = RestFace(client, tenant.write)
        for code in ("TOO_EARLY", "WAITING_FOR_MODERATOR", "OPEN"):
            page = await client.get(await link_in(code, face, app, clock), headers=HTML)
            policy = page.headers["content-security-policy"]
            assert "connect-src 'self' ws://testserver/room; " in policy, code
            assert "script-src 'self';" in policy
            allowed = page.headers["permissions-policy"]
            for feature in ("camera", "microphone", "display-capture", "speaker-selection"):
                assert f"{feature}=(self)" in allowed, code
        ended = await client.get(await link_in("CANCELLED", face, app, clock), headers=HTML)
        assert ended.headers["permissions-policy"] == "camera=(), microphone=()"
        assert "connect-src 'self'; " in ended.headers["content-security-policy"]


@asynccontextmanager
async def running(
    settings: Settings, clock: MovableClock
) -> AsyncIterator[tuple[Starlette, httpx2.AsyncClient]]:
    app = create_app(settings, clock)
    async with app.router.lifespan_context(app) as state:
        app.state.lifespan = state
        transport = httpx2.ASGITransport(app=InProcess(app))
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
            yield app, client


async def test_user_input_is_escaped(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace
) -> None:
    evil = "</script><script>alert(1)</script>\"'&"
    people = [{"unique_id": "a", "display_name": evil, "role": "moderator"}]
    row = await face.create(**booking(start_date_time=SOON, title=evil, participants=people))
    path = row["participants"][0]["access_link"].removeprefix("http://testserver")
    page = await client.get(path, headers=HTML)
    assert "<script>alert" not in page.text
    assert "&lt;/script&gt;&lt;script&gt;alert(1)" in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/join", "/join/", "/join/x", "/join/a/b/c", "/join/%00", "/join/%ff%fe", "/join/..%2f..",
        "/join/" + "A" * 7_000, "/join/%0a", "/join/é", "/join/" + "." * 100, "/join/a?b=c&d=%ff",
    ],
)  # fmt: skip
async def test_garbage_is_an_unknown_link(client: httpx2.AsyncClient, path: str) -> None:
    for accept in (HTML, JSON):
        assert (await client.get(path, headers=accept)).status_code == 404
        posted = await client.post(path, headers=accept, content=b"x" * 100_000)
        assert posted.status_code == 404


async def test_other_methods_are_refused(client: httpx2.AsyncClient) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        response = await client.request(method, "/join/x")
        assert response.status_code == 405
        assert response.headers["allow"] == "GET, HEAD, POST"


async def test_unknown_links_are_throttled_and_valid_ones_are_not(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace
) -> None:
    good = await link_in("OPEN", face, app, clock)
    statuses = [
        (await client.get(f"/join/guess-{n}", headers=JSON)).status_code for n in range(1000)
    ]
    assert statuses[:20] == [404] * 20
    assert set(statuses[21:]) == {429}
    refused = await client.get("/join/guess", headers=JSON)
    assert int(refused.headers["retry-after"]) > 0
    assert (await client.get(good, headers=JSON)).status_code == 200
    clock.move(minutes=2)
    assert (await client.get("/join/guess", headers=JSON)).status_code == 404


async def test_a_flood_from_one_address_leaves_others_alone(app: Starlette) -> None:
    for host, expected in (("192.0.2.1", 429), ("192.0.2.2", 404)):
        transport = httpx2.ASGITransport(app=InProcess(app), client=(host, 1234))
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
            for _ in range(20 if expected == 429 else 0):
                assert (await client.post("/join/x", headers=JSON)).status_code == 404
            page = await client.get("/join/x", headers=HTML)
            assert page.status_code == expected
            assert ("Try again in 60 seconds" in page.text) is (expected == 429)


class Broken:
    """A database that fails at every transaction."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self) -> Any:
        raise self._error


async def test_an_unavailable_database_is_reported(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace
) -> None:
    path = await link_in("OPEN", face, app, clock)
    working = app.state.lifespan["services"]
    broken = replace(working, database=Broken(DatabaseUnavailable("it is away")))
    app.state.lifespan = {"services": broken}
    for verb in ("GET", "POST"):
        page = await client.request(verb, path, headers=HTML)
        assert page.status_code == 503 and "One moment, please" in page.text
        data = await client.request(verb, path, headers=JSON)
        assert data.status_code == 503 and data.json()["code"] == "UNAVAILABLE"
        assert data.headers["retry-after"] == "5"
        assert "it is away" not in page.text + data.text
    app.state.lifespan = {"services": working}
    assert (await client.get(path, headers=JSON)).json()["code"] == "OPEN"


async def test_an_unexpected_error_is_a_page_with_the_request_id(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace
) -> None:
    path = await link_in("OPEN", face, app, clock)
    broken = replace(app.state.lifespan["services"], database=Broken(RuntimeError("a secret")))
    app.state.lifespan = {"services": broken}
    page = await client.get(path, headers=HTML | {"X-Request-Id": "number-17"})
    assert page.status_code == 500
    assert "number-17" in page.text and "a secret" not in page.text
    data = await client.get(path, headers=JSON)
    assert data.json()["code"] == "INTERNAL_SERVER_ERROR" and "a secret" not in data.text


async def test_an_app_on_a_configured_origin_may_ask_and_join(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace
) -> None:
    path = await link_in("OPEN", face, app, clock)
    for origin, allowed in (("https://app.example", True), ("https://evil.example", False)):
        for verb in ("GET", "POST"):
            response = await client.request(verb, path, headers=JSON | {"Origin": origin})
            found = response.headers.get("access-control-allow-origin")
            assert (found == origin) is allowed
            vary = {word.strip() for word in response.headers["vary"].split(",")}
            assert {"Accept", "Origin"} <= vary


def spoken(server: LiveServer, request: bytes) -> bytes:
    """Sends raw bytes; returns what the server answers until it closes, or within 5 s."""
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(request)
        said = b""
        while chunk := connection.recv(65_536):
            said += chunk
    return said


@pytest.mark.parametrize(
    "target",
    [
        b"/join/\xff\xfe", b"/join/%ZZ", b"/join/%00%0d%0aSet-Cookie:%20a=b", b"/join/" + b"a" * 10_240,
        b"/join//%2e%2e//", b"/join/?", b"/join/%F0%9F%98%80", b"/join;x",
    ],
)  # fmt: skip
def test_links_of_any_bytes_get_a_clear_answer_over_a_socket(
    live_server: LiveServer, target: bytes
) -> None:
    for verb in (b"GET", b"HEAD", b"POST"):
        request = b"%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        said = spoken(live_server, request % (verb, target))
        status = int(said.split(b" ", 2)[1])
        assert status in {400, 404, 414}, said[:200]
        assert b"set-cookie" not in said.lower()


def test_a_huge_body_is_not_waited_for(live_server: LiveServer) -> None:
    head = b"POST /join/x HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n"
    for length in (b"Content-Length: 50000000000", b"Transfer-Encoding: chunked"):
        # The body is never sent, so an answer proves that the server does not wait for it.
        said = spoken(live_server, head % length)
        assert said.startswith(b"HTTP/1.1 404"), said[:200]
        assert b"connection: close" in said.lower()


async def test_the_device_check_is_offered_if_configured(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace
) -> None:
    path = await link_in("OPEN", face, app, clock, config={"join_screen_enabled": True})
    page = await client.get(path, headers=HTML)
    assert 'id="check"' in page.text
    assert "camera=(self)" in page.headers["permissions-policy"]
    plain = await link_in("OPEN", face, app, clock)
    page = await client.get(plain, headers=HTML)
    assert 'id="check"' not in page.text
    assert "camera=()" in page.headers["permissions-policy"]


async def test_assets_come_from_our_own_origin(client: httpx2.AsyncClient) -> None:
    for name, kind in (
        ("join.css", "text/css"),
        ("join.js", "text/javascript"),
        ("stream.js", "text/javascript"),
        ("devices.js", "text/javascript"),
    ):
        response = await client.get(f"/join/assets/{name}")
        assert response.status_code == 200
        assert response.headers["content-type"].startswith(kind)
        assert "http://" not in response.text and "https://" not in response.text
