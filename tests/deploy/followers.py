"""Everything that is pushed, followed at once through a proxy."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, NamedTuple

import httpx2
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.live.changes import EventSource, streamed
from tests.live.talk import SUBPROTOCOL, Talk, init

from .behind import SECONDS, Behind

SUBSCRIPTION = "subscription { events { type appointment { title } } }"
REST_EVENTS = "/api/v1/events/"


class Followers(NamedTuple):
    """One follower by each transport."""

    socket: Talk
    graphql: EventSource
    rest: EventSource
    link: EventSource

    async def hear(self, type: str, title: str) -> None:
        """Waits until each has heard of the change, and as the next thing it hears."""
        told = (await heard(self.socket))["payload"]["data"]["events"]
        assert told == {"type": enumerated(type), "appointment": {"title": title}}
        part = await self.graphql.next(SECONDS)
        assert part is not None and part.data["data"]["events"] == told
        event = await self.rest.next(SECONDS)
        assert event is not None and event.event == type
        decision = await self.link.next(SECONDS)
        assert decision is not None and decision.data["title"] == title


async def heard(socket: Talk) -> Any:
    """Returns the next message, also where a busy machine needs longer than usual for it."""
    for _ in range(2):
        with suppress(TimeoutError):
            return await socket.hear()
    return await socket.hear()


def enumerated(type: str) -> str:
    """Returns what GraphQL calls a type of events."""
    return type.replace(".", "_").upper()


@asynccontextmanager
async def following(
    place: Behind, client: httpx2.AsyncClient, row: dict[str, Any], token: str = ""
) -> AsyncIterator[Followers]:
    """Follows the organization of the token, and the decision about a link of the appointment."""
    async with AsyncExitStack() as stack:
        socket = Talk(await stack.enter_async_context(
            connect(
                f"{place.url.replace('https', 'wss', 1)}/graphql",
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                ssl=place.trust,
                proxy=None,
                open_timeout=SECONDS,
                # Signs of life have to come from the service.
                ping_interval=None,
            )
        ))  # fmt: skip
        await socket.say(init(token or place.token))
        assert await heard(socket) == {"type": "connection_ack"}
        await socket.follow(SUBSCRIPTION)
        enter = stack.enter_async_context
        graphql = await enter(streamed(client, "POST", "/graphql", json={"query": SUBSCRIPTION}))
        rest = await enter(streamed(client, "GET", REST_EVENTS))
        link = await enter(
            streamed(client, "GET", row["participants"][0]["access_link"] + "/events")
        )
        for source in (graphql, rest, link):
            assert source.response.headers["content-type"].startswith("text/event-stream")
        # The decision comes at once; the others say nothing about where they begin.
        decision = await link.next(SECONDS)
        assert decision is not None and decision.data["title"] == row["title"]
        # An answer to a ping comes after what was asked before it.
        await socket.say({"type": "ping"})
        assert (await heard(socket))["type"] == "pong"
        yield Followers(socket, graphql, rest, link)
