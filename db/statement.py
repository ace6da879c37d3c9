"""A statement: SQL written over the tables once, compiled once per database, run many times.

Made by `db.queries`, run by the engines; keeps the ORM and the compiler off the request path.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar, cast

from sqlalchemy import ClauseElement, Dialect, SelectBase
from sqlalchemy.sql.compiler import SQLCompiler

from .scope import PARAMETER, unfiltered

R = TypeVar("R")
Processor = Callable[[Any], Any]


class UnscopedStatement(Exception):
    """A statement reaches a tenant's table without the tenant filter."""


class Compiled(NamedTuple):
    """A statement's text for one database, with what turns values into stored ones and back."""

    text: str
    names: tuple[str, ...]
    defaults: Mapping[str, Any]
    stores: Sequence[tuple[str, Processor]]
    reads: Sequence[tuple[int, Processor]]


class Statement(Generic[R]):
    """SQL with its row type; refuses at construction to leave out the tenant filter.

    `across_tenants` gives the reason why a statement may do without (signing in, the clock).
    """

    def __init__(
        self,
        clause: ClauseElement,
        row: Callable[[Sequence[Any]], R] | None = None,
        *,
        across_tenants: str = "",
    ) -> None:
        missing = unfiltered(clause)
        if missing and not across_tenants:
            raise UnscopedStatement(
                f"filter {', '.join(sorted(missing))} with db.scope.within(): {clause}"
            )
        self.clause = clause
        self.row = row or cast(Callable[[Sequence[Any]], R], tuple)
        self.across_tenants = across_tenants
        self.only_reads = isinstance(clause, SelectBase)
        self._compiled: dict[str, Compiled] = {}

    def compiled(self, dialect: Dialect) -> Compiled:
        """The text for `dialect`, compiled at the first use."""
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = _compile(self.clause, dialect)
        return found

    def bind(self, compiled: Compiled, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values as the database stores them."""
        stored = {**compiled.defaults, **values}
        for name, store in compiled.stores:
            stored[name] = store(stored[name])
        return stored

    def rows(self, compiled: Compiled, records: Iterable[Sequence[Any]]) -> list[R]:
        """The records as typed rows."""
        make, reads = self.row, compiled.reads
        if not reads:
            return [make(record) for record in records]
        rows = []
        for record in records:
            values = list(record)
            for place, read in reads:
                if values[place] is not None:
                    values[place] = read(values[place])
            rows.append(make(values))
        return rows


def _compile(clause: ClauseElement, dialect: Dialect) -> Compiled:
    compiled = cast(SQLCompiler, clause.compile(dialect=dialect))
    stores = []
    for name, bind in compiled.binds.items():
        store = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if store is not None:
            stores.append((name, store))
    columns = getattr(clause, "exported_columns", ())
    reads = []
    for place, column in enumerate(columns):
        read = column.type.dialect_impl(dialect).result_processor(dialect, None)
        if read is not None:
            reads.append((place, read))
    defaults = {
        name: value for name, value in compiled.params.items() if not _required(compiled, name)
    }
    return Compiled(
        text=str(compiled),
        names=tuple(compiled.positiontup or compiled.binds),
        defaults=defaults,
        stores=stores,
        reads=reads,
    )


def _required(compiled: SQLCompiler, name: str) -> bool:
    return compiled.binds[name].required or name == PARAMETER
