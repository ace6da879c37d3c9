"""How scalars and enumerations are written: as they are where nothing has to be done.

What is written is an expression, which becomes part of the code of a plan. Instants in UTC stay
what they are: whoever writes the JSON writes them as the scalar does.
"""

from asyncio import iscoroutine
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLScalarType,
    GraphQLString,
    Undefined,
)

from ...internals import enumeration_of, identity_of
from ...scalars import write_date_time
from .classes import is_awaitable
from .source import Source
from .surprise import none, odd

NAMES: Mapping[str, Any] = {"str": str, "int": int, "bool": bool, "float": float,
                            "datetime": datetime, "UTC": UTC, "none": none}  # fmt: skip
# What a value has to be to stand in the answer as it is, by what else would write it.
AS_IT_IS: Mapping[Any, str] = {
    GraphQLString.coerce_output_value: "{v}.__class__ is str",
    GraphQLID.coerce_output_value: "{v}.__class__ is str",
    GraphQLBoolean.coerce_output_value: "{v}.__class__ is bool",
    GraphQLInt.coerce_output_value: "{v}.__class__ is int and -2147483648 <= {v} <= 2147483647",
    GraphQLFloat.coerce_output_value: "{v}.__class__ is float and {v} - {v} == 0",
    write_date_time: "{v}.__class__ is datetime and {v}.tzinfo is UTC",
}


def coercion_of(kind: GraphQLLeafType, required: bool) -> Callable[[Any], Any]:
    """Returns what completes any value of a leaf as graphql-core would; raises where that does."""

    def coerced(value: Any) -> Any:
        if value is None or value is Undefined:
            return none() if required else None
        if is_awaitable(value):
            if iscoroutine(value):
                value.close()
            odd(value)
        if isinstance(value, Exception):
            odd(value)
        found = kind.coerce_output_value(value)
        return odd(value) if found is None or found is Undefined else found

    return coerced


def expression(kind: GraphQLLeafType, required: bool, given: str, v: str, source: Source) -> str:
    """Returns the expression that completes a leaf; `given` binds it to the name `v`."""
    slow = source.keep(coercion_of(kind, required))
    condition, done = _condition(kind, source), v
    if isinstance(kind, GraphQLEnumType):
        done = f"{v}._name_"
    if not condition:
        return f"{slow}({given})"
    if not required:
        whole = condition.replace("{v}", v)
        return f"(None if {given} is None else {done} if {whole} else {slow}({v}))"
    whole = condition.replace("{v}", given, 1).replace("{v}", v)
    return f"({done} if {whole} else {slow}({v}))"


def _condition(kind: GraphQLLeafType, source: Source) -> str:
    """What has to hold for a value that needs no coercion, `{v}` in place of the value."""
    if isinstance(kind, GraphQLScalarType):
        known = "{v}.__class__ is str" if identity_of(kind) else ""
        return AS_IT_IS.get(kind.coerce_output_value, known)
    members = _members_by_name(kind)
    return f"{{v}}.__class__ is {source.keep(members)}" if members else ""


def _members_by_name(kind: GraphQLEnumType) -> type[Enum] | None:
    """The Python enumeration whose members are written as their names; None for any other."""
    members = enumeration_of(kind)
    if not (isinstance(members, type) and issubclass(members, Enum)):
        return None
    if all(kind.coerce_output_value(member) == member._name_ for member in members):
        return members
    return None
