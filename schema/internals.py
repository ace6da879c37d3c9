"""The private names of Strawberry and graphql-core that we use, all of them, in one place.

They were read in the versions of `READ_IN`; a test fails when others are installed, so that
whoever upgrades reads them again: what a name is used for stands beside it.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import strawberry
from graphql import (
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    VariableDefinitionNode,
)
from graphql.execution import VariableValues
from graphql.execution.collect_fields import (
    FieldDetails,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.get_variable_signature import (
    GraphQLVariableSignature,
    get_variable_signature,
)
from graphql.execution.values import VariableValueSource
from graphql.pyutils import Path, gather_with_cancel
from graphql.type.definition import GraphQLResolveInfoHelpers
from graphql.utilities.coerce_input_value import (
    coerce_default_value,
    coerce_input_literal,
    coerce_input_value,
)
from strawberry.types.base import has_object_definition
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE
from strawberry.types.field import StrawberryField
from strawberry.types.scalar import identity
from strawberry.types.union import StrawberryUnion

READ_IN = {"strawberry-graphql": "0.341.2", "graphql-core": "3.3.2"}

__all__ = [
    "READ_IN",
    "Collector",
    "FieldDetails",
    "GraphQLVariableSignature",
    "Handlers",
    "Path",
    "VariableValueSource",
    "VariableValues",
    "coerce_default_value",
    "coerce_input_literal",
    "coerce_input_value",
    "core_of",
    "definition_of",
    "enumeration_of",
    "handlers_of",
    "identity_of",
    "info_class_of",
    "is_resolved_by_type",
    "raw_info_of",
    "signature_of",
    "strawberry_of",
    "takes_only_its_own",
]

Handlers: TypeAlias = tuple[tuple[tuple[type[Exception], ...], Any], ...]

# What resolvers may ask of `info` beside facts: as graphql-core's executor has it.
HELPERS = GraphQLResolveInfoHelpers(
    gather=lambda values: gather_with_cancel(*values), track=lambda values: None
)


def core_of(schema: strawberry.Schema) -> GraphQLSchema:
    """Returns the schema of graphql-core that Strawberry made.

    Raises ValueError for one with extensions, which only Strawberry's own entry would run.
    """
    if schema.extensions or schema.directives:
        raise ValueError("take the extensions off this schema: they would not be run")
    return schema._schema


def strawberry_of(schema: GraphQLSchema) -> strawberry.Schema:
    """Returns the Strawberry schema that a schema of graphql-core was made by."""
    found: strawberry.Schema = schema._strawberry_schema  # type: ignore[attr-defined]
    return found


def definition_of(part: GraphQLField | GraphQLNamedType) -> Any:
    """Returns Strawberry's definition of a part of the schema; None when it has none."""
    return part.extensions.get("strawberry-definition")


def handlers_of(schema: GraphQLSchema, field: StrawberryField) -> Handlers:
    """Returns the exceptions that Strawberry renders as data for a field, with their handlers."""
    return strawberry_of(schema).schema_converter._get_field_exception_handlers(field)


def raw_info_of(info: Any) -> GraphQLResolveInfo[Any]:
    """Returns graphql-core's info, which Strawberry's is a wrapper of."""
    raw: GraphQLResolveInfo[Any] = info._raw_info
    return raw


def info_class_of(schema: GraphQLSchema) -> Callable[[GraphQLResolveInfo[Any], Any], Any]:
    """Returns the class of Strawberry's info, made of graphql-core's and of the field."""
    return strawberry_of(schema).config.info_class


def enumeration_of(kind: Any) -> Any:
    """Returns the Python enumeration of an enumeration of the schema; None when it has none."""
    return getattr(kind, "wrapped_cls", None)


def identity_of(kind: GraphQLScalarType) -> bool:
    """Whether a scalar is written as it is, whatever it is."""
    return kind.coerce_output_value in (identity, GraphQLScalarType.serialize)


def is_resolved_by_type(kind: GraphQLInterfaceType | GraphQLUnionType, row: type) -> bool:
    """Whether Strawberry asks the possible types one by one which of them a row of a class is.

    It does unless the interface has a way of its own, or the row may be cast or be a type itself.
    """
    definition = definition_of(kind)
    is_plain = isinstance(definition, StrawberryUnion) or (
        getattr(definition, "is_interface", False) and definition.resolve_type is None
    )
    is_named = any(hasattr(row, name) for name in (TYPE_CAST_ATTRIBUTE, "__typename"))
    is_open = is_named or issubclass(row, dict) or row.__dictoffset__ != 0
    return is_plain and not is_open and not has_object_definition(row)


def takes_only_its_own(kind: GraphQLObjectType) -> bool:
    """Whether a type only takes instances of its own Python class, or what is cast to it."""
    definition = definition_of(kind)
    return definition is not None and definition.is_type_of is None


def signature_of(
    schema: GraphQLSchema, definition: VariableDefinitionNode
) -> GraphQLVariableSignature | None:
    """Returns name, type and default of a variable; None when the schema lacks its type."""
    found = get_variable_signature(schema, definition)
    return None if isinstance(found, GraphQLError) else found


class Collector:
    """Collects the fields of selections as graphql-core does, for one choice of flags."""

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        flags: Mapping[str, bool],
    ) -> None:
        self._schema = schema
        self._operation = operation
        self._fragments = {name: FragmentDetails(each) for name, each in fragments.items()}
        self._flags = VariableValues({}, dict(flags))

    def of_operation(self, kind: GraphQLObjectType) -> Mapping[str, list[FieldDetails]]:
        """The fields of the operation itself, by response key."""
        found = collect_fields(self._schema, self._fragments, self._flags, kind, self._operation)
        return found.grouped_field_set

    def of_object(
        self, kind: GraphQLObjectType, group: list[FieldDetails]
    ) -> Mapping[str, list[FieldDetails]]:
        """The fields that a selection has on an object of a type, by response key."""
        found = collect_subfields(
            self._schema, self._fragments, self._flags, self._operation, kind, group
        )
        return found.grouped_field_set
