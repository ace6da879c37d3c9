"""Helpers for statements: columns of a row, lists of ids, keyset pages."""

from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    BindParameter,
    ClauseElement,
    ColumnElement,
    GenerativeSelect,
    Select,
    and_,
    bindparam,
    or_,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import SQLModel

from ..types import Id, TextList

S = TypeVar("S", bound=GenerativeSelect)


class Among(ColumnElement[bool]):
    """`column IN (texts)` for a list of any length, so that one compiled statement suffices."""

    inherit_cache = False
    __visit_name__ = "among"

    def __init__(self, column: ColumnElement[Any], texts: BindParameter[Any]) -> None:
        self.column = column
        self.texts = texts

    def get_children(self, **_: Any) -> list[ColumnElement[Any]]:
        """Returns the parts, so that the check for the tenant filter finds the table."""
        return [self.column, self.texts]


def among(column: ColumnElement[Any], name: str) -> Among:
    """Returns the condition that `column` is one of the ids or words bound as the list `name`."""
    return Among(column, bindparam(name, type_=TextList()))


@compiles(Among)
def _among_json(element: Among, compiler: SQLCompiler, **kw: Any) -> str:
    column = compiler.process(element.column, **kw)
    texts = compiler.process(element.texts, **kw)
    return f"{column} IN (SELECT value FROM json_each({texts}))"  # noqa: S608  (compiled parts)


@compiles(Among, "postgresql")
def _among_array(element: Among, compiler: SQLCompiler, **kw: Any) -> str:
    column = compiler.process(element.column, **kw)
    texts = compiler.process(element.texts, **kw)
    # Sent as texts also for ids: the driver would have to ask each connection for other arrays.
    array = f"{texts}::uuid[]" if isinstance(element.column.type, Id) else texts
    return f"{column} = ANY ({array})"


class AmongRows(ColumnElement[bool]):
    """`column IN (subquery)`, where the subquery depends on the row before in a join."""

    inherit_cache = False
    __visit_name__ = "among_rows"

    def __init__(self, column: ColumnElement[Any], rows: Select[Any]) -> None:
        self.column = column
        self.rows = rows.scalar_subquery()

    def get_children(self, **_: Any) -> list[ClauseElement]:
        """Returns the parts, so that the check for the tenant filter finds the table."""
        return [self.column, self.rows]


@compiles(AmongRows)
def _in_rows(element: AmongRows, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{compiler.process(element.column, **kw)} IN {compiler.process(element.rows, **kw)}"


@compiles(AmongRows, "postgresql")
def _in_array_of_rows(element: AmongRows, compiler: SQLCompiler, **kw: Any) -> str:
    # PostgreSQL looks an array up in an index, and would compare every row with a subquery.
    column = compiler.process(element.column, **kw)
    return f"{column} = ANY (ARRAY{compiler.process(element.rows, **kw)})"


class Bytewise(ColumnElement[str]):
    """A text in the order of its bytes, which is how SQLite sorts."""

    inherit_cache = False
    __visit_name__ = "bytewise"

    def __init__(self, column: ColumnElement[str]) -> None:
        self.column = column
        self.type = column.type

    def get_children(self, **_: Any) -> list[ColumnElement[Any]]:
        """Returns the column, so that the check for the tenant filter finds the table."""
        return [self.column]


@compiles(Bytewise)
def _as_stored(element: Bytewise, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.column, **kw)


@compiles(Bytewise, "postgresql")
def _collated(element: Bytewise, compiler: SQLCompiler, **kw: Any) -> str:
    # The collation of a database sorts by the rules of a language.
    return f'{compiler.process(element.column, **kw)} COLLATE "C"'


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


class Either(ClauseElement):
    """A statement in two forms, because each database is fast with another one."""

    inherit_cache = False
    __visit_name__ = "either"

    def __init__(self, sqlite: GenerativeSelect, postgresql: GenerativeSelect) -> None:
        self.forms = {"sqlite": sqlite, "postgresql": postgresql}

    def get_children(self, **_: Any) -> list[GenerativeSelect]:
        """Returns both forms, so that the check for the tenant filter looks at them."""
        return list(self.forms.values())


def form_of(clause: ClauseElement, dialect: str) -> ClauseElement:
    """Returns the form of a statement for a database; most have only one."""
    return clause.forms[dialect] if isinstance(clause, Either) else clause


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
