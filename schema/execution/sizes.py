"""How long a list may be: read off the arguments that `@listSize` names, literal or variable.

A number out of range is refused when it is resolved; here it counts as the nearest one in range.
"""

from collections.abc import Mapping
from typing import Any

from graphql import (
    FieldNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
)

from ..fields import ListSize
from ..resolvers.pages import MAX_SIZE
from .terms import Term, Variables, total

Defaults = Mapping[str, ValueNode | None]
ABSENT: Any = object()
LONGEST_NUMBER = 9


def size_of(node: FieldNode, rule: ListSize, defaults: Defaults) -> Term:
    """The most items that the list may have, as a term over the variables."""
    given = {each.name.value: each.value for each in node.arguments or ()}
    terms = [
        _term(path.split("."), given, defaults, rule)
        for path in rule.slicing_arguments or ()
        if path.split(".")[0] in given
    ]
    if not terms:
        return Term(rule.assumed_size)
    # Two slicing arguments at once are refused, but for a null beside a number.
    return total(terms)


def _term(
    path: list[str], given: Mapping[str, ValueNode], defaults: Defaults, rule: ListSize
) -> Term:
    node, steps = given[path[0]], path[1:]

    def size(variables: Variables) -> int:
        return _count(_followed(_value(node, variables, defaults), steps), rule)

    return Term(0, (size,)) if _has_variables(node) else Term(size({}))


def _has_variables(node: ValueNode) -> bool:
    if isinstance(node, ListValueNode):
        return any(map(_has_variables, node.values))
    if isinstance(node, ObjectValueNode):
        return any(_has_variables(field.value) for field in node.fields)
    return isinstance(node, VariableNode)


def _value(node: ValueNode, variables: Variables, defaults: Defaults) -> Any:
    """What the size depends on in a value: numbers, lengths of lists, fields of objects."""
    match node:
        case VariableNode():
            name = node.name.value
            default = defaults.get(name)
            if name in variables or default is None:
                return variables.get(name)
            return _value(default, {}, {})
        case IntValueNode():
            return int(node.value[: LONGEST_NUMBER + 1])
        case NullValueNode():
            return None
        case ListValueNode():
            return node.values
        case ObjectValueNode():
            fields = node.fields
            return {each.name.value: _value(each.value, variables, defaults) for each in fields}
    return ABSENT


def _followed(value: Any, steps: list[str]) -> Any:
    for step in steps:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _count(value: Any, rule: ListSize) -> int:
    if value is None:
        return rule.assumed_size
    if isinstance(value, list | tuple):
        return len(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(max(0, min(value, MAX_SIZE)))
    # One value where a list is expected is a list of one; anything else is refused later.
    return 1
