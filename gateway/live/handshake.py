"""The handshake of a WebSocket: which paths have one, and which pages may open it."""

from collections.abc import Sequence
from urllib.parse import urlsplit

import orjson
from starlette.types import Scope, Send

from ..middleware.refusals import refuse_upgrade
from .protocol import SUBPROTOCOL

ELSEWHERE = "There is no WebSocket here: connect to /graphql."
FOREIGN = (
    "This page's origin may not open a WebSocket here: the operator lists it in "
    "CONNECT_CORS_ORIGINS."
)


class Origins:
    """The origins of pages that may open a socket: our own host's, and those for CORS."""

    def __init__(self, allowed: Sequence[str], public_url: str) -> None:
        self._any = "*" in allowed
        own = urlsplit(public_url)
        self._allowed = frozenset((*allowed, f"{own.scheme}://{own.netloc}".lower()))

    def welcome(self, scope: Scope) -> bool:
        """Whether the page, if it is one, may; programs send no origin."""
        found = [value for name, value in scope["headers"] if name == b"origin"]
        if not found or self._any:
            return True
        origin = found[0].decode("latin-1").lower()
        # Before a proxy that ends TLS the scheme differs; the host was checked before.
        return len(found) == 1 and (origin in self._allowed or _is_own(origin, scope))


def _is_own(origin: str, scope: Scope) -> bool:
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    try:
        return urlsplit(origin).netloc == host.decode("latin-1").lower() != ""
    except ValueError:
        return False


def offers(scope: Scope) -> bool:
    """Whether the client speaks our protocol."""
    return SUBPROTOCOL in scope["subprotocols"]


async def refuse(send: Send, status: int, message: str, code: str) -> None:
    """Refuses the handshake with an error in the format of GraphQL."""
    body = {"errors": [{"message": message, "extensions": {"code": code}}]}
    await refuse_upgrade(send, status, orjson.dumps(body))
