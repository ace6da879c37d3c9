"""What a plan is made of, and what its writer asks about the operation."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from graphql import FieldNode, GraphQLField, GraphQLObjectType

from ...internals import FieldDetails, Path, is_resolved_by_type, takes_only_its_own
from ...types.recognition import RowsOf
from .fields import Reading

Group = list[FieldDetails]


class Slot(NamedTuple):
    """A field as it stands in the plan: what its info and its arguments are made of."""

    field: GraphQLField
    nodes: list[FieldNode]
    parent: GraphQLObjectType
    path: Path | None
    reading: Reading


class Root(NamedTuple):
    """A field of the operation itself: it is read, then completed, a list item by item."""

    key: str
    read: Callable[[Any, Any], Any]
    complete: Callable[[Any, Any], Any]
    item: Callable[[Any, Any], Any] | None


class PlannedOperation(Protocol):
    """What is written about: the schema and the operation, as a plan knows them."""

    def collected(self, kind: GraphQLObjectType, group: Group) -> Mapping[str, Group]:
        """The fields that a selection has on an object of this type."""

    def field_of(self, kind: GraphQLObjectType, name: str) -> GraphQLField | None:
        """A field of a type, also `__typename`."""

    def possible(self, kind: Any) -> list[GraphQLObjectType]:
        """The types that an interface or a union can turn out to be."""

    def reading(self, field: GraphQLField) -> Reading:
        """How the field is read."""

    def constants(self, slot: Slot) -> dict[str, Any] | None:
        """The arguments of a field; None when they are made at a run."""


def classes_of(kind: Any, possible: list[GraphQLObjectType]) -> dict[type, GraphQLObjectType]:
    """Which type a row is by its class, where the types that recognise rows say which.

    The first of them in the order in which Strawberry asks. Empty when a type may take any row.
    """
    asked = {each: each.is_type_of for each in possible if not takes_only_its_own(each)}
    if not all(isinstance(each, RowsOf) for each in asked.values()):
        return {}
    found: dict[type, GraphQLObjectType] = {}
    for rows in asked.values():
        for row in rows.classes if isinstance(rows, RowsOf) else ():
            if is_resolved_by_type(kind, row):
                takers = (each for each, of in asked.items() if issubclass(row, of.classes))  # type: ignore[union-attr]
                found[row] = next(takers)
    return found
