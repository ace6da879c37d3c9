"""Given the same request line and headers, the face answers what the replica answers.

Methods, order of checks, negotiation, ids in paths, pages and their links.
"""

import json
import uuid

import pytest

from tests.rest.site import BODY, LIST
from tests.rest.twin import (
    ADD,
    DETAIL,
    JSON_TYPE,
    PATHS,
    PEOPLE,
    PERSON,
    UNKNOWN,
    Request,
    Twin,
    told_apart,
    with_value,
)

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "TRACE", "CONNECT", "FOO", "get", "QUERY"]


async def test_methods_and_the_order_of_checks_are_alike(twin: Twin) -> None:
    requests: list[Request] = []
    for path in PATHS.values():
        unknown = path.replace("APPOINTMENT-ID", UNKNOWN)
        odd = [path, unknown, path.replace("APPOINTMENT-ID", "nope"), f"{path}?format=xml"]
        for method in METHODS:
            for target in odd:
                requests += [
                    (method, target, JSON_TYPE, b"{"),
                    (method, target, {"Content-Type": "text/plain"}, b"x"),
                    (method, target, {"Accept": "text/html"}, b""),
                    (method, target.replace("/?", "?").rstrip("/"), {}, b""),
                ]
    requests += [
        ("GET", PERSON.replace("PARTICIPANT-ID", UNKNOWN), {}, b""),
        ("PATCH", PERSON.replace("PARTICIPANT-ID", UNKNOWN), JSON_TYPE, b"{"),
        ("GET", PERSON.replace("PARTICIPANT-ID", "nope"), {}, b""),
        ("DELETE", PERSON.replace("PARTICIPANT-ID", UNKNOWN), {}, b""),
        ("DELETE", LIST, {}, b""),
        ("DELETE", ADD, {}, b""),
    ]
    assert await twin.differences(requests) == []


async def test_without_a_token_everything_below_negotiation_is_401_alike(twin: Twin) -> None:
    told: list[str] = []
    for path in PATHS.values():
        for method in METHODS:
            for target in (path, path.replace("APPOINTMENT-ID", UNKNOWN), f"{path}?format=xml"):
                for headers in ({}, {"Accept": "text/html"}, {"Accept": "*/*; indent=2"}):
                    ours, theirs = await twin.ask(method, target, headers, b"{", token=None)
                    told += told_apart((method, target, headers, b"{"), ours, theirs)
    assert told == []


async def test_ids_in_a_path_are_read_alike(twin: Twin) -> None:
    plain = uuid.UUID(UNKNOWN)
    written = [
        plain.hex, UNKNOWN.upper(), f"urn:uuid:{UNKNOWN}", f"%7B{UNKNOWN}%7D", str(plain.int), "5",
        f"{plain.hex[:3]}-{plain.hex[3:]}", f"%20{UNKNOWN}", f"{UNKNOWN}.json",
        f"{UNKNOWN[:-1]}%EF%BC%91", f"{UNKNOWN[:-2]}_1", "%00", "%ff", "a" * 3000, "01a1fb9e%2F",
    ]  # fmt: skip
    requests: list[Request] = [
        ("GET", f"{LIST}{text}/{below}", {}, b"")
        for text in written
        for below in ("", "participants/", f"participants/{UNKNOWN}/")
    ]
    assert await twin.differences(requests) == []


CONTENT_TYPES = [
    "application/JSON", "application/json;charset=latin-1", "application/json; charset=utf-16",
    "application/json; charset=bogus", "application/json;", "application/*", "*/*", "json",
    "garbage; x", "application/json, text/plain", "text/json", "application/vnd.api+json",
    "application/problem+json", "multipart/mixed; boundary=x", "application/json\t",
    "application/x-www-form-urlencoded;charset=utf-8", "APPLICATION/X-WWW-FORM-URLENCODED",
    'text/plain; charset="x"', "\xc3\xa9/\xe9", "multipart/form-data",
    "multipart/form-data; boundary=", "multipart/form-data; boundary=\xe9",
    f"multipart/form-data; boundary={'x' * 300}",
]  # fmt: skip


async def test_types_of_bodies_are_told_apart_alike(twin: Twin) -> None:
    requests: list[Request] = [
        ("POST", LIST, {"Content-Type": kind}, b"{}") for kind in CONTENT_TYPES
    ]
    latin = {"Content-Type": "application/json; charset=latin-1"}
    requests.append(
        ("POST", LIST, latin, with_value("title", '"\u00e9"').decode().encode("latin-1"))
    )
    assert await twin.differences(requests) == []


