"""A bare ASGI application: path to handler, token to organization, bytes out.
`bench/serve.py` runs it on uvicorn; the handlers stand in `reads.py` and `writes.py`."""

import hashlib
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from .. import graphql
from .reads import Reads, detail, node
from .storage import connect
from .writes import Writes

PREFIX = "/api/v1/appointments/"
ADD = "/participants/add/"
NOT_FOUND = b'{"detail":"No Appointment matches the given query."}'
TOKEN_SECONDS = 1.0
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


class Caller(NamedTuple):
    """The organization of a token, remembered for a second."""

    organization_id: str
    name: str
    until: float


class Floor:
    """The whole application; one instance holds the two connections to the file."""

    def __init__(self, path: Path) -> None:
        """Open the file."""
        self.reader = connect(path)
        self.reads = Reads(self.reader)
        self.writes = Writes(connect(path))
        self.callers: dict[bytes, Caller] = {}

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        caller = self.caller(scope)
        if caller is None:
            await answer(send, 401, b'{"detail":"Invalid token."}')
        elif scope["method"] == "GET":
            status, body = self.get(caller, scope)
            await answer(send, status, body)
        else:
            status, body = await self.post(caller, scope["path"], await read(receive))
            await answer(send, status, body)

    def caller(self, scope: dict[str, Any]) -> Caller | None:
        """Name the caller of a request from its `Authorization` header."""
        for name, value in scope["headers"]:
            if name == b"authorization":
                known = self.callers.get(value)
                if known is not None and known.until > time.monotonic():
                    return known
                return self.look_up(value)
        return None

    def look_up(self, header: bytes) -> Caller | None:
        """Find the token by its digest."""
        digest = hashlib.sha256(header.partition(b" ")[2]).hexdigest()
        row = self.reader.execute(
            "SELECT o.id, o.name FROM api_token t JOIN organization o ON o.id = t.organization_id"
            " WHERE t.digest = ? AND t.revoked_at IS NULL AND o.is_active",
            (digest,),
        ).fetchone()
        if row is None:
            return None
        found = Caller(row[0], row[1], time.monotonic() + TOKEN_SECONDS)
        self.callers[header] = found
        return found

    def get(self, caller: Caller, scope: dict[str, Any]) -> tuple[int, bytes]:
        """Answer a read of the REST face."""
        key = scope["path"][len(PREFIX) : -1]
        if not key:
            page = self.reads.page(caller.organization_id, caller.name, scope["query_string"])
            return 200, orjson.dumps(page)
        found = self.reads.one(caller.organization_id, key)
        return (200, orjson.dumps(detail(*found))) if found else (404, NOT_FOUND)

    async def post(self, caller: Caller, path: str, body: bytes) -> tuple[int, bytes]:
        """Answer a write of the REST face, or anything over GraphQL."""
        given = orjson.loads(body)
        organization = caller.organization_id
        if path == "/graphql":
            return 200, orjson.dumps({"data": await self.execute(caller, **given)})
        if path == PREFIX:
            created = await self.writes.create(organization, given, "rest")
            return 201, orjson.dumps(detail(*created))
        found = await self.writes.add(organization, path[len(PREFIX) : -len(ADD)], given)
        return (200, orjson.dumps(detail(*found))) if found else (404, NOT_FOUND)

    async def execute(self, caller: Caller, query: str, variables: dict[str, Any]) -> Any:
        """Answer one of the measured GraphQL documents."""
        if query == graphql.ONE:
            found = self.reads.one(caller.organization_id, variables["id"])
            return {"appointment": found and node(*found)}
        if query == graphql.PAGE:
            page = self.reads.window_connection(caller, variables["from"], variables["until"])
            return {"appointments": page}
        if query == graphql.BY_PARTICIPANT:
            return {"appointments": self.reads.person_connection(caller, variables["who"])}
        given = variables["input"]
        created = await self.writes.create_from_graphql(caller.organization_id, given)
        return {"createAppointment": {"__typename": "Appointment", **node(*created)}}


async def read(receive: Receive) -> bytes:
    """Read the whole body."""
    pieces: list[bytes] = []
    while True:
        message = await receive()
        pieces.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(pieces)


async def answer(send: Send, status: int, body: bytes) -> None:
    """Send a JSON answer."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
