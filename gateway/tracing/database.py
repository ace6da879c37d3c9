"""A span for each statement and each write that belongs to a trace.

Statements are told by the names that they have in `db/statements/`; their values are not told.
"""

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Self, TypeVar, cast

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Tracer, set_span_in_context

from db.engine import Database, Reading, Transaction
from db.statement import Statement

from .spans import failed, is_traced, name_of

R = TypeVar("R")
T = TypeVar("T")


class TracedDatabase:
    """A database whose statements make spans; in all else the database itself."""

    def __init__(self, database: Database, tracer: Tracer) -> None:
        self._database = database
        self._tracer = tracer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def read(self, organization_id: str = "") -> Reading:
        """Opens a read-only transaction."""
        reading = self._database.read(organization_id)
        if not is_traced():
            return reading
        return cast(Reading, TracedReading(reading, self._tracer))

    def write(self, organization_id: str = "") -> AbstractAsyncContextManager[Transaction]:
        """Opens a transaction that is durable once its block has ended without an error."""
        if not is_traced():
            return self._database.write(organization_id)
        return self._writing(organization_id)

    @asynccontextmanager
    async def _writing(self, organization_id: str) -> AsyncIterator[Transaction]:
        system = {"db.system.name": self._database.dialect}
        span = self._tracer.start_span("write", kind=SpanKind.CLIENT, attributes=system)
        within = set_span_in_context(span)
        try:
            async with self._database.write(organization_id) as transaction:
                # Before, it waited for its turn; afterwards for its commit, maybe with others.
                span.add_event("begun")
                yield TracedTransaction(transaction, self._tracer, within)
                span.add_event("committing")
        except BaseException as error:
            failed(span, name_of(error))
            raise
        finally:
            span.end()


class TracedTransaction:
    """A transaction whose statements make spans."""

    def __init__(
        self, transaction: Transaction, tracer: Tracer, context: Context | None = None
    ) -> None:
        self._transaction = transaction
        self._tracer = tracer
        self._context = context
        self.dialect = transaction.dialect

    async def fetch(self, statement: Statement[R], values: Mapping[str, Any], /) -> list[R]:
        """Runs the statement and returns its rows."""
        if self._context is None and not is_traced():
            return await self._transaction.fetch(statement, values)
        return await _ended(self._span(statement), self._transaction.fetch(statement, values))

    async def execute(self, statement: Statement[Any], values: Mapping[str, Any], /) -> int:
        """Runs the statement and returns how many rows it changed."""
        return await _ended(self._span(statement), self._transaction.execute(statement, values))

    async def execute_large(self, statement: Statement[Any], values: Mapping[str, Any], /) -> int:
        """Runs a statement that changes many rows, without blocking the event loop."""
        running = self._transaction.execute_large(statement, values)
        return await _ended(self._span(statement), running)

    async def execute_many(
        self, statement: Statement[Any], values: Sequence[Mapping[str, Any]], /
    ) -> None:
        """Runs the statement once for each set of values."""
        span = self._span(statement)
        span.set_attribute("db.operation.batch.size", len(values))
        await _ended(span, self._transaction.execute_many(statement, values))

    def _span(self, statement: Statement[Any]) -> Span:
        attributes = {"db.system.name": self.dialect, "db.query.summary": statement.name}
        return self._tracer.start_span(
            statement.name, self._context, SpanKind.CLIENT, attributes=attributes
        )


class TracedReading(TracedTransaction):
    """A read-only transaction whose statements make spans."""

    _transaction: Reading

    @property
    def steps(self) -> int:
        """The cost of its statements."""
        return self._transaction.steps

    async def end(self) -> None:
        """Releases the snapshot and the connection; interrupts a running statement."""
        await self._transaction.end()

    async def __aenter__(self) -> Self:
        await self._transaction.__aenter__()
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self._transaction.__aexit__(*raised)


async def _ended(span: Span, work: Awaitable[T]) -> T:
    try:
        return await work
    except BaseException as error:
        failed(span, name_of(error))
        raise
    finally:
        span.end()
