"""Parts of the standard introspection: read off a selection, and cut out of the whole answer."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from graphql import (
    BooleanValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)

from .terms import Variables

Fragments = Mapping[str, FragmentDefinitionNode]


class Part(NamedTuple):
    """A part of the standard introspection: what is asked below a key, and of which elements."""

    below: "dict[str, Part] | None"
    with_deprecated: bool = True


class NotStandard(Exception):
    """The selection is not a part of the standard introspection."""


def part_of(
    selections: Iterable[SelectionSetNode], fragments: Fragments, given: Variables | None
) -> dict[str, Part]:
    """The parts that are selected; without variables also those that only some of them select."""
    nodes: dict[str, list[FieldNode]] = {}
    for field in _selected(selections, fragments, given):
        if field.alias:
            raise NotStandard
        nodes.setdefault(field.name.value, []).append(field)
    return {name: _part_of_field(found, fragments, given) for name, found in nodes.items()}


def _selected(
    selections: Iterable[SelectionSetNode], fragments: Fragments, given: Variables | None
) -> Iterator[FieldNode]:
    for each in selections:
        for selection in each.selections:
            if given is not None and not _is_included(selection, given):
                continue
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, InlineFragmentNode):
                yield from _selected([selection.selection_set], fragments, given)
            elif isinstance(selection, FragmentSpreadNode):
                below = fragments[selection.name.value].selection_set
                yield from _selected([below], fragments, given)


def _is_included(selection: SelectionNode, given: Variables) -> bool:
    for directive in selection.directives or ():
        (argument,) = directive.arguments or ()
        condition = _truth(argument.value, given)
        if condition is (directive.name.value == "skip"):
            return False
    return True


def _part_of_field(found: list[FieldNode], fragments: Fragments, given: Variables | None) -> Part:
    with_deprecated = False
    for argument in found[0].arguments or ():
        if argument.name.value != "includeDeprecated":
            raise NotStandard
        with_deprecated = _truth(argument.value, given or {})
    below = [each.selection_set for each in found if each.selection_set]
    return Part(part_of(below, fragments, given) if below else None, with_deprecated)


def _truth(value: ValueNode, given: Variables) -> bool:
    if isinstance(value, VariableNode):
        return bool(given.get(value.name.value))
    return isinstance(value, BooleanValueNode) and value.value


def cut(whole: dict[str, Any], key: str, part: Part) -> Any:
    """Returns a part of the whole answer; raises NotStandard when it has none of that name."""
    try:
        value = whole[key]
    except KeyError:
        raise NotStandard from None
    if part.below is None or value is None:
        return value
    if isinstance(value, dict):
        return {inner: cut(value, inner, below) for inner, below in part.below.items()}
    return [
        {inner: cut(each, inner, below) for inner, below in part.below.items()}
        for each in value
        if part.with_deprecated or not each.get("isDeprecated")
    ]
