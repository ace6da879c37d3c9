"""Handler of the event log: an addition that the original service did not have."""

from schema.operation.call import Call
from schema.resolvers.events import list_events

from . import shapes
from .wire.answer import Answer
from .wire.request import Request


async def list_page(call: Call, request: Request) -> Answer:
    """Returns the events that follow a cursor, or the oldest that are kept."""
    query = request.query
    page = await list_events(
        call, first=query.limit(request.page_size), after=query.values.get("after")
    )
    content = {
        "results": shapes.events(call, page.rows),
        "next_cursor": page.end,
        "has_more": page.has_next,
    }
    return Answer(200, content)
