"""The tenant filter: the one condition that keeps organizations apart.

Every statement of `db.queries` must use it; `db.compiler` refuses one that does not.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import BinaryExpression, BindParameter, ClauseElement, Column, Table, bindparam
from sqlalchemy.sql import ColumnElement, operators
from sqlalchemy.sql.dml import Delete, Insert, Update
from sqlalchemy.sql.elements import BooleanClauseList
from sqlalchemy.sql.selectable import CTE, Alias, FromClause, Join, Select, Subquery
from sqlmodel import SQLModel

PARAMETER = "organization_id"
# The table of the tenants themselves, whose key is its own id.
TENANTS = "organization"
# What stands for rows of one table in a statement.
Source = Table | Alias


def tenant() -> BindParameter[str]:
    """Returns the parameter for the caller's organization, which `Tenancy` binds."""
    return bindparam(PARAMETER)


def within(table: type[SQLModel]) -> ColumnElement[bool]:
    """Returns the condition that a row of `table` belongs to the caller's organization."""
    column: Column[str] = table.__table__.c[PARAMETER]  # type: ignore[attr-defined]
    return column == tenant()


def unfiltered(clause: ClauseElement) -> set[str]:
    """Returns the names of tenant tables that `clause` uses without the tenant filter.

    Each SELECT in it must filter what it reads by conditions joined with AND: a filter outside
    does not help the rows of a subquery, nor one of two aliases the other.
    """
    return set(_unfiltered(clause, frozenset()))


def _unfiltered(clause: Any, around: frozenset[Source]) -> Iterator[str]:
    sources = set(_sources(clause))
    # Of a subquery SQLAlchemy leaves out what stands around it, unless nothing would remain.
    sources = sources - around or sources
    filtered = set(_filtered(_conditions(clause)))
    for source in sources - filtered:
        if not (isinstance(clause, Insert) and PARAMETER in _values(clause)):
            yield source.name
    for inner, is_source in _selects(clause):
        yield from _unfiltered(inner, frozenset() if is_source else around | sources)


def _sources(clause: Any) -> Iterator[Source]:
    """Yields the tables of tenants that the clause itself uses, not those of its subqueries."""
    if isinstance(clause, Insert | Update | Delete):
        yield from _tables(clause.table)
    elif isinstance(clause, Select):
        for each in clause.get_final_froms():
            yield from _tables(each)


def _tables(source: FromClause) -> Iterator[Source]:
    if isinstance(source, Join):
        yield from _tables(source.left)
        yield from _tables(source.right)
    elif isinstance(source, Table | Alias) and _key(source) is not None:
        yield source


def _key(source: FromClause) -> Any:
    """The column that holds the organization; None for a table of nobody's, or of a subquery."""
    table = source.element if isinstance(source, Alias) else source
    if not isinstance(table, Table):
        return None
    return source.c.get("id" if table.name == TENANTS else PARAMETER)


def _conditions(clause: Any) -> Iterator[Any]:
    if isinstance(clause, Select):
        for each in clause.get_final_froms():
            yield from _joined_on(each)
    if isinstance(clause, Select | Update | Delete) and clause.whereclause is not None:
        yield clause.whereclause


def _joined_on(source: FromClause) -> Iterator[Any]:
    if isinstance(source, Join):
        if not source.isouter:  # An outer join keeps the rows that do not match.
            yield source.onclause
        yield from _joined_on(source.left)
        yield from _joined_on(source.right)


def _filtered(conditions: Iterator[Any]) -> Iterator[Source]:
    for condition in conditions:
        if isinstance(condition, BooleanClauseList) and condition.operator is operators.and_:
            yield from _filtered(iter(condition.clauses))
        elif isinstance(condition, BinaryExpression) and _is_filter(condition):
            yield condition.left.table


def _is_filter(element: BinaryExpression[bool]) -> bool:
    left, right = element.left, element.right
    return (
        isinstance(left, Column)
        and left is _key(left.table)
        and isinstance(right, BindParameter)
        and right.key == PARAMETER
        and element.operator is operators.eq
    )


def _selects(clause: Any) -> Iterator[tuple[Any, bool]]:
    """Yields the SELECTs directly below, and whether they are read as a table."""
    waiting = [(each, False) for each in clause.get_children()]
    while waiting:
        each, is_source = waiting.pop()
        if isinstance(each, Select):
            yield each, is_source
        else:
            is_source = is_source or isinstance(each, Subquery | CTE)
            waiting.extend((child, is_source) for child in each.get_children())


def _values(clause: Insert) -> Any:
    return clause.compile().params
