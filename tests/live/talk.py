"""Talks graphql-transport-ws with a server, message by message."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

SUBPROTOCOL = "graphql-transport-ws"
SECONDS = 10.0


class Closed(Exception):
    """The server closed the socket."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


class Talk:
    """An open WebSocket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def say(self, message: Any) -> None:
        """Sends a message; text and bytes as they are."""
        is_raw = isinstance(message, str | bytes)
        try:
            await self.socket.send(message if is_raw else json.dumps(message))
        except ConnectionClosed:
            return  # What it was closed with is heard next.

    async def hear(self) -> Any:
        """Returns the next message; raises Closed when there is none."""
        try:
            text = await asyncio.wait_for(self.socket.recv(), SECONDS)
        except ConnectionClosed as closed:
            assert closed.rcvd is not None, "broken off without a closing frame"
            raise Closed(closed.rcvd.code, closed.rcvd.reason) from None
        assert isinstance(text, str), "clients in browsers cannot read binary frames"
        return json.loads(text)

    async def ending(self) -> Closed:
        """Returns what the server closes with, whatever it says before."""
        while True:
            try:
                await self.hear()
            except Closed as closed:
                return closed

    async def ask(self, query: str, id: str = "1", **payload: Any) -> list[Any]:
        """Runs an operation; returns its messages up to the last one."""
        await self.say({"id": id, "type": "subscribe", "payload": {"query": query, **payload}})
        heard = []
        while True:
            heard.append(await self.hear())
            if heard[-1]["type"] in ("complete", "error"):
                return heard

    async def follow(self, query: str, id: str = "1", **payload: Any) -> None:
        """Begins a subscription."""
        await self.say({"id": id, "type": "subscribe", "payload": {"query": query, **payload}})


@asynccontextmanager
async def opened(
    port: int,
    *,
    subprotocols: tuple[str, ...] = (SUBPROTOCOL,),
    path: str = "/graphql",
    **options: Any,
) -> AsyncIterator[Talk]:
    """Opens a socket without a word."""
    async with connect(
        f"ws://127.0.0.1:{port}{path}",
        subprotocols=[Subprotocol(each) for each in subprotocols] or None,
        **{"proxy": None, "open_timeout": SECONDS, "close_timeout": 2} | options,
    ) as socket:
        yield Talk(socket)


@asynccontextmanager
async def greeted(port: int, token: str, **options: Any) -> AsyncIterator[Talk]:
    """Opens a socket and is known."""
    async with opened(port, **options) as talk:
        await talk.say(init(token))
        assert await talk.hear() == {"type": "connection_ack"}
        yield talk


def init(token: str) -> dict[str, Any]:
    """The first message."""
    return {"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}
