"""One raw request: bytes, or a function that makes them as they are sent."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

HOST = "Host: localhost"
APPOINTMENTS = "/api/v1/appointments/"


class Raw(NamedTuple):
    """A request; `patience` is how long an answer is waited for, in seconds.

    A `signed_in` request is sent with `TOKEN` replaced by the text of a token.
    """

    name: str
    parts: bytes | Callable[[], Iterable[bytes]]
    signed_in: bool = False
    patience: float = 0.4


def head(first: str, *lines: str) -> bytes:
    """Returns a first line and headers, ended; Latin-1 as on the wire."""
    return "\r\n".join([first, *lines, "", ""]).encode("latin-1")


def get(target: str, *lines: str) -> bytes:
    return head(f"GET {target} HTTP/1.1", HOST, *lines)


def post(target: str, body: bytes, media_type: str, *lines: str) -> bytes:
    length = f"Content-Length: {len(body)}"
    first = f"POST {target} HTTP/1.1"
    return head(first, HOST, f"Content-Type: {media_type}", length, *lines) + body


def graphql(body: bytes, *lines: str) -> bytes:
    return post("/graphql", body, "application/json", *lines)
