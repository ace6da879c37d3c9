"""Bodies that are too large, cut off, or made to hurt; and the decoder that both faces share."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rest.input.forms import MalformedForm, parse_fields, parse_multipart
from rest.wire.body import MAX_BYTES, ClientGone
from schema.decoding import MalformedJson, decode
from tests.rest.site import BODY, LIST, Site

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=XX"}
UNKNOWN = "0190a5f6-0000-7000-8000-000000000000"
TOO_LARGE = {"detail": "The body is larger than 1048576 bytes: send less in one request."}


async def test_a_body_of_one_mebibyte_is_read_and_one_byte_more_is_not(site: Site) -> None:
    body = json.dumps(BODY).encode()
    fits = await site.ask("POST", LIST, JSON, body.ljust(MAX_BYTES))
    assert fits.status == 201
    for chunks in ([body.ljust(MAX_BYTES + 1)], [body, b" " * MAX_BYTES], [b" " * 999] * 1100):
        reply = await site.ask("POST", LIST, JSON, chunks)
        assert (reply.status, reply.json) == (413, TOO_LARGE)
    assert (await site.ask("GET", LIST)).json["count"] == 1


async def test_a_declared_length_is_refused_without_reading(site: Site) -> None:
    headers = {**JSON, "Content-Length": str(MAX_BYTES + 1)}
    reply = await site.ask("POST", LIST, headers, [])
    assert (reply.status, reply.json) == (413, TOO_LARGE)


async def test_a_missing_appointment_goes_before_a_body_too_large(site: Site) -> None:
    headers = {**JSON, "Content-Length": "99999999999"}
    reply = await site.ask("PATCH", f"{LIST}{UNKNOWN}/", headers, [])
    assert (reply.status, reply.json) == (
        404, {"detail": "No Appointment matches the given query."}
    )  # fmt: skip


@pytest.mark.parametrize("length", ["", "abc", "-1", "1e3", "9" * 5000, "１"])
async def test_a_length_that_is_no_number_is_passed_over(site: Site, length: str) -> None:
    headers = {**JSON, "Content-Length": length.encode().decode("latin-1")}
    reply = await site.ask("POST", LIST, headers, json.dumps(BODY).encode())
    assert reply.status == 201


async def test_a_body_in_many_pieces_is_one_body(site: Site) -> None:
    pieces = [bytes([byte]) for byte in json.dumps(BODY).encode()]
    assert (await site.ask("POST", LIST, JSON, pieces)).status == 201


@pytest.mark.parametrize("path", ["", f"{UNKNOWN}/"])
async def test_a_client_that_goes_away_is_not_answered(site: Site, path: str) -> None:
    with pytest.raises(ClientGone):
        await site.ask("PATCH" if path else "POST", f"{LIST}{path}", JSON, [])
    assert (await site.ask("GET", LIST)).json["count"] == 0


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"a":1,"a":2}', "Duplicate key 'a': line 1 column 8 (char 7)"),
        (b'[{"b":{}},\n {"a":{"x":1,"x":1}}]', "Duplicate key 'x': line 2 column 14 (char 24)"),
        (b'{"a\\"":1,"a\\u0022":2}', "Duplicate key 'a\"': line 1 column 10 (char 9)"),
        (b'{"\\ud800":1,"\\ud800":2}', "Duplicate key '\\ud800': line 1 column 13 (char 12)"),
        (b"[" * 33 + b"]" * 33, "More than 32 levels of nesting: line 1 column 33 (char 32)"),
        (b'{"a":' * 33 + b"1" + b"}" * 33,
         "More than 32 levels of nesting: line 1 column 161 (char 160)"),
        (b"[" * 20_000, "More than 32 levels of nesting: line 1 column 33 (char 32)"),
        (b"[" * 100_000, "More than 20000 values"),
        (b'{"config":{' + b",".join(b'"%d":1' % n for n in range(20_000)) + b"}}",
         "More than 20000 values"),
        (b"[1," * 5_000 + b"1" + b"]" * 5_000,
         "More than 32 levels of nesting: line 1 column 97 (char 96)"),
    ],
)  # fmt: skip
async def test_what_python_lets_pass_is_refused(site: Site, body: bytes, message: str) -> None:
    reply = await site.ask("POST", LIST, JSON, body)
    assert (reply.status, reply.json) == (400, {"detail": f"JSON parse error - {message}"})


@pytest.mark.parametrize("body", [b"[" * 32 + b"]" * 32, b'{"a":' * 32 + b"1" + b"}" * 32])
def test_32_levels_are_read(body: bytes) -> None:
    assert decode(body) == json.loads(body)


def test_brackets_in_text_are_no_levels() -> None:
    value = ["[" * 100, {"{" * 100: "]}" * 10}]
    assert decode(json.dumps(value).encode()) == value


def test_a_lone_surrogate_passes_as_text() -> None:
    assert decode(b'["\\ud800", "\\ud83d\\ude00"]') == ["\ud800", "\U0001f600"]


@settings(deadline=None, max_examples=200)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    ).filter(lambda value: "[" * 33 not in json.dumps(value))
)  # fmt: skip
def test_good_documents_are_read_as_python_reads_them(value: Any) -> None:
    assert decode(json.dumps(value).encode()) == value
    assert decode(json.dumps(value, ensure_ascii=False).encode()) == value


@settings(deadline=None, max_examples=500)
@given(st.binary(max_size=60) | st.text('{}[]":,\\u0eE+-1tfn \x00é').map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        decode(body)
    except MalformedJson as problem:
        assert problem.message


@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.sampled_from([b"--XX", b"\r\n", b"--", b"--XX--", b"Content-Disposition: form-data",
                         b'; name="a"', b'; filename="x"', b"Content-Transfer-Encoding: base64",
                         b"\r\n\r\n", b"TQ=", b"\n", b":", b"\x00\xff"]) | st.binary(max_size=4),
        max_size=14,
    ).map(b"".join)
)  # fmt: skip
def test_any_multipart_is_read_or_refused(body: bytes) -> None:
    try:
        parse_multipart(b"--XX\r\n" + body + b"--XX--", "multipart/form-data", "XX")
    except MalformedForm as problem:
        assert problem.message.startswith("Multipart form parse error - ")


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=80), st.text(max_size=12))
def test_any_form_is_read(body: bytes, charset: str) -> None:
    for name, value in parse_fields(body, charset):
        assert isinstance(name + value, str)


@pytest.mark.parametrize(
    "body",
    [b"garbage", b"--XX\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nM",
     b"--YY\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nM\r\n--YY--\r\n",
     b"--XX\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XX--\r\n",
     b"--XX\r\nno header\r\n--XX--\r\n", b"--XX\nContent-Disposition: form-data\n\nx\n--XX--\n"],
)  # fmt: skip
async def test_a_malformed_multipart_form_is_told(site: Site, body: bytes) -> None:
    reply = await site.ask("POST", LIST, MULTIPART, body)
    assert reply.status == 400
    assert reply.json["detail"].startswith("Multipart form parse error - ")


async def test_a_form_has_at_most_a_hundred_thousand_escapes(site: Site) -> None:
    for text in (b"%" * 100_001, b"%41" * 100_001):
        reply = await site.ask("POST", LIST, FORM, b"title=" + text)
        assert reply.status == 400
        assert "Too many escapes" in reply.json["detail"]
    reply = await site.ask("POST", LIST, FORM, b"title=" + b"%41" * 100_000)
    assert (reply.status, "title" in reply.json) == (400, True)


async def test_a_form_has_at_most_a_thousand_fields(site: Site) -> None:
    pairs = "&".join(f"a{at}=1" for at in range(1001)).encode()
    parts = b"".join(
        b'--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' for _ in range(1001)
    )
    for headers, body in ((FORM, pairs), (MULTIPART, parts + b"--XX--\r\n")):
        reply = await site.ask("POST", LIST, headers, body)
        assert reply.status == 400
        assert "Too many fields: send at most 1000." in reply.json["detail"]


async def test_a_query_string_has_at_most_a_thousand_parameters(site: Site) -> None:
    reply = await site.ask("GET", f"{LIST}?{'&'.join('a=1' for _ in range(1001))}")
    assert (reply.status, reply.json) == (400, {"detail": "Too many fields: send at most 1000."})


@pytest.mark.parametrize("charset", ["zlib", "hex", "rot13", "punycode", "idna", "\x00", "utf-7"])
async def test_strange_charsets_are_taken_for_utf_8(site: Site, charset: str) -> None:
    headers = {"Content-Type": f"application/json; charset={charset}"}
    body = json.dumps({**BODY, "title": "é"}, ensure_ascii=False).encode()
    reply = await site.ask("POST", LIST, headers, body)
    assert (reply.status, reply.json["title"]) == (201, "é")


async def test_an_index_of_any_length_does_no_harm(site: Site) -> None:
    form = f"participants[{'9' * 9000}]role=moderator&participants[{'9' * 4000}]role=x"
    reply = await site.ask("POST", LIST, FORM, form.encode())
    assert reply.status == 400
    assert reply.json["participants"] == [
        {"unique_id": ["This field is required."], "role": ['"x" is not a valid choice.']}
    ]


async def test_marks_within_texts_do_not_count(site: Site) -> None:
    body = {**BODY, "notes": '{[:,\\\\"' * 60_000}
    assert (await site.ask("POST", LIST, JSON, json.dumps(body).encode())).status == 201
