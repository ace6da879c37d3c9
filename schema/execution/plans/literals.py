"""Values as they stand in a document, prepared once: what depends on variables is filled in."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from enum import Enum
from types import NoneType
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    ListValueNode,
    Node,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
)

from ...internals import VariableValues, coerce_default_value, coerce_input_literal
from .surprise import Surprise, none, odd

# What nobody can change, so that all runs can share it.
FIXED = (str, int, float, bool, NoneType, Enum, datetime)
Coerced = Mapping[str, Any]
# Returns Undefined where a variable was not given.
Literal = Callable[[Coerced], Any]


def literal_of(node: ValueNode, kind: GraphQLInputType) -> Literal:
    """Returns what coerces a value of the document, given the coerced variables."""
    if isinstance(node, VariableNode):
        return _variable(node.name.value, isinstance(kind, GraphQLNonNull))
    if not any(variables_in([node])):
        return _constant(node, kind)
    bare = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(bare, GraphQLList) and isinstance(node, ListValueNode):
        return _list(node, bare)
    if isinstance(bare, GraphQLInputObjectType) and isinstance(node, ObjectValueNode):
        return _by_core(node, kind) if bare.is_one_of else _object(node, bare)
    return _by_core(node, kind)


def variables_in(nodes: Any) -> Iterator[VariableNode]:
    """The variables that stand in nodes."""
    for node in nodes or ():
        if isinstance(node, VariableNode):
            yield node
            continue
        for key in node.keys:
            below = getattr(node, key, None)
            if isinstance(below, Node):
                yield from variables_in((below,))
            elif isinstance(below, list | tuple):
                yield from variables_in(below)


def _variable(name: str, is_required: bool) -> Literal:
    def value(coerced: Coerced) -> Any:
        found = coerced.get(name, Undefined)
        return none() if found is None and is_required else found

    return value


def _constant(node: ValueNode, kind: GraphQLInputType) -> Literal:
    by_core = _by_core(node, kind)
    try:
        found = by_core({})
    except (Exception, Surprise):
        return by_core  # It is refused at each run, where graphql-core says why.
    # A scalar of another shape may be a list or an object that its resolver changes.
    return (lambda _: found) if is_plain(found) else by_core


def is_plain(value: Any) -> bool:
    """Whether a value is made of nothing but lists, objects and what nobody can change."""
    if value.__class__ is list:
        return all(map(is_plain, value))
    if value.__class__ is dict:
        return all(map(is_plain, value.values()))
    return isinstance(value, FIXED)


def _by_core(node: ValueNode, kind: GraphQLInputType) -> Literal:
    def value(coerced: Coerced) -> Any:
        found = coerce_input_literal(node, kind, VariableValues({}, dict(coerced)))
        return odd(found) if found is Undefined else found

    return value


def _list(node: ListValueNode, kind: GraphQLList[Any]) -> Literal:
    items = [literal_of(each, kind.of_type) for each in node.values]
    is_required = isinstance(kind.of_type, GraphQLNonNull)

    def value(coerced: Coerced) -> Any:
        found = [item(coerced) for item in items]
        if is_required and Undefined in found:
            none()
        return [None if each is Undefined else each for each in found]

    return value


def _object(node: ObjectValueNode, kind: GraphQLInputObjectType) -> Literal:
    given = {each.name.value: each.value for each in node.fields}
    fields = [
        (field.out_name or name, field, name in given and literal_of(given[name], field.type))
        for name, field in kind.fields.items()
    ]

    def value(coerced: Coerced) -> Any:
        found = {}
        for name, field, literal in fields:
            one = literal(coerced) if literal else Undefined
            if one is Undefined:
                one = coerce_default_value(field)
            if one is not Undefined:
                found[name] = one
            elif isinstance(field.type, GraphQLNonNull):
                none()
        return kind.out_type(found)

    return value
