"""Which language a visitor gets."""

import time

import pytest
from starlette.requests import Request

from gateway.languages.choice import accepted_tag, language_of, query_of
from gateway.languages.tags import match, tags


def request(query: str = "", accept: str | None = None) -> Request:
    headers = [] if accept is None else [(b"accept-language", accept.encode("latin-1"))]
    scope = {"type": "http", "path": "/join/x", "query_string": query.encode(), "headers": headers}
    return Request(scope)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("de", "de"),
        ("DE-at", "de"),
        ("de_CH", "de"),
        ("de-Latn-DE-1996-u-ca-gregory", "de"),
        ("en-US", "en"),
        ("nl", None),
        ("iw", None),
        ("deu", None),
        ("", None),
        ("-", None),
        ("../de", None),
        ("d" * 10_000, None),
        ("de-" * 3_000, "de"),
    ],
)
def test_a_range_finds_the_language_that_serves_it(asked: str, found: str | None) -> None:
    assert match(asked) == found


def test_a_range_as_long_as_an_address_may_be_costs_nothing() -> None:
    began = time.process_time()
    assert match("a-" * 30_000) is None
    assert match("de" + "_a" * 30_000) == "de"
    assert time.process_time() - began < 1, "it was 20 s when all of it was looked at"


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("nl, de;q=0.5, en;q=0.7", "en"),
        ("en;q=0.2,de;q=0.9", "de"),
        ("nl-BE,nl;q=0.9,de;q=0.3", "de"),
        ("de;q=0, en;q=0.1", "en"),
        ("de;q=0", None),
        ("*", None),
        ("nl, *;q=0.5, de;q=0.1", None),
        ("", None),
        ("de;q=nan, en;q=0.1", "en"),
        (";;,,=\xff", None),
        ("de," * 5_000, None),
    ],
)
def test_the_best_range_of_a_browser_wins(header: str, found: str | None) -> None:
    assert accepted_tag(header) == found


@pytest.mark.parametrize(
    ("query", "accept", "setting", "tag"),
    [
        ("lang=en", "de", "de", "en"),
        ("lang=xx", "de", None, "de"),
        ("lang=de-AT", "en", None, "de"),
        # A browser that asks for a language that there is gets it, whatever is usual here.
        ("", "en-GB", "de", "en"),
        ("", "nl", "de", "de"),
        ("", "*", "de", "de"),
        ("", None, "de", "de"),
        ("", None, "gone", "en"),
        ("", None, None, "en"),
    ],
)
def test_the_visitor_chooses_before_the_organization(
    query: str, accept: str | None, setting: str | None, tag: str
) -> None:
    assert language_of(request(query, accept), setting).tag == tag


def test_a_link_keeps_the_language_that_was_asked_for_and_nothing_else() -> None:
    assert query_of(request("lang=de-AT&x=1", "en"), "?") == "?lang=de"
    assert query_of(request("lang=%22%3E%3Cscript%3E"), "&") == ""
    assert query_of(request("", "de"), "?") == ""


def test_english_is_first_and_every_other_language_has_a_file() -> None:
    assert tags()[0] == "en"
    assert len(set(tags())) == len(tags())
