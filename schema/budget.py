"""The query budget: one linear pass over a document that refuses what would cost too much.

A validation rule of `schema.execution`. Each fragment is weighed once, so that a few hundred
bytes of nested fragments cannot cost seconds.
"""

from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
)

from .pages import DEFAULT_SIZE, MAX_SIZE

MAX_DEPTH = 20
MAX_FIELDS = 100_000
MAX_SELECTIONS = 2_000
ROOT_LISTS = frozenset({"appointments", "participants"})


class Weight(NamedTuple):
    """What a selection may cost: nesting, selections as written, fields as answered at most."""

    depth: int = 0
    selections: int = 0
    fields: int = 0


class QueryBudget(ValidationRule):
    """Refuses documents that nest too deep, select too much, or could answer too many fields."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._weights: dict[str, Weight] = {}
        self._open: set[str] = set()

    def enter_document(self, node: DocumentNode, *_: Any) -> None:
        """Weighs every operation of the document."""
        fragments = {
            each.name.value: each
            for each in node.definitions
            if isinstance(each, FragmentDefinitionNode)
        }
        for each in node.definitions:
            if isinstance(each, OperationDefinitionNode):
                self._judge(self._weigh(each.selection_set, fragments), each)

    def _judge(self, weight: Weight, node: OperationDefinitionNode) -> None:
        for found, limit, advice in (
            (weight.depth, MAX_DEPTH, "Nest less"),
            (weight.selections, MAX_SELECTIONS, "Select less"),
            (weight.fields, MAX_FIELDS, "Ask for smaller pages"),
        ):
            if found > limit:
                what = f"{advice}: this operation counts {found}, the limit is {limit}."
                self.report_error(GraphQLError(what, node))

    def _weigh(
        self, selections: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode]
    ) -> Weight:
        depth = written = fields = 0
        for selection in selections.selections:
            if isinstance(selection, FragmentSpreadNode):
                below = self._weigh_fragment(selection.name.value, fragments)
            elif isinstance(selection, FieldNode):
                below = self._weigh_field(selection, fragments)
            else:
                below = self._weigh(selection.selection_set, fragments)  # type: ignore[attr-defined]
            depth = max(depth, below.depth)
            written += below.selections
            fields += below.fields
        return Weight(depth, written, fields)

    def _weigh_field(
        self, field: FieldNode, fragments: dict[str, FragmentDefinitionNode]
    ) -> Weight:
        if field.selection_set is None or field.name.value.startswith("__"):
            return Weight(1, 1, 1)
        below = self._weigh(field.selection_set, fragments)
        return Weight(below.depth + 1, below.selections + 1, below.fields * _size_of(field) + 1)

    def _weigh_fragment(self, name: str, fragments: dict[str, FragmentDefinitionNode]) -> Weight:
        if name not in self._weights:
            if name in self._open or name not in fragments:
                return Weight()  # Another rule reports the cycle, or the missing fragment.
            self._open.add(name)
            self._weights[name] = self._weigh(fragments[name].selection_set, fragments)
            self._open.discard(name)
        return self._weights[name]


def _size_of(field: FieldNode) -> int:
    """How many rows a connection may return: its `first` or `last`, the most when unknown."""
    if field.name.value not in ROOT_LISTS:
        return 1
    for argument in field.arguments or ():
        if argument.name.value in ("first", "last"):
            value = argument.value
            if isinstance(value, IntValueNode):
                return min(int(value.value), MAX_SIZE) if len(value.value) < 9 else MAX_SIZE
            return MAX_SIZE
    return DEFAULT_SIZE
