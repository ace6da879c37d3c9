"""Takes the wrapping out of the hot path of graphql-core: plain attributes are read as such.

For documents that come for the first time, and for what plans leave to graphql-core.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from graphql import GraphQLField, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema

from ..internals import info_class_of
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
    reading = reading_of(schema, field)
    if reading.how is How.ATTRIBUTE:
        read = attrgetter(reading.name)
        # Arguments are those of the stream that a subscription's events come from.
        return (lambda row, info, **_: read(row)) if field.args else lambda row, info: read(row)
    if reading.how is How.RESOLVER or reading.is_async or field.args:
        return None
    function: Any = reading.call
    if list(reading.takes) == [Given("row")]:
        return lambda row, info: function(row)
    if list(reading.takes) == [Given("row"), Given("info")]:
        made, definition = info_class_of(schema), reading.definition
        return lambda row, info: function(row, made(info, definition))
    return None
