"""Cross-origin requests of frontends on configured origins; every other origin learns nothing."""

import re

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

METHODS = ("GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS")
# Scripts of another origin can read no other headers of an answer than the usual few.
EXPOSED = (
    *("X-Request-Id", "ETag", "Allow", "X-Ignored-Fields", "X-Ignored-Parameters"),
    *("Retry-After", "RateLimit", "RateLimit-Policy", "WWW-Authenticate"),
    "Idempotency-Replayed",
)
MAX_AGE_SECONDS = 600
# Field names of RFC 9110. Clients send headers that we have never heard of, such as `traceparent`
# and `apollographql-client-name`: naming them one by one would break the next client.
FIELD_NAMES = re.compile(r"[\w!#$%&'*+.^`|~, -]{0,2000}", re.ASCII)
NOT_ALLOWED = (
    "This origin may not call from a browser: the operator sets CONNECT_CORS_ORIGINS, exactly as "
    "browsers send it, such as https://app.example.org."
)


class CrossOrigin(CORSMiddleware):
    """Answers preflights, and reflects the headers they ask for."""

    def __init__(self, app: ASGIApp, origins: tuple[str, ...]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=METHODS,
            allow_headers=["*"],
            expose_headers=EXPOSED,
            max_age=MAX_AGE_SECONDS,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """Returns the answer to a preflight: 200, or 400 with the reason."""
        vary = {"Vary": "Origin"}
        if not self.is_allowed_origin(request_headers["origin"]):
            return PlainTextResponse(NOT_ALLOWED, 400, vary)
        asked = request_headers.get("access-control-request-headers", "")
        if not FIELD_NAMES.fullmatch(asked):
            text = "Access-Control-Request-Headers is not a list of field names, or too long."
            return PlainTextResponse(text, 400, vary)
        return super().preflight_response(request_headers)

    async def simple_response(
        self, scope: Scope, receive: Receive, send: Send, request_headers: Headers
    ) -> None:
        """Passes the request on; its answer can be read from a configured origin."""
        origin = request_headers.get("origin")
        if origin is not None and not self.is_allowed_origin(origin):
            # As if it had not been sent: the answer then still varies by origin.
            request_headers = Headers()
        await super().simple_response(scope, receive, send, request_headers)
