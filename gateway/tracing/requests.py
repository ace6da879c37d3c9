"""A span for each HTTP request, after OpenTelemetry's semantic conventions.

The outermost ASGI middleware, where there are traces. Paths hold access links, so a span shows the
route instead; addresses and headers of callers are left out.
"""

from collections.abc import Sequence

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Tracer, use_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .spans import failed, name_of

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
OTHER_METHOD = "_OTHER"
TAKEN_UP = frozenset({b"traceparent", b"tracestate"})
# Of W3C Trace Context: vendors need not pass on more, and each span keeps it.
MOST_BYTES = 512

_propagator = TraceContextTextMapPropagator()


class TracedRequests:
    """Makes a span of each request, as a part of the trace that its caller names.

    A stream's span ends where the stream begins; sockets have none, only what is asked over them.
    """

    def __init__(self, app: ASGIApp, tracer: Tracer, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._tracer = tracer
        self._paths = {
            each.name: each.path  # type: ignore[attr-defined]
            for each in routes
            if getattr(each, "name", None)
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on within a span."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in METHODS else OTHER_METHOD
        span = self._tracer.start_span(
            method,
            _context(scope),
            SpanKind.SERVER,
            {
                "http.request.method": method,
                "url.scheme": scope["scheme"],
                "network.protocol.version": scope["http_version"],
            },
        )

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._answered(span, scope, method, message["status"])
            await send(message)

        # Errors are told by their status: Telemetry has answered them.
        with use_span(span, record_exception=False, set_status_on_exception=False):
            try:
                await self._app(scope, receive, told)
            except BaseException as error:
                failed(span, name_of(error))
                raise
            finally:
                if scope.get("connect.client_gone"):
                    span.set_attribute("error.type", "client_gone")
                span.end()

    def _answered(self, span: Span, scope: Scope, method: str, status: int) -> None:
        route = self._route(scope)
        if route:
            span.update_name(f"{method} {route}")
            span.set_attributes({"http.route": route, "url.path": route})
        span.set_attribute("http.response.status_code", status)
        span.set_attribute("connect.request_id", scope.get("connect.request_id", ""))
        if status >= 500:
            failed(span, str(status))
        if "connect.stream" in scope:
            span.end()

    def _route(self, scope: Scope) -> str:
        face, operation = scope.get("connect.operation", ("", ""))
        if face == "rest":
            return str(self._paths.get(operation, ""))
        if face == "graphql":
            return "/graphql"
        return str(getattr(scope.get("route"), "path", ""))


def _context(scope: Scope) -> Context:
    carrier = {
        name.decode(): value.decode("latin-1")
        for name, value in scope["headers"]
        if name in TAKEN_UP and len(value) <= MOST_BYTES
    }
    return _propagator.extract(carrier, Context())
