"""Helpers for statements: columns of a row, lists of ids, keyset pages."""

from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    GenerativeSelect,
    Text,
    and_,
    bindparam,
    or_,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import SQLModel

S = TypeVar("S", bound=GenerativeSelect)


class AmongIds(ColumnElement[bool]):
    """`column IN (ids)` for a list of any length, so that one compiled statement suffices."""

    inherit_cache = False
    __visit_name__ = "among_ids"

    def __init__(self, column: ColumnElement[Any], ids: BindParameter[Any]) -> None:
        self.column = column
        self.ids = ids

    def get_children(self, **_: Any) -> list[ColumnElement[Any]]:
        """Returns the parts, so that the check for the tenant filter finds the table."""
        return [self.column, self.ids]


def among(column: ColumnElement[Any], name: str) -> AmongIds:
    """Returns the condition that `column` is one of the ids bound as `name`.

    Bind the result of `db.queries.lists.id_list`.
    """
    return AmongIds(column, bindparam(name, type_=Text))


@compiles(AmongIds)
def _among_json(element: AmongIds, compiler: SQLCompiler, **kw: Any) -> str:
    column = compiler.process(element.column, **kw)
    ids = compiler.process(element.ids, **kw)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608  (compiled parts)


@compiles(AmongIds, "postgresql")
def _among_array(element: AmongIds, compiler: SQLCompiler, **kw: Any) -> str:
    column = compiler.process(element.column, **kw)
    ids = compiler.process(element.ids, **kw)
    return f"{column} = ANY (SELECT json_array_elements_text(CAST({ids} AS json))::uuid)"


class Unindexed(ColumnElement[Any]):
    """A column for which SQLite must not use an index, because another index is better."""

    inherit_cache = False
    __visit_name__ = "unindexed"

    def __init__(self, column: ColumnElement[Any]) -> None:
        self.column = column
        self.type = column.type

    def get_children(self, **_: Any) -> list[ColumnElement[Any]]:
        """Returns the column, so that the check for the tenant filter finds the table."""
        return [self.column]


@compiles(Unindexed)
def _plain(element: Unindexed, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.column, **kw)


@compiles(Unindexed, "sqlite")
def _plus(element: Unindexed, compiler: SQLCompiler, **kw: Any) -> str:
    return f"+{compiler.process(element.column, **kw)}"


def columns(table: type[SQLModel], row: type[NamedTuple]) -> list[Any]:
    """Returns the columns of `table` that are fields of `row`, in that order."""
    return [table.__table__.c[name] for name in row._fields if name in table.__table__.c]  # type: ignore[attr-defined]


class Keyset(NamedTuple):
    """A sort order: by `column`, latest or earliest first, ties by id.

    Earliest first is the exact reverse of latest first, so that one index serves both.
    Ties are sorted by the columns of `then_by` before, in lists that have no positions.
    """

    column: ColumnElement[Any]
    id: ColumnElement[Any]
    descending: bool
    then_by: tuple[tuple[ColumnElement[Any], bool], ...] = ()

    def sorted(self, statement: S, backwards: bool) -> S:
        """Returns the statement sorted in this order or its reverse."""
        further = [
            column.desc() if descending != backwards else column.asc()
            for column, descending in self.then_by
        ]
        if self.descending != backwards:
            return statement.order_by(self.column.desc(), *further, self.id.asc())
        return statement.order_by(self.column.asc(), *further, self.id.desc())

    def beyond(self, name: str, backwards: bool) -> ColumnElement[bool]:
        """Returns the condition for rows after the position in `{name}_key` and `{name}_id`."""
        key = bindparam(f"{name}_key", type_=self.column.type)
        last = bindparam(f"{name}_id", type_=self.id.type)
        if self.descending != backwards:
            # The second half implies the first, which lets SQLite start at the position by index.
            return and_(self.column <= key, or_(self.column < key, self.id > last))
        return and_(self.column >= key, or_(self.column > key, self.id < last))
