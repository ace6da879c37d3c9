"""How responses stand in a stream: as Server-Sent Events, and as Apollo's multipart has them."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Protocol

import orjson

from rest.wire.answer import render
from rest.wire.stream import Flow
from schema.execution.errors import RequestError
from schema.execution.executor import Delivery
from schema.operation.call import Call
from schema.resolvers.cursors import write_event_cursor

from .figures import Figures, delay

EVENT_STREAM = "text/event-stream"
MULTIPART = "multipart/mixed"


class Framing(Protocol):
    """A format of streams."""

    transport: str
    content_type: bytes
    heartbeat: bytes
    opening: bytes
    closing: bytes

    def response(self, response: dict[str, Any], id: str = "") -> bytes:
        """Returns a response as a part of the stream; `id` is what to resume after."""

    def failure(self, errors: list[dict[str, Any]]) -> bytes:
        """Returns the errors that end a stream."""


class EventStream:
    """graphql-sse in its distinct connections mode."""

    transport = "sse"
    content_type = b"text/event-stream; charset=utf-8"
    # At once, so that whoever stands in between passes the head on.
    opening = heartbeat = b":\n\n"
    closing = b"event: complete\ndata:\n\n"

    def response(self, response: dict[str, Any], id: str = "") -> bytes:
        """Returns a `next` event."""
        place = b"id: %s\n" % id.encode() if id else b""
        return b"%sevent: next\ndata: %s\n\n" % (place, encoded(response))

    def failure(self, errors: list[dict[str, Any]]) -> bytes:
        """Returns the errors as the protocol asks: like a response."""
        return self.response({"errors": errors})


class Multipart:
    """Apollo's multipart subscriptions, `subscriptionSpec=1.0`.

    Each part ends with the boundary of the next: clients wait for it before they look at a part.
    """

    transport = "multipart"
    content_type = b'multipart/mixed;boundary="graphql";subscriptionSpec=1.0'
    heartbeat = b"\r\ncontent-type: application/json\r\n\r\n{}\r\n--graphql"
    opening = b"\r\n--graphql" + heartbeat
    closing = b"--\r\n"

    def response(self, response: dict[str, Any], id: str = "") -> bytes:
        """Returns a part with a payload; what to resume after stands in the payload, if asked."""
        return self._part({"payload": response})

    def failure(self, errors: list[dict[str, Any]]) -> bytes:
        """Returns a part that has errors beside its payload."""
        return self._part({"payload": None, "errors": errors})

    def _part(self, content: dict[str, Any]) -> bytes:
        head = b"\r\ncontent-type: application/json; charset=utf-8\r\n\r\n"
        return b"%s%s\r\n--graphql" % (head, encoded(content))


FRAMINGS: dict[str, Framing] = {EVENT_STREAM: EventStream(), MULTIPART: Multipart()}


def flow(
    framing: Framing, deliveries: AsyncGenerator[Delivery, None], call: Call, figures: Figures
) -> Flow:
    """Returns what streams the deliveries of a subscription."""
    return Flow(
        framing.transport,
        framing.content_type,
        framing.heartbeat,
        _parts(framing, deliveries, call, figures),
    )


async def _parts(
    framing: Framing, deliveries: AsyncGenerator[Delivery, None], call: Call, figures: Figures
) -> AsyncGenerator[bytes, None]:
    """Yields the parts of a stream; an error of the operation ends it like any other response."""
    yield framing.opening
    organization_id, since = call.caller.organization_id, call.now()
    with figures.subscribed(framing.transport):
        try:
            async with aclosing(deliveries):
                async for event, response in deliveries:
                    cursor = write_event_cursor(organization_id, event.seq, event.id)
                    yield framing.response(response, cursor)
                    del response  # It is not needed until the next comes, which may take hours.
                    figures.delivered(
                        framing.transport, delay(event.occurred_at, since, call.now())
                    )
        except RequestError as error:
            yield framing.failure(error.errors)
    yield framing.closing


def whole(framing: Framing, response: dict[str, Any]) -> bytes:
    """Returns a stream of a single response."""
    return framing.opening + framing.response(response) + framing.closing


def encoded(payload: dict[str, Any]) -> bytes:
    """Returns JSON; a lone surrogate that an error quotes is shown as U+FFFD."""
    try:
        return orjson.dumps(payload, option=orjson.OPT_UTC_Z)
    except TypeError:
        return render(payload, 0)
