"""Questions about the schema: weighed by what they answer, and the usual one answered from memory.

The standard introspection, or any part of it, is cut out of one answer that is made once. Whatever
has another shape (aliases, types within types) runs like any query and pays for every field.
"""

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any, cast

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLWrappingType,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    execute_sync,
    get_named_type,
    get_variable_values,
    is_input_object_type,
    is_leaf_type,
    parse,
)
from graphql.type.introspection import introspection_types

from .limits import fields_of
from .standard import Fragments, NotStandard, Part, cut, part_of
from .terms import Term, Variables

# Objects of the schema by identity, each with how often it stands there.
Counted = dict[int, tuple[Any, int]]

TYPENAME = "__typename"

FIELDS_A_POINT = 2
# Beyond this nobody's budget goes, so counting ends.
MOST_FIELDS = 100_000
LEVELS_OF_WRAPPING = 5


class Introspection:
    """The schema as it is asked about."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._info = SimpleNamespace(schema=schema)
        self._children: dict[tuple[int, str], list[Any]] = {}
        self._full: dict[str, Any] = {}
        # Strawberry's own resolver fails on lists and non-null types, which have no definition.
        _meta_type("__Type").fields["isOneOf"].resolve = _is_one_of

    def points(self, field: FieldNode, fragments: Fragments) -> Term:
        """The points of `__schema` or `__type`, one for every two fields that it answers."""
        if field.name.value == "__schema":
            return Term(self._points([self._schema], "__Schema", field, fragments))
        name = field.arguments[0].value if field.arguments else None
        if isinstance(name, VariableNode):
            variable = name.name.value
            return Term(0, (lambda given: self._of_type(given.get(variable), field, fragments),))
        return Term(self._of_type(getattr(name, "value", None), field, fragments))

    def _of_type(self, name: Any, field: FieldNode, fragments: Fragments) -> int:
        kind = self._schema.type_map.get(name) if isinstance(name, str) else None
        return self._points([kind] if kind else [], "__Type", field, fragments)

    def _points(
        self, objects: list[Any], type_name: str, field: FieldNode, fragments: Fragments
    ) -> int:
        counts = {id(each): (each, 1) for each in objects}
        fields = self._weigh(counts, type_name, [field.selection_set], fragments)
        return 1 + fields // FIELDS_A_POINT

    def _weigh(
        self,
        objects: Counted,
        type_name: str,
        selections: Iterable[SelectionSetNode | None],
        fragments: Fragments,
    ) -> int:
        """How many fields are answered below objects, of which some stand there many times."""
        here = sum(count for _, count in objects.values())
        fields = 0
        for field in fields_of(filter(None, selections), fragments):
            fields += here
            name = field.name.value
            if field.selection_set is None or fields > MOST_FIELDS:
                continue
            kind = get_named_type(_meta_type(type_name).fields[name].type)
            below = self._below(objects, type_name, name)
            fields += self._weigh(below, kind.name, [field.selection_set], fragments)
        return fields

    def _below(self, objects: Counted, type_name: str, name: str) -> Counted:
        below: Counted = {}
        for each, count in objects.values():
            for child in self._children_of(each, type_name, name):
                _, before = below.get(id(child), (child, 0))
                below[id(child)] = (child, before + count)
        return below

    def _children_of(self, each: Any, type_name: str, name: str) -> list[Any]:
        # Kept: graphql-core makes new pairs of name and field each time it is asked.
        key = (id(each), name)
        if key not in self._children:
            field = _meta_type(type_name).fields[name]
            given = {"includeDeprecated": True} if field.args else {}
            found = field.resolve(each, self._info, **given)
            is_one = isinstance(found, GraphQLNamedType | GraphQLWrappingType | type(None))
            self._children[key] = ([found] if found else []) if is_one else list(found)
        return self._children[key]

    def is_standard(self, operation: OperationDefinitionNode, fragments: Fragments) -> bool:
        """Whether a valid operation asks for a part of the standard introspection."""
        try:
            self._answer(part_of([operation.selection_set], fragments, None))
        except NotStandard:
            return False
        return True

    def answer(
        self, operation: OperationDefinitionNode, fragments: Fragments, variables: Variables
    ) -> dict[str, Any] | None:
        """The answer to a standard operation; None when the variables are not of their types."""
        found = get_variable_values(
            self._schema, operation.variable_definitions or (), dict(variables)
        )
        if isinstance(found, list):
            return None
        return self._answer(part_of([operation.selection_set], fragments, found.coerced))

    def _answer(self, parts: Mapping[str, Part]) -> dict[str, Any]:
        if not self._full:
            self._full = execute_sync(self._schema, parse(everything())).data or {}
        return {key: cut(self._full, key, part) for key, part in parts.items()}


def everything() -> str:
    """The query for all that the standard introspection asks for, in every version of it."""
    leaves = {
        name: " ".join([TYPENAME, *(key for key, field in kind.fields.items() if _is_leaf(field))])
        for name, kind in introspection_types.items()
        if isinstance(kind, GraphQLObjectType)
    }
    a_type = leaves["__Type"]
    reference = a_type
    for _ in range(LEVELS_OF_WRAPPING):
        reference = f"{a_type} ofType {{ {reference} }}"
    reference = f"{{ {reference} }}"
    value = f"{{ {leaves['__InputValue']} type {reference} }}"
    field = f"{{ {leaves['__Field']} args(includeDeprecated: true) {value} type {reference} }}"
    return f"""{{ {TYPENAME} __schema {{ {leaves["__Schema"]}
      queryType {{ {a_type} }} mutationType {{ {a_type} }} subscriptionType {{ {a_type} }}
      types {{ {a_type} fields(includeDeprecated: true) {field}
        inputFields(includeDeprecated: true) {value}
        interfaces {reference} possibleTypes {reference}
        enumValues(includeDeprecated: true) {{ {leaves["__EnumValue"]} }} }}
      directives {{ {leaves["__Directive"]} args(includeDeprecated: true) {value} }} }} }}"""


def _meta_type(name: str) -> GraphQLObjectType:
    return cast(GraphQLObjectType, introspection_types[name])


def _is_one_of(kind: Any, _: Any) -> bool | None:
    return kind.is_one_of if is_input_object_type(kind) else None


def _is_leaf(field: GraphQLField) -> bool:
    return is_leaf_type(get_named_type(field.type)) and not field.args
