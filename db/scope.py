"""The tenant filter: the one condition that keeps organizations apart.

Every statement of `db.queries` must use it; `db.compiler` refuses one that does not.
"""

from sqlalchemy import BinaryExpression, BindParameter, ClauseElement, Column, Table, bindparam
from sqlalchemy.sql import ColumnElement, visitors
from sqlalchemy.sql.dml import Insert
from sqlmodel import SQLModel

PARAMETER = "organization_id"


def tenant() -> BindParameter[str]:
    """Returns the parameter for the caller's organization, which `Tenancy` binds."""
    return bindparam(PARAMETER)


def within(table: type[SQLModel]) -> ColumnElement[bool]:
    """Returns the condition that a row of `table` belongs to the caller's organization."""
    column: Column[str] = table.__table__.c[PARAMETER]  # type: ignore[attr-defined]
    return column == tenant()


def unfiltered(clause: ClauseElement) -> set[str]:
    """Returns the names of tenant tables that `clause` uses without the tenant filter."""
    touched: set[str] = set()
    filtered: set[str] = set()
    for element in visitors.iterate(clause):
        if isinstance(element, Table) and PARAMETER in element.c:
            touched.add(element.name)
        if isinstance(element, BinaryExpression) and _is_filter(element):
            filtered.add(element.left.table.name)
    if isinstance(clause, Insert):
        filtered |= _filled(clause)
    return touched - filtered


def _is_filter(element: BinaryExpression[bool]) -> bool:
    left, right = element.left, element.right
    return (
        isinstance(left, Column)
        and left.name == PARAMETER
        and isinstance(right, BindParameter)
        and right.key == PARAMETER
        and getattr(element.operator, "__name__", "") == "eq"
    )


def _filled(clause: Insert) -> set[str]:
    values = clause.compile().params
    return {clause.table.name} if PARAMETER in values else set()
