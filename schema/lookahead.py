"""Looking ahead in a query: which fields are asked for below the one that is being resolved.

Lets an operation load what is nested together with the page, in one statement, and no more of it
than is shown.
"""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any

from graphql import FieldNode, FragmentSpreadNode, GraphQLResolveInfo, SelectionSetNode
from strawberry import Info

from .internals import raw_info_of

THROUGH = frozenset({"edges", "node", "nodes", "appointment", "participant"})
OF_A_PAGE = {"__typename", "cursor", "edges", "node", "nodes", "pageInfo", "totalCount"}
# What is read of an `AppointmentItem`; `participants` looks at the ones that came with it.
OF_APPOINTMENT_ITEMS = OF_A_PAGE | {
    "id", "title", "startDateTime", "durationMinutes", "status", "createdAt", "participantCount",
    "organization", "participants",
}  # fmt: skip
# What is read of a `ParticipantItem`.
OF_PARTICIPANT_ITEMS = OF_A_PAGE | {"id", "uniqueId", "displayName", "role", "accessLink"}


def wants_participants(info: Info[Any, Any]) -> bool:
    """Whether participants are selected on the result."""
    return "participants" in shown(info)


def wants_items(info: Info[Any, Any]) -> bool:
    """Whether no more is selected on appointments than an `AppointmentItem` has."""
    return shown(info) <= OF_APPOINTMENT_ITEMS


def wants_participant_items(info: Info[Any, Any]) -> bool:
    """Whether no more is selected on participants than a `ParticipantItem` has."""
    return shown(info, "participants") <= OF_PARTICIPANT_ITEMS


def shown(info: Info[Any, Any], *path: str) -> AbstractSet[str]:
    """The names of all fields selected on the result, or on what `path` leads to from there.

    Also through edges, nodes and fragments, and whatever the types and flags say that they are
    conditional on.
    """
    raw = raw_info_of(info)
    # In a plan the selection is always the same, so the answer is, too.
    answers: dict[Any, AbstractSet[str]] = getattr(raw, "answers", {})
    if path not in answers:
        answers[path] = _shown(raw, path)
    return answers[path]


def _shown(raw: GraphQLResolveInfo[Any], path: Iterable[str]) -> AbstractSet[str]:
    fields = list(_below(raw.field_nodes, raw))
    for name in path:
        fields = list(_below([each for each in fields if each.name.value == name], raw))
    return {each.name.value for each in fields}


def _below(parents: Iterable[FieldNode], raw: GraphQLResolveInfo[Any]) -> Iterator[FieldNode]:
    """Yields the fields selected on `parents`; looks at each fragment once."""
    waiting: list[SelectionSetNode | None] = [each.selection_set for each in parents]
    seen: set[str] = set()
    while waiting:
        selections = waiting.pop()
        for each in selections.selections if selections else ():
            if isinstance(each, FieldNode):
                yield each
                if each.name.value in THROUGH:
                    waiting.append(each.selection_set)
            elif not isinstance(each, FragmentSpreadNode):
                waiting.append(each.selection_set)  # type: ignore[attr-defined]
            elif each.name.value not in seen:
                seen.add(each.name.value)
                waiting.append(raw.fragments[each.name.value].selection_set)
