"""Errors that the gateway itself answers, in the format of the face that was called."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import orjson
from starlette.types import Message, Scope, Send

JSON = b"application/json"


class Faces:
    """Tells which face a path belongs to."""

    def __init__(self, rest_prefix: str) -> None:
        self.rest_prefix = rest_prefix
        # The codes of what was refused before a face saw it.
        self.errors: Counter[str] = Counter()

    def refusal(self, scope: Scope, code: str, message: str) -> bytes:
        """Returns the body of an error in the format of the face that was called; counts it."""
        self.errors[code] += 1
        if scope["path"].startswith("/graphql"):
            return orjson.dumps({"errors": [{"message": message, "extensions": {"code": code}}]})
        body = {"detail": message}
        # REST answers as it is documented; elsewhere, as at links, the doctor knows us by the code.
        if not scope["path"].startswith(self.rest_prefix):
            body["code"] = code
        return orjson.dumps(body)

    def is_api(self, path: str) -> bool:
        """Whether the path belongs to a face, which needs to know the caller."""
        return path.startswith(self.rest_prefix) or path.startswith("/graphql")


async def answer(
    send: Send,
    status: int,
    body: bytes,
    headers: Sequence[tuple[bytes, bytes]] = (),
    media_type: bytes = JSON,
) -> None:
    """Sends a complete response."""
    start: dict[str, Any] = {
        "type": "http.response.start",
        "status": status,
        "headers": [
            (b"content-type", media_type),
            (b"content-length", str(len(body)).encode()),
            *headers,
        ],
    }
    await send(start)
    await send({"type": "http.response.body", "body": body})


async def refuse_upgrade(
    send: Send, status: int, body: bytes, headers: Sequence[tuple[bytes, bytes]] = ()
) -> None:
    """Answers the handshake of a WebSocket like any other request: no socket is opened."""

    async def as_upgrade(message: Message) -> None:
        await send({**message, "type": f"websocket.{message['type']}"})

    await answer(as_upgrade, status, body, headers)
