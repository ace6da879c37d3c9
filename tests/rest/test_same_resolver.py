"""Both faces run the same resolver: the functions themselves are compared."""

from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import pytest

from rest.routes import OPERATIONS, Operation
from schema.build import build
from schema.fields import Rest


def fields() -> Iterator[Any]:
    """Every field of the GraphQL tables and of the domain types."""
    for kind in build().schema_converter.type_map.values():
        yield from getattr(kind.definition, "fields", ())


def functions_named_in(function: Callable[..., Any]) -> list[Any]:
    """The functions that a function's own code names."""
    assert isinstance(function, FunctionType)
    named = [function.__globals__.get(name) for name in function.__code__.co_names]
    return [each for each in named if isinstance(each, FunctionType)]


def resolvers_behind(field: Any) -> list[Any]:
    """The resolver that a field of a table holds, or those that a field written out calls."""
    function = field.base_resolver.wrapped_func
    held = getattr(function, "operation", None)
    return functions_named_in(function) if held is None else [held]


def documented() -> dict[str, Any]:
    """The fields that carry the name of a documented REST operation."""
    return {
        directive.operation_id: field
        for field in fields()
        for directive in getattr(field, "directives", ())
        if isinstance(directive, Rest)
    }


DOCUMENTED = documented()


def test_eleven_operations_are_documented_and_all_others_are_our_own() -> None:
    assert len(DOCUMENTED) == 11
    assert DOCUMENTED.keys() == {each.operation_id for each in OPERATIONS if not each.is_addition}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.operation_id)
def test_graphql_holds_the_resolver_of_the_rest_operation(operation: Operation) -> None:
    field = DOCUMENTED.get(operation.operation_id)
    if field is None:
        # An addition has no directive in the schema: its field is named after its resolver.
        name = operation.resolver.__name__.removeprefix("list_")
        held = [each for each in fields() if each.python_name in (name, f"list_{name}")]
        assert any(each is operation.resolver for field in held for each in resolvers_behind(field))
        return
    found = resolvers_behind(field)
    assert any(each is operation.resolver for each in found)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.operation_id)
def test_the_handler_calls_the_resolver_that_the_table_names(operation: Operation) -> None:
    called = functions_named_in(operation.handler)
    assert any(each is operation.resolver for each in called)
