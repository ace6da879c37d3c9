"""Every state of the page in every language: no text is missing, whatever happened."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from db.models import OrganizationRow
from db.queries import system
from gateway.join import refusals, words
from gateway.languages.language import Language, language
from gateway.languages.menu import NAMES
from gateway.languages.tags import tags
from schema.domain import admission
from tests.conftest import MovableClock
from tests.faces import RestFace
from tests.gateway.test_join import HTML, STATUSES, link_in
from tests.people import Tenant
from tools import catalogs

GERMAN = {"Accept-Language": "de"}


@pytest.fixture
def face(client: httpx2.AsyncClient, tenant: Tenant) -> RestFace:
    return RestFace(client, tenant.write)


class Visible(HTMLParser):
    """What people see and hear of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self._hidden = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "html":
            self.attributes = dict(attrs)
        self._hidden = tag if tag in {"script", "style"} else ""
        self.texts += [value for name, value in attrs if name in {"aria-label", "title"} and value]

    def handle_endtag(self, tag: str) -> None:
        self._hidden = ""

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._hidden:
            self.texts.append(" ".join(data.split()))


# What stays as it is, in any language.
OWN = {"Passport renewal", "Consulate General", "Anna", "Ben", "UTC", "Consularia Connect", "·"}
OWN |= set(NAMES.values())
ENGLISH = [
    str(id)
    for each in catalogs.found()
    for id in ([each.id] if isinstance(each.id, str) else each.id)
    if str(id).count(" ") >= 2 and "{" not in str(id)
]


def english_in(text: str) -> list[str]:
    return [each for each in ENGLISH if each in text]


class Marked(Language):
    """A language in which every text stands in brackets."""

    def text(self, text: str, **values: object) -> str:
        return f"⟦{super().text(text, **values)}⟧"

    def texts(self, one: str, many: str, n: int, **values: object) -> str:
        return f"⟦{super().texts(one, many, n, **values)}⟧"

    def day(self, instant: datetime) -> str:
        return f"⟦{super().day(instant)}⟧"

    def time(self, instant: datetime, near: datetime) -> str:
        return f"⟦{super().time(instant, near)}⟧"


def outside_brackets(text: str) -> str:
    depth, found = 0, ""
    for character in text:
        depth += (character == "⟦") - (character == "⟧")
        found += character if depth == 0 and character != "⟧" else ""
    return found


