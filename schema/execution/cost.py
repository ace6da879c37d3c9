"""What an operation may cost, in points: one for each object it may answer, and `@cost` weights.

Predicted before anything runs, from the document and its variables, and never less than what is
then resolved. Sizes of lists come from `@listSize`, as the GraphQL Cost Directives specification
names it; a list of objects without one is refused when the schema is built.
"""

from collections.abc import Mapping
from typing import NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)

from ..fields import Cost, ListSize
from ..internals import definition_of
from .introspection import Introspection
from .limits import META
from .sizes import size_of
from .terms import Term, total

Fragments = Mapping[str, FragmentDefinitionNode]
ONE = Term(1)
# Rows that a mutation writes cost besides what it answers.
ROWS_A_POINT = 10


class FieldCost(NamedTuple):
    """What the schema says about one field: its weight, what it answers, how long its list is."""

    weight: int
    type_name: str | None
    is_list: bool
    list_size: ListSize | None


class UnknownSize(Exception):
    """A field answers a list of objects, and nothing says how many they may be."""


class Costs:
    """Predicts costs over one schema; raises UnknownSize when a list has no size."""

    def __init__(self, schema: GraphQLSchema, introspection: Introspection) -> None:
        self._schema = schema
        self.mutations = schema.mutation_type.name if schema.mutation_type else ""
        self._introspection = introspection
        self._fields = {
            kind.name: {name: _field_cost(field) for name, field in kind.fields.items()}
            for kind in schema.type_map.values()
            if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
            and not kind.name.startswith("__")
        }
        self._ensure_sizes()

    def of(self, operation: OperationDefinitionNode, fragments: Fragments) -> Term:
        """The points of a valid operation, as a term over its variables."""
        root = self._schema.get_root_type(operation.operation)
        name = root.name if root else ""
        return _Prediction(self, operation, fragments).of(operation.selection_set, name, {})

    def field(self, type_name: str, name: str) -> FieldCost:
        """What the schema says about a field."""
        return self._fields[type_name][name]

    def meta(self, field: FieldNode, fragments: Fragments) -> Term:
        """The points of a field that asks about the schema."""
        return self._introspection.points(field, fragments)

    def _ensure_sizes(self) -> None:
        sized = {
            name
            for fields in self._fields.values()
            for field in fields.values()
            if field.list_size
            for name in field.list_size.sized_fields or ()
        }
        for type_name, fields in self._fields.items():
            for name, field in fields.items():
                if field.is_list and not field.list_size and name not in sized:
                    raise UnknownSize(f"say how long {type_name}.{name} may be with @listSize")


class _Prediction:
    """The prediction for one operation."""

    def __init__(
        self, costs: Costs, operation: OperationDefinitionNode, fragments: Fragments
    ) -> None:
        self._costs = costs
        self._fragments = fragments
        self._defaults = {
            each.variable.name.value: each.default_value
            for each in operation.variable_definitions or ()
        }

    def of(
        self, selections: SelectionSetNode | None, type_name: str, sizes: Mapping[str, Term]
    ) -> Term:
        """The points below an object of a type; `sizes` are those its parent gave its lists."""
        found = selections.selections if selections else ()
        return total(self._of_one(each, type_name, sizes) for each in found)

    def _of_one(self, selection: SelectionNode, type_name: str, sizes: Mapping[str, Term]) -> Term:
        if isinstance(selection, FieldNode):
            return self._of_field(selection, type_name, sizes)
        if isinstance(selection, FragmentSpreadNode):
            fragment = self._fragments[selection.name.value]
            name = fragment.type_condition.name.value
            return self.of(fragment.selection_set, name, sizes)
        if isinstance(selection, InlineFragmentNode) and selection.type_condition:
            type_name = selection.type_condition.name.value
        return self.of(selection.selection_set, type_name, sizes)  # type: ignore[attr-defined]

    def _of_field(self, node: FieldNode, type_name: str, sizes: Mapping[str, Term]) -> Term:
        name = node.name.value
        if name in META:
            return self._costs.meta(node, self._fragments)
        if name == "__typename":
            return Term()
        field = self._costs.field(type_name, name)
        if field.type_name is None:
            return Term(field.weight)
        below_sizes: Mapping[str, Term] = {}
        count, written = ONE, Term()
        if field.list_size:
            size = size_of(node, field.list_size, self._defaults)
            if field.list_size.sized_fields:
                below_sizes = dict.fromkeys(field.list_size.sized_fields, size)
            elif field.is_list:
                count = size
            if type_name == self._costs.mutations:
                written = size.over(ROWS_A_POINT)
        if field.is_list and name in sizes:
            count = sizes[name]
        below = self.of(node.selection_set, field.type_name, below_sizes)
        return total([below.plus(1).times(count).plus(field.weight), written])


def _field_cost(field: GraphQLField) -> FieldCost:
    named = get_named_type(field.type)
    definition = definition_of(field)
    directives = definition.directives if definition else ()
    weights = [each.weight for each in directives if isinstance(each, Cost)]
    sizes = [each for each in directives if isinstance(each, ListSize)]
    is_composite = is_composite_type(named)
    return FieldCost(
        sum(weights),
        named.name if is_composite else None,
        is_composite and is_list_type(get_nullable_type(field.type)),
        sizes[0] if sizes else None,
    )
