"""A bare ASGI application: path to handler, token to organization, bytes out.
`bench/serve.py` runs it on uvicorn; the handlers are in `reads.py` and `writes.py`."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson

from .. import graphql
from .callers import Caller, Callers
from .reads import Reads, detail, node
from .storage import connect
from .writes import Writes

PREFIX = "/api/v1/appointments/"
ADD = "/participants/add/"
NOT_FOUND = b'{"detail":"No Appointment matches the given query."}'
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


class Floor:
    """The whole application; one instance holds the two connections to the file."""

    def __init__(self, path: Path) -> None:
        reader = connect(path)
        self.reads = Reads(reader)
        self.writes = Writes(connect(path))
        self.callers = Callers(reader)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
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
                return self.callers.named(value)
        return None

    def get(self, caller: Caller, scope: dict[str, Any]) -> tuple[int, bytes]:
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
        given = variables["input"]
        created = await self.writes.create_from_graphql(caller.organization_id, given)
        return {
            "createAppointment": {"__typename": "AppointmentCreated", "appointment": node(*created)}
        }


async def read(receive: Receive) -> bytes:
    pieces: list[bytes] = []
    while True:
        message = await receive()
        pieces.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(pieces)


async def answer(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