async def test_every_word_of_the_page_is_looked_up(
    client: httpx2.AsyncClient,
    app: Starlette,
    clock: MovableClock,
    face: RestFace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.languages.choice.language", lambda tag: Marked())
    for code in STATUSES:
        path = await link_in(code, face, app, clock, config={"join_screen_enabled": True})
        for query in ("", "?joined=1"):
            shown = Visible((await client.get(path + query, headers=HTML)).text)
            left = outside_brackets(" ".join(shown.texts))
            for own in OWN:
                left = left.replace(own, "")
            assert left.split() == [], code
        clock.move(days=-1)


@pytest.mark.parametrize("tag", [tag for tag in tags() if tag != "en"])
async def test_every_state_in_every_language(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace, tag: str
) -> None:
    for code in STATUSES:
        path = await link_in(code, face, app, clock, config={"join_screen_enabled": True})
        for query in ("", "&joined=1"):
            page = await client.get(f"{path}?lang={tag}{query}", headers=HTML)
            shown = Visible(page.text)
            assert page.headers["content-language"] == shown.attributes["lang"] == tag
            assert shown.attributes["dir"] in ("ltr", "rtl")
            text = " ".join(shown.texts)
            assert english_in(text) == [] and "{" not in text, code
        clock.move(days=-1)


async def test_arabic_and_persian_are_written_from_right_to_left(
    client: httpx2.AsyncClient,
) -> None:
    for tag in tags():
        page = await client.get("/join/x", headers=HTML | {"Accept-Language": tag})
        direction = "rtl" if tag in {"ar", "fa"} else "ltr"
        assert Visible(page.text).attributes == {"lang": tag, "dir": direction}


def test_every_message_of_a_decision_has_its_sentence() -> None:
    messages = {
        value
        for name, value in vars(admission).items()
        if name.isupper() and isinstance(value, str)
    }
    assert messages == words.SENTENCES.keys()


def test_refusals_are_said_in_every_language() -> None:
    for tag in tags()[1:]:
        for each in (refusals.throttled(60), refusals.unavailable(), refusals.failed("17")):
            shown = each.words.said_in(language(tag), number="17")
            text = f"{shown.headline} {shown.note} {each.said_in(language(tag))}"
            assert english_in(text) == [] and "{" not in text


async def test_the_json_and_its_messages_stay_english(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace
) -> None:
    path = await link_in("OPEN", face, app, clock)
    data = await client.get(f"{path}?lang=de", headers={"Accept": "application/json"} | GERMAN)
    assert data.json()["message"] == "Come in."
    assert {"Accept", "Accept-Language"} <= set(re.split(", *", data.headers["vary"]))


async def test_the_page_and_its_way_in_keep_the_language_that_was_asked_for(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace
) -> None:
    path = await link_in("OPEN", face, app, clock)
    sent = await client.post(f"{path}?lang=de", headers=HTML)
    assert sent.headers["location"] == f"{path}?joined=1&lang=de"
    page = await client.get(sent.headers["location"], headers=HTML)
    assert "Sie sind dabei" in page.text and page.headers["content-language"] == "de"
    plain = await client.post(path, headers=HTML | GERMAN)
    assert plain.headers["location"] == f"{path}?joined=1"


async def test_an_organization_chooses_for_visitors_who_ask_for_nothing(
    client: httpx2.AsyncClient,
    app: Starlette,
    clock: MovableClock,
    face: RestFace,
    tenant: Tenant,
) -> None:
    path = await link_in("OPEN", face, app, clock)
    row = OrganizationRow(tenant.id, "", True, clock.now(), language="de")
    async with app.state.lifespan["services"].database.write() as tx:
        await system.settle_organization(tx, row)
    for accept, tag in (
        ({}, "de"),
        ({"Accept-Language": "nl"}, "de"),
        ({"Accept-Language": "en"}, "en"),
    ):
        page = await client.get(path, headers=HTML | accept)
        assert page.headers["content-language"] == tag


async def test_a_page_where_there_is_nothing_is_in_the_language_of_the_browser(
    client: httpx2.AsyncClient,
) -> None:
    page = await client.get("/nothing/here", headers=HTML | GERMAN)
    assert page.status_code == 404 and page.headers["content-language"] == "de"
    assert "Hier gibt es keine Seite" in page.text and english_in(page.text) == []


async def test_the_calendar_file_is_in_the_language_of_the_visitor(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace
) -> None:
    path = await link_in("TOO_EARLY", face, app, clock)
    file = await client.get(f"{path}/appointment.ics?lang=de", headers=HTML)
    assert file.headers["content-language"] == "de" and "lädt Sie ein" in file.text


async def test_who_is_early_by_days_is_told_to_come_back(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace
) -> None:
    path = await link_in("TOO_EARLY", face, app, clock)
    clock.move(days=-9)
    page = (await client.get(path, headers=HTML)).text
    assert "You can close this page. Come back" in page and "Keep this page open" not in page
    assert f'href="{path}/appointment.ics"' in page and "http-equiv" not in page
    german = (await client.get(f"{path}?lang=de", headers=HTML)).text
    assert f'href="{path}/appointment.ics?lang=de"' in german


async def test_times_are_written_as_the_language_does(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace
) -> None:
    path = await link_in("TOO_EARLY", face, app, clock)
    german = Visible((await client.get(path, headers=HTML | GERMAN)).text).texts
    assert "Montag, 2. März 2026" in german
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    assert language("de").time(late + timedelta(hours=1), near=late) == "Di., 3. März, 00:30"
    assert language("de").time(late, near=late) == "23:30"


async def test_the_texts_of_scripts_are_a_file_that_browsers_keep(
    client: httpx2.AsyncClient,
) -> None:
    page = (await client.get("/join/x", headers=HTML | GERMAN)).text
    (path,) = re.findall(r'<link id="words"[^>]* href="([^"]+)"', page)
    kept = await client.get(path)
    data: dict[str, Any] = kept.json()
    assert data["texts"]["Join now"] == "Jetzt teilnehmen" and data["plurals"] == {
        "one": 0,
        "other": 1,
    }
    # What only the server says is not sent to browsers.
    assert "You are early" not in data["texts"]
    assert (
        "immutable" in kept.headers["cache-control"] and kept.headers["content-encoding"] == "gzip"
    )
    other = await client.get("/join/assets/words/de.0123456789abcdef.json")
    assert other.json() == data and other.headers["cache-control"] == "no-cache"
    for gone in ("xx.0.json", "en.0.json", "de", "..%2fde.0.json", "de.0.po"):
        assert (await client.get(f"/join/assets/words/{gone}")).status_code == 404
    assert 'id="words"' not in (await client.get("/join/x", headers=HTML)).text
