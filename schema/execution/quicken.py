"""Takes the wrapping out of the hot path of execution: plain attributes are read as such.

Called once by `schema.execution`. A page of twenty appointments with their participants resolves
some five hundred fields, nine in ten of them plain attributes of a row.
"""

from asyncio import Future
from collections.abc import Awaitable, Callable
from inspect import signature
from operator import attrgetter
from types import CoroutineType
from typing import Any, TypeGuard

from graphql import GraphQLField, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema
from strawberry.utils.str_converters import to_snake_case

AWAITABLE = (CoroutineType, Future)


def is_awaitable(value: Any) -> TypeGuard[Awaitable[Any]]:
    """Whether a resolver's result has to be awaited: ours are coroutines, futures, or values."""
    return isinstance(value, AWAITABLE)


def quickened(schema: GraphQLSchema) -> GraphQLSchema:
    """Returns the schema with direct resolvers where Strawberry's would add nothing.

    Those read an attribute, or call a plain function of a row without arguments. Such a function
    is given graphql-core's own info, whose `root_value` is the same.
    """
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in kind.fields.items():
                resolve = _direct(name, field)
                if resolve is not None:
                    field.resolve = resolve
    return schema


def _direct(name: str, field: GraphQLField) -> Callable[..., Any] | None:
    definition = field.extensions.get("strawberry-definition")
    if definition is None or field.args or definition.is_async:
        return None
    if definition.base_resolver is None:
        read = attrgetter(to_snake_case(name))
        return lambda row, info: read(row)
    function = definition.base_resolver.wrapped_func
    match len(signature(function).parameters):
        case 1:
            return lambda row, info: function(row)
        case 2:
            return function  # type: ignore[no-any-return]
    return None
