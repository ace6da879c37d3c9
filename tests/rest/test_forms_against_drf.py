"""Given the same form, the face answers what the replica of the original service answers.

Left out: forms that set `config.*`, which DRF loses, and multipart that is malformed (REST.md: C).
"""

from tests.rest.site import LIST
from tests.rest.twin import (
    ADD,
    FORM_TYPE,
    PERSON,
    REMOVE,
    UNKNOWN,
    Request,
    Twin,
    told_apart,
)

START = "title=F&start_date_time=2025-10-30&duration_minutes=60"
PERSON_A = "&participants[0]unique_id=a&participants[0]role=moderator"
FORMS = [
    START + PERSON_A, START, START + "&participants[0].unique_id=a&participants[0].role=moderator",
    START + "&participants[0][unique_id]=a", START + "&participants[1]role=moderator"
    "&participants[1]unique_id=b&participants[0]role=participant&participants[0]unique_id=a",
    START + "&participants[10]role=moderator&participants[10]unique_id=ten"
    "&participants[9]role=moderator&participants[9]unique_id=nine",
    START + "&participants[01]role=moderator&participants[1]unique_id=b",
    START + "&participants=", START + "&participants=x", START + "&participants=[]",
    START + "&participants[0]=x", START + "&participants[0]=x&participants[0]role=moderator",
    START + "&participants[]role=moderator", START + "&participants[0]foo=1",
    START + "&participants[-1]role=moderator", START + "&participants[a]role=moderator",
    START + PERSON_A + "&participants[0]display_name=",
    START + "&participants[0]unique_id=&participants[0]role=",
    "title=&start_date_time=&duration_minutes=" + PERSON_A, "title=a&title=b&" + START[8:],
    "title=%FF&start_date_time=x", "title=%ED%A0%80", "title=a+b%2Bc&" + START[8:] + PERSON_A,
    "title", "=", "&&&", "title=%00", "{}", "title=a;b=c", START + "&participants["
    + "9" * 20 + "]role=moderator&participants[" + "9" * 20 + "]unique_id=b",
    START + PERSON_A + "&participants[0]role%0A=boss",
]  # fmt: skip
LISTS = [
    "[0]unique_id=f1&[0]role=moderator", "[0].unique_id=f1&[0].role=moderator", "", "foo=1",
    "[0]unique_id=f1&[0]role=boss&[1]role=moderator", "unique_id=a&role=moderator", "[0]=x",
    "[1]unique_id=f2&[1]role=moderator&[0]unique_id=f3&[0]role=moderator",
    "%5B0%5Dunique_id=f4&%5B0%5Drole=participant&%5B0%5Ddisplay_name=",
]  # fmt: skip


def without_config(body: str) -> str:
    """A form that sets no configuration leaves `{}` there in DRF, null here (REST.md: C)."""
    return body.replace('"config":{}', '"config":null')


async def form_differences(twin: Twin, requests: list[Request]) -> list[str]:
    """Where an old client would notice, but for the configuration."""
    told = []
    for request in requests:
        ours, theirs = await twin.ask(*request)
        theirs = theirs._replace(body=without_config(theirs.body))
        told += told_apart(request, ours, theirs)
    return told


async def test_forms_are_read_alike(twin: Twin) -> None:
    latin = {"Content-Type": "application/x-www-form-urlencoded; charset=latin-1"}
    requests: list[Request] = [("POST", LIST, FORM_TYPE, form.encode()) for form in FORMS]
    requests += [("POST", ADD, FORM_TYPE, form.encode()) for form in LISTS]
    requests += [
        ("POST", REMOVE, FORM_TYPE, form.encode())
        for form in (f"[0]id={UNKNOWN}", "[0]id=x", "", "[0]id=", "id=x")
    ]
    requests += [
        ("PATCH", PERSON, FORM_TYPE, form.encode())
        for form in ("display_name=Form", "role=participant", "display_name=", "role=", "foo=1")
    ]
    requests += [
        ("POST", LIST, latin, (START.replace("=F", "=%E9") + PERSON_A).encode()),
        ("POST", LIST, FORM_TYPE, (START + PERSON_A).encode().replace(b"=F", b"=\xe9")),
        ("POST", LIST, FORM_TYPE, (START + PERSON_A).replace("=F", "=é").encode()),
        ("POST", LIST, FORM_TYPE, "&".join(f"a{at}=1" for at in range(1000)).encode()),
    ]
    assert await form_differences(twin, requests) == []


def part(name: str, value: str, more: str = "") -> bytes:
    """One part of a multipart form."""
    return f'Content-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}'.encode()


def multipart(parts: list[bytes]) -> bytes:
    """A multipart form with the boundary XX."""
    return b"".join(b"--XX\r\n" + each + b"\r\n" for each in parts) + b"--XX--\r\n"


GOOD = [
    part("title", "M"),
    part("start_date_time", "2025-10-30"),
    part("duration_minutes", "60"),
    part("participants[0]unique_id", "a"),
    part("participants[0]role", "moderator"),
]
BASE64 = 'Content-Disposition: form-data; name="title"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
FILE = '; filename="a.txt"'
MULTIPARTS = [
    GOOD,
    [f"{BASE64}TQ==".encode(), *GOOD[1:]],
    [part("title", "M", FILE), *GOOD[1:]],
    [*GOOD[:3], part("participants", "M", FILE)],
    [*GOOD[:4], part("participants[0]role", "M", FILE)],
    [*GOOD, part("title", "second")],
    [part("title", ""), *GOOD[1:]],
    [part("title", "M", '; filename=""'), *GOOD[1:]],
    [b'Content-Disposition: form-data; name="title"\r\n\r\n\xff', *GOOD[1:]],
    [],
]


async def test_multipart_forms_are_read_alike(twin: Twin) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=XX"}
    quoted = {"Content-Type": 'multipart/form-data; boundary="XX"'}
    requests: list[Request] = [("POST", LIST, headers, multipart(parts)) for parts in MULTIPARTS]
    people = [part("[0]unique_id", "m"), part("[0]role", "moderator")]
    requests += [
        ("POST", LIST, quoted, multipart(GOOD)),
        ("POST", LIST, headers, b""),
        (
            "POST",
            ADD,
            headers,
            multipart(people),
        ),
        ("POST", REMOVE, headers, multipart([part("[0]id", UNKNOWN)])),
        ("PATCH", PERSON, headers, multipart([part("display_name", "MP")])),
    ]
    assert await form_differences(twin, requests) == []
