"""What is traced, put together: spans go from here to the collector, on a thread of their own."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import cast

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from db.engine import Database
from db.ids import new_id
from schema.execution.options import GraphQLOptions, Trusted

from ..crew import Crew
from ..graphql_operation import Observe, Operations
from ..version import VERSION
from .database import TracedDatabase
from .exporting import Exporting
from .operations import TracedOperations
from .reasons import Reasons
from .replies import session
from .requests import TracedRequests

NAME = "consularia-connect"
# What a stop may take besides: whoever stopped us has not much patience.
FLUSH_SECONDS = 3.0
# Of each attribute: none of ours is longer but what clients name their operations.
MOST_CHARACTERS = 128
PATH = "/v1/traces"


class Traced:
    """Traces of one process.

    Its queue holds 2,048 spans and drops what comes when it is full; requests never wait for it.
    """

    def __init__(self, endpoint: str, crew: Crew | None) -> None:
        self._endpoint = endpoint if endpoint.endswith(PATH) else endpoint + PATH
        self._provider = TracerProvider(
            resource=_resource(crew),
            span_limits=SpanLimits(max_attribute_length=MOST_CHARACTERS),
            shutdown_on_exit=False,
        )
        self._tracer = self._provider.get_tracer(NAME, VERSION)

    def middleware(self, routes: Sequence[BaseRoute]) -> list[Middleware]:
        """Returns what makes a span of each request."""
        return [Middleware(TracedRequests, tracer=self._tracer, routes=routes)]

    def operations(
        self, options: GraphQLOptions, trusted: Trusted | None, observe: Observe
    ) -> Operations:
        """Returns the operations of GraphQL, each with a span."""
        return TracedOperations(self._tracer, options, trusted, observe)

    def database(self, database: Database) -> Database:
        """Returns the database, with a span for each statement and each write."""
        return cast(Database, TracedDatabase(database, self._tracer))

    def running(self) -> AbstractAsyncContextManager[None]:
        """Sends spans while the block runs, and what is left of them at its end."""
        return self._running()

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[None]:
        # Its own lines repeat the same error at every attempt; ours say when that begins and ends.
        reasons = Reasons()
        reasons.begin()
        sender = OTLPSpanExporter(endpoint=self._endpoint, session=session())
        exporter = Exporting(sender, self._endpoint, reasons)
        # Begun here, and not before: it begins a thread, and processes fork while they start.
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        try:
            yield
        finally:
            await _ended(self._provider)
            exporter.shutdown()


async def _ended(provider: TracerProvider) -> None:
    """Sends what is left, for `FLUSH_SECONDS` at most: a collector may be slow, or away."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def end() -> None:
        with suppress(Exception):
            provider.shutdown()
        with suppress(RuntimeError):  # The loop is closed: nobody waits any more.
            loop.call_soon_threadsafe(done.set)

    # Not one of the loop's threads, for which the end of the process would wait.
    threading.Thread(target=end, name="traces-end", daemon=True).start()
    with suppress(TimeoutError):
        async with asyncio.timeout(FLUSH_SECONDS):
            await done.wait()


def _resource(crew: Crew | None) -> Resource:
    own = {"service.name": NAME, "service.version": VERSION, "service.instance.id": new_id()}
    if crew is not None:
        own["connect.worker"] = str(crew.number)
    # OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES take precedence.
    return Resource.create(own).merge(OTELResourceDetector().detect())
