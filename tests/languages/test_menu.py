"""The menu of languages: every one under its own name, from any page to the same one."""

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.languages.menu import NAMES
from gateway.languages.tags import tags
from schema.domain.admission import AdmissionCode
from tests.conftest import MovableClock
from tests.faces import RestFace
from tests.gateway.test_join import HTML, link_in
from tests.people import Tenant


@pytest.fixture
def face(client: httpx2.AsyncClient, tenant: Tenant) -> RestFace:
    return RestFace(client, tenant.write)


def test_every_language_has_a_name_of_its_own() -> None:
    assert set(NAMES) == set(tags())
    assert len(set(NAMES.values())) == len(NAMES)


async def test_each_choice_leads_to_the_same_page_in_that_language(
    client: httpx2.AsyncClient, face: RestFace, app: Starlette, clock: MovableClock
) -> None:
    path = await link_in(AdmissionCode.TOO_EARLY, face, app, clock)
    german = await client.get(f"{path}?joined=1&lang=de", headers=HTML)
    for tag, name in NAMES.items():
        assert f'href="?joined=1&amp;lang={tag}"' in german.text
        page = await client.get(f"{path}?joined=1&lang={tag}", headers=HTML)
        assert page.headers["content-language"] == tag
        assert f"<bdi>{name}</bdi>" in page.text
    assert german.text.count("aria-current") == 1


async def test_what_stands_in_an_address_cannot_fill_the_page(client: httpx2.AsyncClient) -> None:
    page = await client.get(f"/nowhere?{'a' * 4000}&b=%22%3E%3Cscript%3E", headers=HTML)
    assert page.status_code == 404 and "aaaa" not in page.text
    short = await client.get("/nowhere?b=%22%3E%3Cscript%3E", headers=HTML)
    assert "<script" not in short.text and "b=%22%3E%3Cscript%3E&amp;lang=de" in short.text
