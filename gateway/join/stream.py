"""The decision about a link as an event stream: told at once, and again whenever it changes."""

from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, aclosing

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from rest.wire.answer import render
from rest.wire.stream import Flow
from schema.operation.call import Services
from schema.resolvers.joining import Visit
from schema.resolvers.waiting import Lobby, watch

from ..crew.counts import Counts
from ..live.figures import Figures
from ..live.streams import Stream
from .answers import HEADERS
from .places import Places
from .view import LinkOutcome, data_of

TRANSPORT = "join"
MEDIA_TYPE = "text/event-stream; charset=utf-8"
NOTHING = b":\n\n"
# Streams bring their own Cache-Control.
LASTING = {name: value for name, value in HEADERS.items() if name != "Cache-Control"}


class DecisionStreams:
    """Opens streams of decisions, as many as there may be."""

    def __init__(self, figures: Figures, counts: Counts | None = None) -> None:
        self._figures = figures
        self._lobby = Lobby()
        self._places = Places(counts=counts)

    def respond(
        self, request: Request, services: Services, token: str, visit: Visit
    ) -> "Response | DecisionStream":
        """Returns the stream of a link that led to `visit` just before; raises Crowded."""
        if request.method == "HEAD":
            response = Response(None, 200, HEADERS, MEDIA_TYPE)
            del response.headers["content-length"]  # Nobody knows it.
            return response
        address = request.client.host if request.client else ""
        self._places.ensure_room(token, address)
        flow = Flow(TRANSPORT, MEDIA_TYPE.encode(), NOTHING, self._parts(services, token, visit))
        return DecisionStream(flow, self._figures, self._places.held(token, address))

    async def _parts(
        self, services: Services, token: str, visit: Visit
    ) -> AsyncGenerator[bytes, None]:
        yield NOTHING  # At once, so that whoever stands in between passes the head on.
        told = None
        async with aclosing(watch(services, self._lobby, token, visit)) as visits:
            async for found in visits:
                data = data_of(LinkOutcome(found))
                lasting = data | {"server_time": None}
                if lasting != told:
                    yield b"data: %s\n\n" % render(data, 0)
                    self._figures.delivered(TRANSPORT)
                    told = lasting


class DecisionStream:
    """A response that goes on; it has its place while it does."""

    def __init__(self, flow: Flow, figures: Figures, place: AbstractContextManager[None]) -> None:
        self.headers = MutableHeaders(LASTING)
        self._flow = flow
        self._figures = figures
        self._place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Streams until the decision is final, the visitor leaves, or the service stops."""
        with self._place, self._figures.counted(TRANSPORT):
            stream = Stream(scope, send, self._flow)
            await stream.serve(receive, tuple(self.headers.raw), self._figures)
