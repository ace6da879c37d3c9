"""Filters, links and the order of the list, where REST.md decides itself."""

import json
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator

from gateway.version import VERSION
from rest.openapi.document import committed
from tests.rest.site import BODY, LIST, Site


async def names(site: Site, query: str) -> list[str]:
    """The titles that a filtered list shows."""
    reply = await site.ask("GET", f"{LIST}?{query}")
    assert reply.status == 200, reply.body
    return [each["title"] for each in reply.json["results"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("start_date=2025-03-02T10:00:00Z", ["c", "b"]),
        ("end_date=2025-03-02T10:00:00Z", ["b", "a"]),
        ("start_date=2025-03-02T12:00:00+02:00&end_date=2025-03-02T12:00:00%2B02:00", ["b"]),
        ("start_date=2025-03-02 10:00&end_date=2025-03-02%2010:00", ["b"]),
        ("start_date=2025-03-02T15:30:00+0530&end_date=2025-03-02T11+01", ["b"]),
        ("start_date=&end_date=&participant_unique_id=", ["c", "b", "a"]),
        ("participant_unique_id=x%2By%40z", ["c"]),
        ("participant_unique_id=X%2By%40z", []),
        ("participant_unique_id=p0@x&end_date=2025-03-02", ["a"]),
    ],
)
async def test_filters_narrow_the_list(site: Site, query: str, found: list[str]) -> None:
    odd = [{"unique_id": "x+y@z", "role": "moderator"}]
    await site.book(title="a", start_date_time="2025-03-01T10:00:00Z")
    await site.book(title="b", start_date_time="2025-03-02T10:00:00Z")
    await site.send_json("POST", LIST, {
        **BODY, "title": "c", "start_date_time": "2025-03-03T10:00:00Z", "participants": odd,
    })  # fmt: skip
    assert await names(site, query.replace(" ", "%20")) == found


@pytest.mark.parametrize(
    "text", ["bad", "2025-13-01", "0001-01-01T00:00:00+05:00", "\x00", "now", "1761837982", " "]
)
async def test_a_date_that_is_none_is_told(site: Site, text: str) -> None:
    reply = await site.ask("GET", f"{LIST}?start_date={quote(text)}&page=99")
    assert reply.status == 400
    assert reply.json == {"start_date": ["Enter a valid date/time."]}


async def test_a_link_leads_to_what_it_names(site: Site) -> None:
    for hour in range(5):
        await site.book(title=str(hour), start_date_time=f"2025-03-02T1{hour}:00:00Z")
    walked, target = [], f"{LIST}?page_size=2&start_date=2025-03-02T11:00:00+00:00"
    while target:
        reply = await site.ask("GET", target)
        walked += [each["title"] for each in reply.json["results"]]
        target = (reply.json["next"] or "").removeprefix("http://testserver")
    assert walked == ["4", "3", "2", "1"]


async def test_equal_starts_are_sorted_by_id(site: Site) -> None:
    ids = [(await site.book())["id"] for _ in range(3)]
    reply = await site.ask("GET", LIST)
    assert [each["id"] for each in reply.json["results"]] == sorted(ids)


@pytest.mark.parametrize("character", ["%00", "a%00b"])
async def test_a_refused_filter_is_answered_as_described(site: Site, character: str) -> None:
    reply = await site.ask("GET", f"{LIST}?participant_unique_id={character}&start_date=bad")
    assert reply.status == 400
    alone = await site.ask("GET", f"{LIST}?participant_unique_id={character}")
    assert alone.json == {"participant_unique_id": ["Null characters are not allowed."]}
    document = json.loads(committed(VERSION))
    described = {"$ref": "#/components/schemas/FilterErrors", "components": document["components"]}
    for each in (reply, alone):
        Draft202012Validator(described).validate(each.json)


async def test_blanks_are_an_empty_filter(site: Site) -> None:
    await site.book(title="a")
    assert await names(site, "participant_unique_id=%20%09") == ["a"]
