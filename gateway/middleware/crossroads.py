"""Dispatches requests of the two faces directly, because the router tries every route in turn.

The innermost ASGI middleware.
"""

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

ROOM_PATHS = ("/room", "/room/")


class Gateway(Starlette):
    """Starlette without its error middleware: `Telemetry` handles unexpected errors."""

    def build_middleware_stack(self) -> ASGIApp:
        """Returns the middleware stack without Starlette's outermost layer."""
        within: ASGIApp = super().build_middleware_stack().app  # type: ignore[attr-defined]
        return within


class Crossroads:
    """Dispatches to REST, to GraphQL, to live updates, to rooms, or to the router."""

    def __init__(
        self,
        app: ASGIApp,
        rest_prefix: str,
        rest: ASGIApp,
        graphql: ASGIApp,
        live: ASGIApp,
        room: ASGIApp,
    ) -> None:
        self._app = app
        self._below_rest = rest_prefix + "/"
        self._rest = rest
        self._graphql = graphql
        self._live = live
        self._room = room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on."""
        path = scope["path"] if scope["type"] == "http" else ""
        if path.startswith(self._below_rest):
            await self._rest(scope, receive, send)
        elif path == "/graphql":
            await self._graphql(scope, receive, send)
        elif scope["type"] == "websocket":
            face = self._room if scope["path"] in ROOM_PATHS else self._live
            await face(scope, receive, send)
        else:
            await self._app(scope, receive, send)
