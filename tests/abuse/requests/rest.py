"""Bodies for REST: forms, multipart, JSON, each large, deep or broken."""

import json
from collections.abc import Iterator

from ..people import People
from .raw import APPOINTMENTS, HOST, Raw, get, head, post

TOKEN = "Authorization: Token TOKEN"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"
PART = b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\n'


def requests(people: People) -> Iterator[Raw]:
    """Returns the requests of this room, each without and with a token."""
    for name, body, media_type in (*forms(), *parts(), *documents()):
        yield Raw(f"{name}-stranger", post(APPOINTMENTS, body, media_type))
        yield Raw(name, post(APPOINTMENTS, body, media_type, TOKEN), True)
    yield from below(people)
    yield from keys(people)


def forms() -> Iterator[tuple[str, bytes, str]]:
    """Forms in the address' own encoding."""
    yield "form-fields", b"&".join(b"a%d=b" % n for n in range(100_000)), FORM
    yield "form-same", b"title=x&" * 120_000, FORM
    yield "form-ampersands", b"&" * 900_000, FORM
    yield "form-equals", b"=" * 900_000, FORM
    yield "form-escapes", b"title=" + b"%41" * 300_000, FORM
    yield "form-bad-escapes", b"title=" + b"%" * 900_000, FORM
    nested = b"&".join(b"participants[%d]unique_id=x" % n for n in range(30_000))
    yield "form-nested", nested, FORM
    yield "form-deep", b"participants" + b"[0]" * 300_000 + b"=x", FORM
    yield "form-index", b"participants[99999999999999]unique_id=x", FORM
    yield "form-flags", b"config." * 100_000 + b"=x", FORM


def parts() -> Iterator[tuple[str, bytes, str]]:
    yield "parts-10000", (PART + b"x\r\n") * 10_000 + b"--b--\r\n", MULTIPART
    yield "part-large", PART + b"x" * 900_000 + b"\r\n--b--\r\n", MULTIPART
    yield "part-open", PART + b"x" * 900_000, MULTIPART
    yield "part-headers", b"--b\r\n" + b"X-A: b\r\n" * 100_000 + b"\r\nx\r\n--b--", MULTIPART
    yield "part-header-long", b"--b\r\nX-A: " + b"x" * 900_000 + b"\r\n\r\nx\r\n--b--", MULTIPART
    disposition = (
        b'--b\r\nContent-Disposition: form-data; name="' + b'\\"' * 300_000 + b'"\r\n\r\nx\r\n--b--'
    )
    yield "part-name", disposition, MULTIPART
    yield "part-dashes", b"--b" * 300_000, MULTIPART
    yield "part-line-ends", b"\r\n" * 450_000, MULTIPART
    yield "part-near-boundary", PART + b"\r\n--a" * 180_000 + b"\r\n--b--", MULTIPART
    yield "boundary-none", PART, "multipart/form-data"
    yield "boundary-long", PART, "multipart/form-data; boundary=" + "b" * 20_000
    file = b'--b\r\nContent-Disposition: form-data; name="title"; filename="x"\r\n\r\n'
    yield "part-files", (file + b"x\r\n") * 8_000 + b"--b--\r\n", MULTIPART


def documents() -> Iterator[tuple[str, bytes, str]]:
    kind = "application/json"
    yield "json-deep-33", b"[" * 33 + b"]" * 33, kind
    yield "json-deep-400000", b"[" * 400_000 + b"]" * 400_000, kind
    yield "json-open", b'{"a":' * 180_000, kind
    people = [{"unique_id": n, "role": "nobody", "x": [n]} for n in range(20_000)]
    yield "json-bad-people", json.dumps({"participants": people}).encode(), kind
    unknown = {f"unknown{n}": n for n in range(50_000)}
    yield "json-unknown", json.dumps(unknown).encode(), kind
    yield "json-title", json.dumps({"title": " " * 900_000}).encode(), kind
    yield "json-surrogate", b'{"title":"\\ud800","participants":[{"unique_id":"\\udfff"}]}', kind
    yield "json-digits", b'{"duration_minutes":' + b"9" * 900_000 + b"}", kind
    yield "json-instant", json.dumps({"start_date_time": "2" * 900_000}).encode(), kind
    yield "json-batch", b"[" + b",".join([b"{}"] * 200_000) + b"]", kind
    yield "json-config", json.dumps({"config": unknown}).encode(), kind
    yield "json-20-mb", b" " * (20 << 20), kind


def below(people: People) -> Iterator[Raw]:
    """Below one appointment."""
    one = f"{APPOINTMENTS}{people.appointment}/"
    ids = json.dumps({"participant_ids": ["x" * 36] * 20_000}).encode()
    yield Raw(
        "remove-20000", post(f"{one}participants/remove/", ids, "application/json", TOKEN), True
    )
    same = json.dumps([{"unique_id": "u", "role": "participant"}] * 15_000).encode()
    yield Raw("add-15000", post(f"{one}participants/add/", same, "application/json", TOKEN), True)
    crowd = f"{APPOINTMENTS}{people.crowded}/participants/"
    yield Raw("crowd", get(f"{crowd}?page_size=1000", TOKEN), True)
    yield Raw("crowd-page-huge", get(f"{crowd}?page=99999999", TOKEN), True)
    yield Raw("appointment-crowded", get(f"{APPOINTMENTS}{people.crowded}/", TOKEN), True)
    yield Raw("list-last-page", get(f"{APPOINTMENTS}?page=500&page_size=100", TOKEN), True)
    one = f"{APPOINTMENTS}00000000-0000-7000-8000-000000000000/"
    for method in ("PATCH", "DELETE"):
        lines = (HOST, TOKEN, "Content-Type: application/json", "Content-Length: 999999")
        yield Raw(f"{method.lower()}-cut-off", head(f"{method} {one} HTTP/1.1", *lines), True)


def keys(people: People) -> Iterator[Raw]:
    """Keys that are hard to read, and one under which much is kept."""
    for name, key in (
        ("quotes", '"' + '\\"' * 500),
        ("backslashes", '"' + "\\" * 1_000),
        ("parameters", '"a"' + ';a="' * 239),
        ("long", '"' + "k" * 30_000 + '"'),
        ("same", "\r\nIdempotency-Key: ".join(["k"] * 90)),
    ):
        line = f"Idempotency-Key: {key}"
        yield Raw(f"key-{name}", post(APPOINTMENTS, b"{}", "application/json", TOKEN, line), True)
    crowd = f"{APPOINTMENTS}{people.crowded}/participants/add/"
    for n in range(2):
        line = f"Idempotency-Key: crowd-{n}"
        yield Raw(f"key-crowd-{n}", post(crowd, b"[]", "application/json", TOKEN, line), True)
