"""Looking ahead in a query: whether a field is asked for below the one that is being resolved.

Lets an operation load what is nested together with the page, in one statement.
"""

from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLResolveInfo,
    InlineFragmentNode,
    SelectionSetNode,
)
from strawberry import Info

from .internals import raw_info_of

THROUGH = frozenset({"edges", "node", "nodes", "appointment"})


def wants(info: Info[Any, Any], name: str) -> bool:
    """Whether `name` is selected on the result, also through edges, nodes and fragments."""
    raw = raw_info_of(info)
    # In a plan the selection is always the same, so the answer is, too.
    answers: dict[str, bool] = getattr(raw, "answers", {})
    if name not in answers:
        answers[name] = _wants(raw, name)
    return answers[name]


def _wants(raw: GraphQLResolveInfo[Any], name: str) -> bool:
    return any(
        _selects(node.selection_set, name, raw.fragments, frozenset())
        for node in raw.field_nodes
        if node.selection_set
    )


def _selects(
    selections: SelectionSetNode | None, name: str, fragments: Any, seen: frozenset[str]
) -> bool:
    if selections is None:
        return False
    for selection in selections.selections:
        if isinstance(selection, FieldNode):
            found = selection.name.value
            if found == name or (
                found in THROUGH and _selects(selection.selection_set, name, fragments, seen)
            ):
                return True
        elif isinstance(selection, InlineFragmentNode):
            if _selects(selection.selection_set, name, fragments, seen):
                return True
        elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
            spread = selection.name.value
            below = fragments[spread].selection_set
            if _selects(below, name, fragments, seen | {spread}):
                return True
    return False
