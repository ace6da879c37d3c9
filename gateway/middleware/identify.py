"""Authentication: token → Caller, looked up at most once a second for each token.

Plain ASGI middleware. It rejects no request: each face decides when a missing or invalid token
matters, because the REST contract puts other checks first.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from db.engine import DatabaseUnavailable
from db.models import TokenRow
from db.queries import system
from schema.domain import tokens
from schema.domain.token_text import (
    LEAST_CHARACTERS,
    PREFIX,
    checksum_holds,
    digest,
    looks_minted,
)
from schema.domain.tokens import refusal_of
from schema.operation.arrival import Arrival, Stranger
from schema.operation.call import Caller, Services

from .refusals import Faces, answer, refuse_upgrade

Headers = Iterable[tuple[bytes, bytes]]

log = structlog.get_logger("connect.identify")

KEYWORDS = frozenset({b"token", b"bearer", b"api-key"})
# Revoking a token takes effect within a second, also from the command line.
REMEMBERED_SECONDS = 0.9
MAX_REMEMBERED = 10_000
USED_EVERY = timedelta(minutes=1)

MISSING = Stranger("missing", "Authentication credentials were not provided.")
NO_TOKEN = Stranger("malformed", "Invalid token header. No credentials provided.")
SPACES = Stranger("malformed", "Invalid token header. Token string should not contain spaces.")
CHARACTERS = Stranger(
    "malformed", "Invalid token header. Token string should not contain invalid characters."
)
# What a client sends that takes the header for an API key, and so leaves out the keyword.
NO_KEYWORD = Stranger(
    "malformed",
    "Invalid token header. Write `Bearer` or `Token` and a space before the token: "
    "`Authorization: Bearer <token>`.",
)
INVALID = Stranger(*tokens.INVALID)


class CachedToken(NamedTuple):
    """A token that was found; looked up again after `until`, in seconds of the event loop."""

    row: TokenRow
    caller: Caller
    until: float


class Identify:
    """Puts `connect.arrival` into the scope of every request to an API."""

    def __init__(self, app: ASGIApp, faces: Faces) -> None:
        self._app = app
        self._faces = faces
        self._known: OrderedDict[str, CachedToken] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Identifies the caller and passes the request on."""
        if scope["type"] in ("http", "websocket") and self._faces.is_api(scope["path"]):
            services: Services = scope["state"]["services"]
            try:
                caller = await self._caller(token_of(scope["headers"]), services)
            except DatabaseUnavailable as error:
                await self._unavailable(scope, send, error)
                return
            scope["connect.arrival"] = Arrival(caller, services, scope["connect.request_id"])
            if scope["type"] == "websocket":
                # Browsers cannot send a header with a handshake: their token comes later.
                scope["connect.identify"] = partial(self._identify, scope)
        await self._app(scope, receive, send)

    async def _identify(self, scope: Scope, headers: Headers) -> Arrival:
        """Returns who sends these headers; raises DatabaseUnavailable."""
        services: Services = scope["state"]["services"]
        caller = await self._caller(token_of(headers), services)
        return Arrival(caller, services, scope["connect.request_id"])

    async def _unavailable(self, scope: Scope, send: Send, error: DatabaseUnavailable) -> None:
        log.error("database_unavailable", request_id=scope["connect.request_id"], reason=str(error))
        message = "The database cannot be reached at the moment. Try again."
        body = self._faces.refusal(scope, "UNAVAILABLE", message)
        refuse = refuse_upgrade if scope["type"] == "websocket" else answer
        await refuse(send, 503, body, [(b"retry-after", b"5")])

    async def _caller(self, token: str | Stranger, services: Services) -> Caller | Stranger:
        if isinstance(token, Stranger):
            return token
        key = digest(token)
        known = self._known.get(key)
        if known is None or known.until < asyncio.get_running_loop().time():
            if looks_minted(token) and not checksum_holds(token):
                return INVALID  # A wrong checksum means a typing error: no need to look it up.
            known = await self._look_up(key, services)
        if known is None:
            return INVALID
        refusal = refusal_of(known.row, services.clock.now())
        return known.caller if refusal is None else Stranger(*refusal)

    async def _look_up(self, key: str, services: Services) -> CachedToken | None:
        try:
            async with (
                asyncio.timeout(services.operation_seconds),
                services.database.read() as transaction,
            ):
                row = await system.token_by_digest(transaction, key)
        except TimeoutError:
            raise DatabaseUnavailable("every reader is busy") from None
        if row is None:
            self._known.pop(key, None)
            return None
        until = asyncio.get_running_loop().time() + REMEMBERED_SECONDS
        known = self._known[key] = CachedToken(row, _caller_of(row), until)
        if len(self._known) > MAX_REMEMBERED:
            self._known.popitem(last=False)
        now = services.clock.now()
        if row.last_used_at is None or now - row.last_used_at > USED_EVERY:
            services.spawn(_remember_use(services, row.id, now))
        return known


async def _remember_use(services: Services, id: str, now: datetime) -> None:
    try:
        async with services.database.write() as transaction:
            await system.token_used(transaction, id, now)
    except Exception:
        # Runs in the background: without this, a locked database would log an unhandled error.
        log.warning("last_use_not_remembered", token_id=id)


def _caller_of(row: TokenRow) -> Caller:
    return Caller(
        organization_id=row.organization_id,
        organization_name=row.organization_name,
        token_id=row.id,
        token_name=row.name,
        scopes=tuple(row.scopes.split()),
    )


def token_of(headers: Headers) -> str | Stranger:
    """Reads the token from `Authorization: Token|Bearer|Api-Key K` or `X-API-Key: K`."""
    key: bytes | None = None
    nothing = MISSING
    for name, value in headers:
        if name == b"authorization":
            keyword, *parts = value.split() or [b""]
            if keyword.lower() in KEYWORDS:
                return _read(parts)
            if not parts and _looks_like_token(keyword):
                nothing = NO_KEYWORD
        elif name == b"x-api-key":
            key = value
    return nothing if key is None else _read(key.split())


def _looks_like_token(word: bytes) -> bool:
    # The name of another scheme alone, such as `Negotiate`, is shorter than any token.
    return len(word) >= LEAST_CHARACTERS or word.startswith(PREFIX.encode())


def _read(parts: list[bytes]) -> str | Stranger:
    if not parts:
        return NO_TOKEN
    if len(parts) > 1:
        return SPACES
    try:
        return parts[0].decode()
    except UnicodeDecodeError:
        return CHARACTERS
