"""Statements by name; the SQL is written in `db.statements` and usually precompiled.

Imports SQLAlchemy only to compile a statement that is not precompiled.
"""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

from .precompiled import Description, known
from .prepared import Binder, Reader, binder, reader
from .values import READS, SQLITE, STORES

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement

R = TypeVar("R")
# A NamedTuple, or a function that builds a row from the values of a record.
Row = type[R] | Callable[[Sequence[Any]], R]
# Filters, orders and cursors combine to thousands of variants of several KiB each.
VARIANTS_KEPT = 128


class Compiled(NamedTuple):
    """The text of a statement for one database, and functions that bind values and read rows."""

    text: str
    bind: Binder
    rows: Reader
    only_reads: bool


class Statement(Generic[R]):
    """SQL with its row type; `name` is its module and name in `db.statements`.

    `across_tenants` is the reason why the statement needs no tenant filter, for example because
    it authenticates. Without a reason, a statement that lacks the filter is not compiled.
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
        """The statement as a SQLAlchemy clause."""
        from .compiler import written

        return written(self.name, self.arguments)

    def compiled(self, dialect: str) -> Compiled:
        """Returns the statement for `dialect`, precompiled or compiled now by SQLAlchemy.

        Raises UnscopedStatement when the tenant filter is missing.
        """
        found = self._compiled.get(dialect)
        if found is None:
            beforehand = known(dialect, self.name, self.arguments)
            found = self._compiled[dialect] = _prepared(
                beforehand or self.described(dialect), self.row, dialect
            )
        return found

    def is_at_hand(self, dialect: str) -> bool:
        """Whether the statement can run without being compiled first."""
        if dialect in self._compiled:
            return True
        return known(dialect, self.name, self.arguments) is not None

    def described(self, dialect: str) -> Description:
        """Compiles the statement with SQLAlchemy, which takes half a second to import."""
        from .compiler import describe

        return describe(self.clause, dialect, crosses=bool(self.across_tenants))


class Family(Generic[R]):
    """Variants of one statement; the most recently used ones are cached."""

    def __init__(self, name: str, row: Row[R] | None = None) -> None:
        self.name = name
        self.row = row
        self._variant = lru_cache(VARIANTS_KEPT)(self._make)

    def __call__(self, *arguments: Hashable) -> Statement[R]:
        """Returns the variant for these arguments."""
        return self._variant(arguments)

    def _make(self, arguments: tuple[Hashable, ...]) -> Statement[R]:
        return Statement(self.name, self.row, arguments)

    async def ready(self, dialect: str, *arguments: Hashable) -> Statement[R]:
        """Returns the variant for these arguments; compiles a rare one on a thread."""
        statement = self(*arguments)
        if not statement.is_at_hand(dialect):
            await asyncio.to_thread(statement.compiled, dialect)
        return statement


def _prepared(
    described: Description, row: Callable[[Sequence[Any]], Any], dialect: str
) -> Compiled:
    stores = {name: STORES[dialect][kind] for name, kind in described.stores.items()}
    reads = [READS[dialect][kind] if kind else None for kind in described.reads]
    return Compiled(
        text=described.text,
        bind=binder(described.names, described.defaults, stores),
        rows=reader(reads, row, has_tuples=dialect == SQLITE),
        only_reads=described.only_reads,
    )
