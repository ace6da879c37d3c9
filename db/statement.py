"""A statement: named here, written in `db.statements`, compiled before the server starts.

Made by `db.queries`, run by the engines; knows SQLAlchemy only when it has to compile by itself.
"""

import asyncio
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

from .precompiled import Description, known
from .values import READS, STORES, Processor

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement

R = TypeVar("R")
SQLITE = "sqlite"
# Filters, orders and ends of a page combine to thousands of statements of several KiB each.
VARIANTS_KEPT = 128


class Compiled(NamedTuple):
    """A statement's text for one database, with what turns values into stored ones and back."""

    text: str
    names: tuple[str, ...]
    defaults: Mapping[str, Any]
    stores: Sequence[tuple[str, Processor]]
    reads: Sequence[tuple[int, Processor]]
    only_reads: bool


class Statement(Generic[R]):
    """SQL with its row type; `name` is the module and the name that `db.statements` gives it.

    `across_tenants` gives the reason why a statement may do without the tenant filter (signing
    in, the clock); without one, a statement that leaves it out cannot be compiled.
    """

    def __init__(
        self,
        name: str,
        row: Callable[[Sequence[Any]], R] | None = None,
        arguments: tuple[Hashable, ...] = (),
        *,
        across_tenants: str = "",
    ) -> None:
        self.name = name
        self.row = row or cast(Callable[[Sequence[Any]], R], tuple)
        self.arguments = arguments
        self.across_tenants = across_tenants
        self._compiled: dict[str, Compiled] = {}

    @property
    def clause(self) -> "ClauseElement":
        """The statement as it is written with SQLAlchemy."""
        from .compiler import written

        return written(self.name, self.arguments)

    def compiled(self, dialect: str) -> Compiled:
        """The text for `dialect`: what was compiled beforehand, or now by SQLAlchemy.

        Raises UnscopedStatement when it leaves out the tenant filter.
        """
        found = self._compiled.get(dialect)
        if found is None:
            beforehand = known(dialect, self.name, self.arguments)
            found = self._compiled[dialect] = _prepared(beforehand or self.described(dialect))
        return found

    def is_at_hand(self, dialect: str) -> bool:
        """Whether running it needs no compiler."""
        if dialect in self._compiled:
            return True
        return known(dialect, self.name, self.arguments) is not None

    def described(self, dialect: str) -> Description:
        """The statement compiled by SQLAlchemy, which takes half a second to import."""
        from .compiler import describe

        return describe(self.clause, dialect, crosses=bool(self.across_tenants))

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


class Family(Generic[R]):
    """Statements of one name that come in variants; those that were asked for last are kept."""

    def __init__(self, name: str, row: Callable[[Sequence[Any]], R] | None = None) -> None:
        self.name = name
        self.row = row
        self._variant = lru_cache(VARIANTS_KEPT)(self._make)

    def __call__(self, *arguments: Hashable) -> Statement[R]:
        """Returns the variant for these arguments."""
        return self._variant(arguments)

    def _make(self, arguments: tuple[Hashable, ...]) -> Statement[R]:
        return Statement(self.name, self.row, arguments)

    async def ready(self, *arguments: Hashable) -> Statement[R]:
        """Returns the variant for these arguments; a rare one is compiled on a thread."""
        statement = self(*arguments)
        if not statement.is_at_hand(SQLITE):
            await asyncio.to_thread(statement.compiled, SQLITE)
        return statement


def _prepared(described: Description) -> Compiled:
    text, names, defaults, stores, reads, only_reads = described
    return Compiled(
        text=text,
        names=tuple(names),
        defaults=defaults,
        stores=[(name, STORES[kind]) for name, kind in stores.items()],
        reads=[(place, READS[kind]) for place, kind in enumerate(reads) if kind],
        only_reads=only_reads,
    )
