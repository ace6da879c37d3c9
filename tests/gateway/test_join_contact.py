"""How to reach the organization, and why an appointment was cancelled: where it helps, if wanted."""

import httpx2
import pytest
from starlette.applications import Starlette

from schema.operator.organizations import settle_organization
from tests.conftest import MovableClock
from tests.contract.test_appointments import booking
from tests.contract.test_lifecycle import SOON
from tests.faces import RestFace
from tests.people import Tenant

from .test_join import HTML, JSON, STATUSES, link_in

REASON = "The office is closed.\n<b>Sorry</b>"


@pytest.fixture
def face(client: httpx2.AsyncClient, tenant: Tenant) -> RestFace:
    return RestFace(client, tenant.write)


async def settle(app: Starlette, **changes: str | bool | None) -> None:
    database = app.state.lifespan["services"].database
    await settle_organization(database, "Consulate General", changes)


@pytest.mark.parametrize("code", STATUSES)
async def test_a_known_organization_can_be_reached_from_every_state(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace, code: str
) -> None:
    path = await link_in(code, face, app, clock)
    assert "Questions?" not in (await client.get(path, headers=HTML)).text
    await settle(app, contact="info@example.org")
    page = (await client.get(path, headers=HTML)).text
    data = (await client.get(path, headers=JSON)).json()
    # Whose link it was is known no more when the person is gone.
    is_known = code not in ("REMOVED", "UNKNOWN_LINK")
    assert ('href="mailto:info@example.org"' in page) is is_known
    assert data.get("contact") == ("info@example.org" if is_known else None)


async def test_a_replaced_link_says_whom_to_ask(
    client: httpx2.AsyncClient, app: Starlette, face: RestFace
) -> None:
    row = await face.create(**booking(start_date_time=SOON))
    links = app.state.lifespan["services"].links
    older = links.url(row["participants"][0]["id"], 7).removeprefix("http://testserver")
    await settle(app, contact="info@example.org")
    page = await client.get(older, headers=HTML)
    assert page.status_code == 410 and "mailto:info@example.org" in page.text


@pytest.mark.parametrize(
    ("contact", "shown"),
    [
        ("+49 30 1234-567", 'href="tel:+49301234567"'),
        ("https://example.org/help", 'href="https://example.org/help"'),
        ("Main Street 5 <Berlin>", "<bdi>Main Street 5 &lt;Berlin&gt;</bdi>"),
        ("javascript:alert(1)", "<bdi>javascript:alert(1)</bdi>"),
    ],
)
async def test_a_contact_is_shown_as_what_it_is(
    client: httpx2.AsyncClient,
    app: Starlette,
    clock: MovableClock,
    face: RestFace,
    contact: str,
    shown: str,
) -> None:
    path = await link_in("ENDED", face, app, clock)
    await settle(app, contact=contact)
    page = (await client.get(path, headers=HTML)).text
    assert shown in page
    assert 'href="javascript' not in page


async def test_a_reason_is_told_only_if_the_organization_wants_that(
    client: httpx2.AsyncClient, app: Starlette, face: RestFace
) -> None:
    row = await face.create(**booking(start_date_time=SOON))
    path = row["participants"][0]["access_link"].removeprefix("http://testserver")
    await face.cancel(row["id"], REASON)
    page = (await client.get(path, headers=HTML)).text
    assert "office" not in page
    assert (await client.get(path, headers=JSON)).json()["cancel_reason"] is None
    assert "office" not in (await client.get(f"{path}/appointment.ics")).text
    await settle(app, shows_cancel_reason=True)
    page = (await client.get(path, headers=HTML)).text
    assert "The office is closed.\n&lt;b&gt;Sorry&lt;/b&gt;" in page
    assert (await client.get(path, headers=JSON)).json()["cancel_reason"] == REASON
    assert "office" in (await client.get(f"{path}/appointment.ics")).text


async def test_only_a_link_that_may_lead_in_is_for_paper(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace
) -> None:
    path = await link_in("TOO_EARLY", face, app, clock)
    assert f">http://testserver{path}<" in (await client.get(path, headers=HTML)).text
    path = await link_in("CANCELLED", face, app, clock)
    assert f">http://testserver{path}<" not in (await client.get(path, headers=HTML)).text
