"""The event log as Server-Sent Events: what follows a cursor, then what happens."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from db.models import LoggedEvent
from schema.operation.budget import afford
from schema.operation.call import Call
from schema.resolvers.events import follow_events

from . import shapes
from .wire.answer import Answer, render
from .wire.request import Request
from .wire.stream import Flow

CONTENT_TYPE = b"text/event-stream; charset=utf-8"
COMMENT = b":\n\n"


async def follow(call: Call, request: Request) -> Answer:
    """Returns the events after `Last-Event-ID` or `after`, without either those from now on."""
    after = request.header(b"last-event-id") or request.query.values.get("after")
    events = await follow_events(call, after)
    return Answer(200, Flow("events", CONTENT_TYPE, COMMENT, _parts(call, events)))


async def _parts(
    call: Call, events: AsyncGenerator[LoggedEvent, None]
) -> AsyncGenerator[bytes, None]:
    # At once, so that whoever stands in between passes the head on.
    yield COMMENT
    async with aclosing(events):
        async for event in events:
            await afford(call, 1)
            await call.services.pace.wait()
            (shown,) = shapes.events(call, (event,))
            kind, data = event.type.encode(), render(shown, 0)
            yield b"id: %s\nevent: %s\ndata: %s\n\n" % (shown["cursor"].encode(), kind, data)