ACCEPTS = [
    "application/json; indent=2", "application/json;indent=0", "application/json; indent=9",
    "application/json; indent=x", "application/json; indent=-1",
    "application/json; indent=3; q=0.5",
    "application/json; q=0.5; indent=3", "application/*", "application/*; indent=4",
    "*/*; indent=4",
    "text/html, */*;q=0.1", "text/html, application/json", "application/json;q=0", "garbage", "",
    "/", "*", "a/b", "application/json; version=1", "application/json; charset=utf-8",
    "application/json, application/json; indent=2", "application/json; indent=2, application/json",
    "APPLICATION/JSON", "application/json;", "application/json;;", "application/json, garbage", ",",
    "text/*", "application/vnd.api+json", 'application/json; indent="2"', "*/json", "*/*",
    "application/json ; indent=2", "application/json; INDENT=2", "application/json; indent=\u0662",
]  # fmt: skip


async def test_accept_is_negotiated_alike(twin: Twin) -> None:
    requests: list[Request] = []
    for accept in ACCEPTS:
        headers = {"Accept": accept.encode().decode("latin-1")}
        requests += [
            ("GET", DETAIL, headers, b""),
            ("GET", f"{LIST}{UNKNOWN}/", headers, b""),
            ("OPTIONS", LIST, headers, b""),
        ]
    assert await twin.differences(requests) == []


@pytest.mark.parametrize(
    "query",
    ["json", "xml", "", "JSON", "json&format=xml", "xml&format=json", "api", "%6Ason", "json&"],
)
async def test_format_is_read_alike(twin: Twin, query: str) -> None:
    ours, theirs = await twin.ask("GET", f"{DETAIL}?format={query}")
    assert ours == theirs


async def test_options_tell_the_same(twin: Twin) -> None:
    requests: list[Request] = [("OPTIONS", path, JSON_TYPE, b"{") for path in PATHS.values()]
    assert await twin.differences(requests) == []


PAGES = [
    "page=last", "page=LAST", "page=", "page", "page=1.0", "page=%EF%BC%92", "page=%202",
    "page=2%20", "page=+1", "page=%2B2", "page=002", "page=0_1", "page=2_0", "page=1e0", "page=-1",
    "page=3", "page=0", "page=99999999999999999999", f"page={'9' * 5000}", "page=1&page=2",
    "page=2&page=1", "page=%00", "page=%ff", "page=true", "page=NaN", "page_size=5",
    "page_size=5&page=2", "page_size=0", "page_size=-1", "page_size=abc", "page_size=101",
    "page_size=", "page_size=1.0", "page_size=%EF%BC%95", "page_size=5&page=last", "page_size=+5",
    "z=1&a=2&page=1", "page=2&z=1&a=2", "a=2&a=1", "b=%C3%A9&a=%20x+y&c=%2B", "x=&y", "page=1&x",
    "a=%ff", "q=~!*'()", "q=a/b:c@d,e;f", "q=a%3Bb", "a=1;b=2", "Page=2", "page=last&b=1",
    "%70age=1", "q=%00", "&&a=1&&", "=5", "q=%", "q=%zz", "a=\xe9&page=1",
    "participant_unique_id=p%20%C3%A9%26%3D%2B", "participant_unique_id=", "start_date=",
    "participant_unique_id=nobody", "participant_unique_id=nobody&page=2",
    "participant_unique_id=nobody&page=last", "participant_unique_id=%00", "start_date=bad",
    "end_date=bad", "start_date=bad&end_date=bad", "start_date=2025-11-05",
    "start_date=2025-11-05&start_date=bad", "start_date=bad&page=99", "end_date=2025-11-05",
    "page=99&start_date=2025-01-01", "start_date=2025-11-05T10:00:00Z",
]  # fmt: skip


async def test_pages_and_links_are_alike(twin: Twin) -> None:
    person = [{"unique_id": "p é&=+", "role": "moderator"}]
    for day in range(1, 23):
        body = {**BODY, "start_date_time": f"2025-11-{day:02d}T10:00:00Z", "participants": person}
        await twin.ask("POST", LIST, JSON_TYPE, json.dumps(body).encode())
    requests: list[Request] = [("GET", f"{LIST}?{query}", {}, b"") for query in PAGES]
    requests += [("GET", f"{LIST[:-1]}?{query}", {}, b"") for query in PAGES[:6]]
    requests += [("GET", f"{PEOPLE}?{query}", {}, b"") for query in PAGES if "_id" not in query]
    assert await twin.differences(requests) == []
