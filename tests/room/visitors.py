"""People in a room: they join through their links and talk with its socket, message by message."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

LIST = "/api/v1/appointments/"
SECONDS = 20.0
NAMES = ("Anna Keller", "Ben Ode", "Chi Lan", "Dora Maar", "Emil Post", "Fay Wray", "Gus Hall")


class Visitor:
    """Somebody at an open socket; `seat` and `key` are known once they were seated."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.seat = self.key = ""
        self.code: int | None = None

    async def say(self, type: str, **fields: Any) -> None:
        """Sends a message."""
        await self.send(json.dumps({"type": type, **fields}))

    async def send(self, raw: str | bytes) -> None:
        """Sends a frame as it is."""
        try:
            await self.socket.send(raw)
        except ConnectionClosed:
            return  # What it was closed with is heard next.

    async def hear(self) -> dict[str, Any]:
        """Returns the next message; `{"type": "closed"}` once the socket is closed."""
        try:
            text = await asyncio.wait_for(self.socket.recv(), SECONDS)
        except ConnectionClosed as closed:
            self.code = closed.rcvd.code if closed.rcvd else 1006
            return {"type": "closed", "code": self.code}
        assert isinstance(text, str), "browsers would be handed a Blob"
        message: dict[str, Any] = json.loads(text)
        if message["type"] in ("seated", "waiting"):
            self.seat, self.key = message["you"], message["key"]
        return message

    async def expect(self, type: str) -> dict[str, Any]:
        """Returns the next message, which has to be of this type."""
        message = await self.hear()
        assert message["type"] == type, message
        return message

    async def until(self, type: str, **fields: Any) -> dict[str, Any]:
        """Returns the next message of this type with these fields; skips others."""
        while True:
            message = await self.hear()
            if message["type"] == type and fields.items() <= message.items():
                return message
            assert message["type"] != "closed", message

    async def quiet(self) -> None:
        """Makes sure that nothing was said before the answer to a ping."""
        await self.say("ping")
        await self.expect("pong")

    async def over(self) -> tuple[str, int]:
        """Returns the last word and the code of the close, whatever is said before."""
        word = ""
        while True:
            message = await self.hear()
            if message["type"] == "closed":
                return word, message["code"]
            word = message["code"] if message["type"] == "over" else word


class Meeting:
    """An appointment that is open now, and the links of its people: the first is a moderator."""

    def __init__(self, client: httpx2.AsyncClient, port: int, row: dict[str, Any]) -> None:
        self.client = client
        self.port = port
        self.id = row["id"]
        self.people: list[dict[str, Any]] = row["participants"]

    async def ticket(self, who: int) -> str:
        """Joins through a link; returns the ticket."""
        link = self.people[who]["access_link"]
        path = link[link.index("/join/") :]
        answer = await self.client.post(path, headers={"Accept": "application/json"})
        assert answer.status_code == 200, answer.text
        room = answer.json()["room"]
        assert room["socket"] == "/room"
        return str(room["ticket"])

    @asynccontextmanager
    async def opened(self, port: int | None = None, **options: Any) -> AsyncIterator[Visitor]:
        """Opens a socket without a word."""
        async with socket(port or self.port, **options) as visitor:
            yield visitor

    @asynccontextmanager
    async def entered(self, who: int, port: int | None = None) -> AsyncIterator[Visitor]:
        """Enters, and hears that."""
        async with self.opened(port) as visitor:
            await visitor.say("enter", ticket=await self.ticket(who))
            await visitor.until("seated")
            yield visitor

    @asynccontextmanager
    async def resumed(self, before: Visitor, port: int | None = None) -> AsyncIterator[Visitor]:
        """Comes back on another socket, without having heard anything yet."""
        async with self.opened(port) as visitor:
            await visitor.say("resume", seat=before.seat, key=before.key)
            yield visitor


@asynccontextmanager
async def socket(port: int, path: str = "/room", **options: Any) -> AsyncIterator[Visitor]:
    """Opens a socket of the room."""
    async with connect(
        f"ws://127.0.0.1:{port}{path}",
        **{"proxy": None, "open_timeout": SECONDS, "close_timeout": 1, "ping_interval": None}
        | options,
    ) as found:
        yield Visitor(found)


async def meet(
    client: httpx2.AsyncClient,
    port: int,
    count: int = 3,
    now: datetime | None = None,
    **config: bool,
) -> Meeting:
    """Books an appointment that has just begun."""
    start = (now or datetime.now(UTC)) - timedelta(minutes=1)
    people = [
        {
            "unique_id": name,
            "display_name": name,
            "role": "participant" if number else "moderator",
        }
        for number, name in enumerate(NAMES[:count])
    ]
    body = {
        "title": "Passport renewal",
        "start_date_time": start.isoformat(),
        "duration_minutes": 30,
        "participants": people,
        "config": config or None,
    }
    answer = await client.post(LIST, json={k: v for k, v in body.items() if v is not None})
    assert answer.status_code == 201, answer.text
    row = answer.json()
    by_name = {each["display_name"]: each for each in row["participants"]}
    row["participants"] = [by_name[name] for name in NAMES[:count]]
    return Meeting(client, port, row)
