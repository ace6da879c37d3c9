"""Reads the bytes of a request's body, up to a limit."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from schema.domain.errors import Problem

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

MAX_BYTES = 1024 * 1024


class BodyTooLarge(Problem):
    """The body has more bytes than are read."""

    code = "body_too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body is larger than {limit} bytes: send less in one request.")


class ClientGone(Exception):
    """The client went away before it had sent its body: there is nobody left to answer."""


async def read_body(
    headers: Iterable[tuple[bytes, bytes]], receive: Receive, limit: int = MAX_BYTES
) -> bytes:
    """Returns the whole body; raises BodyTooLarge over `limit` bytes, ClientGone when it ends."""
    if _declared(headers) > limit:
        raise BodyTooLarge(limit)
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        body: bytes = message.get("body", b"")
        return _within(limit, body, len(body))
    return await _read_on(message, receive, limit)


async def _read_on(message: MutableMapping[str, Any], receive: Receive, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while message["type"] == "http.request":
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        chunks.append(_within(limit, chunk, size))
        if not message.get("more_body"):
            return b"".join(chunks)
        message = await receive()
    raise ClientGone


def _declared(headers: Iterable[tuple[bytes, bytes]]) -> int:
    for name, value in headers:
        if name == b"content-length" and len(value) < 20 and value.isdigit():
            return int(value)
    return 0


def _within(limit: int, chunk: bytes, size: int) -> bytes:
    if size > limit:
        raise BodyTooLarge(limit)
    return chunk
