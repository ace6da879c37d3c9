"""Headers that are read before the token is: linear, bounded, and nothing of them is kept."""

import time
from collections.abc import Callable

import httpx2
import pytest

from gateway.docs import prefers_html
from gateway.graphql_request import negotiated
from rest.wire import media

# Each made the earlier parser start again at every quote, or every comma.
COSTLY = (
    'application/json;a=\\"',
    ';a="\\',
    ';a=\\";b',
    ";x=",
    ',";',
    "a/b;q=",
    ",",
    '"',
    "; ",
    ";a=\\",
)
READERS: tuple[Callable[[str], object], ...] = (
    media.read,
    media.accepted,
    negotiated,
    lambda text: media.quality(text, "text/html"),
    media.ranges,
)


def seconds_of(run: Callable[[], object]) -> float:
    began = time.thread_time()
    run()
    return time.thread_time() - began


@pytest.mark.parametrize("part", COSTLY)
def test_a_parameter_is_read_in_linear_time(part: str) -> None:
    text = ";" + part * (200_000 // len(part))
    for tail in ("", '"', "\\"):
        whole = text + tail
        assert seconds_of(lambda whole=whole: media.PARAMETER.findall(whole)) < 1  # type: ignore[misc]


@pytest.mark.parametrize("reader", READERS)
def test_a_header_of_any_length_is_read_in_milliseconds(reader: Callable[[str], object]) -> None:
    def read(text: str) -> None:
        try:
            reader(text)
        except Exception as refused:
            assert getattr(refused, "status", 0) == 406

    for part in COSTLY:
        for length in (1_000, 30_000):
            text = ("application/json" + part * length)[:length]
            assert seconds_of(lambda text=text: read(text)) < 0.02  # type: ignore[misc]


def test_nothing_long_is_remembered() -> None:
    media._read.cache_clear()
    media._accepted.cache_clear()
    media._ranges.cache_clear()
    for number in range(50):
        media.read(f"text/plain;a={number}" + "x" * 2_000)
        media.accepted(f"text/plain;a={number}" + "x" * 2_000)
        media.ranges(f"text/plain;a={number}" + "x" * 2_000)
    for parser in (media._read, media._accepted, media._ranges):
        assert parser.cache_info().currsize == 0


def test_every_face_weighs_an_accept_header_alike() -> None:
    accept = 'text/html;q=0.4, application/json;a="x;q=9";q=0.6'
    assert [each.weight for each in media.ranges(accept)] == [0.4, 0.6]
    assert negotiated(accept) == "application/json"
    assert not prefers_html(accept)
    assert media.accepted(accept) == 0
    assert media.quality("gzip;q=nonsense", "gzip") == 0


async def test_an_endless_accept_counts_as_absent(client: httpx2.AsyncClient) -> None:
    long = {"Accept": ", ".join(["text/x-something"] * 100)}
    short = {"Accept": "text/x-something"}
    for path in ("/api/v1/appointments/", "/graphql?query={__typename}"):
        assert (await client.get(path, headers=short)).status_code == 406
        answer = await client.get(path, headers=long)
        assert answer.status_code in (200, 401)
        assert answer.headers["content-type"].startswith("application/json")


async def test_an_endless_content_type_is_not_supported(
    client: httpx2.AsyncClient, token: str
) -> None:
    kind = "application/json; charset=" + "x" * 2_000
    headers = {"Authorization": f"Token {token}", "Content-Type": kind}
    answer = await client.post("/api/v1/appointments/", headers=headers, content=b"{}")
    assert answer.status_code == 415
    assert answer.json()["detail"].startswith('Unsupported media type "application/json')


def test_a_quoted_value_that_never_ends_is_one_value() -> None:
    kind = media.read('application/json; a="x;y; indent=4')
    assert (kind.main, kind.sub, list(kind.parameters)) == ("application", "json", ["a"])
    assert media.read('text/plain; a="x;\\"y"; b=2').parameters == {"a": 'x;"y', "b": "2"}
