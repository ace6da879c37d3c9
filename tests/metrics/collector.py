"""A collector that takes spans as OTLP over HTTP has them."""

import gzip
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as ProtoSpan

SECONDS = 30.0


class Span(NamedTuple):
    """A span as the collector was told of it."""

    name: str
    kind: str
    trace_id: str
    id: str
    parent_id: str
    attributes: dict[str, Any]
    events: list[str]
    is_error: bool
    resource: dict[str, Any]


class Collector:
    """Listens on the loopback; answers with `status` and `mib` MiB, after `delay` seconds."""

    def __init__(self, status: int = 200, delay: float = 0.0, mib: int = 0) -> None:
        self.status = status
        self.mib = mib
        self.told = 0
        self.delay = delay
        self.spans: list[Span] = []
        self.text = b""
        self.asked = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.take(self)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def take(self, request: BaseHTTPRequestHandler) -> None:
        self.asked += 1
        body = request.rfile.read(int(request.headers["content-length"]))
        time.sleep(self.delay)
        if request.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        if self.status == 200 and request.path == "/v1/traces":
            self.text += body
            self.spans += decoded(body)
        request.send_response(self.status)
        request.send_header("content-length", str(self.mib << 20))
        request.end_headers()
        with suppress(OSError):
            for _ in range(self.mib):
                request.wfile.write(bytes(1 << 20))
                self.told += 1

    def until(self, what: Callable[[list[Span]], bool]) -> list[Span]:
        """Waits until it is so of the spans that have come."""
        deadline = time.monotonic() + SECONDS
        while not what(self.spans):
            assert time.monotonic() < deadline, [each.name for each in self.spans]
            time.sleep(0.05)
        return list(self.spans)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def decoded(body: bytes) -> list[Span]:
    request = ExportTraceServiceRequest.FromString(body)
    return [
        Span(
            span.name,
            ProtoSpan.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
            span.trace_id.hex(),
            span.span_id.hex(),
            span.parent_span_id.hex(),
            _values(span.attributes),
            [event.name for event in span.events],
            span.status.code == 2,
            _values(resource.resource.attributes),
        )
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def _values(attributes: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}
