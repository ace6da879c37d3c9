"""Takes the wrapping out of the hot path of graphql-core: plain attributes are read as such.

For documents that come for the first time, and for what plans leave to graphql-core.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from graphql import GraphQLField, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema

from ..internals import definition_of, info_class_of
from .plans.fields import Given, How, reading_of


def quickened(schema: GraphQLSchema) -> GraphQLSchema:
    """Returns the schema with direct resolvers where Strawberry's would add nothing."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field in kind.fields.values():
                resolve = _direct(schema, field)
                if resolve is not None:
                    field.resolve = resolve
    return schema


def _direct(schema: GraphQLSchema, field: GraphQLField) -> Callable[..., Any] | None:
    """Reads an attribute, or calls a plain function of a row without arguments."""
    definition = definition_of(field)
    if definition is not None and definition.is_subscription:
        # The event comes with the call that delivers it, so that all below it find the call.
        return lambda call, info, **_: call.delivered
    reading = reading_of(schema, field)
    if reading.how is How.ATTRIBUTE:
        read = attrgetter(reading.name)
        return lambda row, info: read(row)
    if reading.how is How.RESOLVER or reading.is_async or field.args:
        return None
    function: Any = reading.call
    if list(reading.takes) == [Given("row")]:
        return lambda row, info: function(row)
    if list(reading.takes) == [Given("row"), Given("info")]:
        made, definition = info_class_of(schema), reading.definition
        return lambda row, info: function(row, made(info, definition))
    return None
