"""A statement: named here, written in `db.statements`, compiled before the server starts.

Knows SQLAlchemy only when it has to compile by itself.
"""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

from .precompiled import Description, known
from .prepared import Binder, Reader, binder, reader
from .values import READS, STORES

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement

R = TypeVar("R")
# The NamedTuple of a record, or what makes one of its values.
Row = type[R] | Callable[[Sequence[Any]], R]
SQLITE = "sqlite"
# Filters, orders and ends of a page combine to thousands of statements of several KiB each.
VARIANTS_KEPT = 128


class Compiled(NamedTuple):
    """A statement's text for one database, with what turns values into stored ones and back."""

    text: str
    bind: Binder
    rows: Reader
    only_reads: bool


class Statement(Generic[R]):
    """SQL with its row type; `name` is the module and the name that `db.statements` gives it.

    `across_tenants` gives the reason why a statement may do without the tenant filter (signing
    in, the clock); without one, a statement that leaves it out cannot be compiled.
    """

    def __init__(
        self,
        name: str,
        row: Row[R] | None = None,
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
            found = self._compiled[dialect] = _prepared(
                beforehand or self.described(dialect), self.row
            )
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


class Family(Generic[R]):
    """Statements of one name that come in variants; those that were asked for last are kept."""

    def __init__(self, name: str, row: Row[R] | None = None) -> None:
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


def _prepared(described: Description, row: Callable[[Sequence[Any]], Any]) -> Compiled:
    stores = {name: STORES[kind] for name, kind in described.stores.items()}
    reads = [READS[kind] if kind else None for kind in described.reads]
    return Compiled(
        text=described.text,
        bind=binder(described.names, described.defaults, stores),
        rows=reader(reads, row),
        only_reads=described.only_reads,
    )
