"""Streaming responses: what a face sends, while the gateway looks after the connection."""

from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple, Protocol

from schema.domain.errors import Problem
from schema.operation.call import Call

from .answer import Header

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class TooManyConnections(Problem):
    """The token holds as many sockets and streams open as it may."""

    code = "too_many_connections"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"This token holds {most} sockets and event streams open, as many as it may: "
            "close one, or subscribe over one socket."
        )


class Flow(NamedTuple):
    """What is streamed: the transport as metrics name it, its type, and what keeps it alive."""

    transport: str
    content_type: bytes
    heartbeat: bytes
    parts: AsyncGenerator[bytes, None]


class Streams(Protocol):
    """Sends streaming responses."""

    async def respond(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        call: Call,
        flow: Flow,
        headers: tuple[Header, ...] = (),
    ) -> None:
        """Streams until the parts end or the client leaves; raises TooManyConnections."""
