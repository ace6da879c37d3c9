"""The address of a link: every decision, drawn for browsers and for apps; looking writes nothing."""

from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from schema.clockwork import advance
from tests.conftest import MovableClock
from tests.contract.test_appointments import booking
from tests.contract.test_lifecycle import GRACE, SOON, log_of
from tests.faces import RestFace
from tests.people import Tenant

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
    """Makes a link that leads to a decision; returns its path."""
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


async def test_what_people_type_cannot_become_markup(
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
async def test_rubbish_is_an_unknown_link(client: httpx2.AsyncClient, path: str) -> None:
    for accept in (HTML, JSON):
        assert (await client.get(path, headers=accept)).status_code == 404
        posted = await client.post(path, headers=accept, content=b"x" * 100_000)
        assert posted.status_code == 404


async def test_other_methods_are_refused(client: httpx2.AsyncClient) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        response = await client.request(method, "/join/x")
        assert response.status_code == 405
        assert response.headers["allow"] == "GET, HEAD, POST"


async def test_unknown_links_are_throttled_and_good_ones_are_not(
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


async def test_the_device_check_is_offered_where_it_was_asked_for(
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
        ("devices.js", "text/javascript"),
    ):
        response = await client.get(f"/join/assets/{name}")
        assert response.status_code == 200
        assert response.headers["content-type"].startswith(kind)
        assert "http://" not in response.text and "https://" not in response.text
