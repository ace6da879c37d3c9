"""The `info` of fields: made at the first use in a run, from what is the same in every run."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import FragmentDefinitionNode, GraphQLResolveInfo, GraphQLSchema

from ...internals import HELPERS, VariableValues, info_class_of
from .classes import is_awaitable
from .fields import How
from .parts import Slot
from .surprise import Surprise


class PlannedInfo(GraphQLResolveInfo[Any]):
    """The info of a field in a plan; `answers` remembers what was found out about its selection."""

    answers: dict[Any, Any]


class PlacelessInfo(PlannedInfo):
    """The info of a field below the operation's own: one for all rows, so without their path."""

    @property
    def path(self) -> Any:
        """Refuses: graphql-core will know it."""
        raise Surprise("path")


class Recipe(NamedTuple):
    """What is the same in every run about the info of one field."""

    kind: type[PlannedInfo]
    known: tuple[Any, ...]
    answers: dict[Any, Any]
    definition: Any


class Infos:
    """Makes the infos of a plan."""

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: Any,
        fragments: Mapping[str, FragmentDefinitionNode],
        slots: list[Slot],
    ) -> None:
        self._schema = schema
        self._class = info_class_of(schema)
        self._operation = operation
        self._recipes = [self._recipe(slot, dict(fragments)) for slot in slots]

    def _recipe(self, slot: Slot, fragments: dict[str, FragmentDefinitionNode]) -> Recipe:
        known = (
            slot.nodes[0].name.value,
            slot.nodes,
            slot.field.type,
            slot.parent,
            slot.path,
            self._schema,
            fragments,
        )
        kind = PlannedInfo if slot.path else PlacelessInfo
        is_function = slot.reading.how is How.FUNCTION
        return Recipe(kind, known, {}, slot.reading.definition if is_function else None)

    def raw(self, place: int, call: Any, variables: VariableValues) -> PlannedInfo:
        """Returns graphql-core's info of the field at `place` in one run."""
        recipe = self._recipes[place]
        rest = (call, self._operation, variables, call, is_awaitable, None, HELPERS)
        info = tuple.__new__(recipe.kind, (*recipe.known, *rest))
        info.answers = recipe.answers
        return info

    def wrapped(self, place: int, raw: PlannedInfo) -> Any:
        """Returns what the resolver takes: Strawberry's own resolvers wrap it by themselves."""
        definition = self._recipes[place].definition
        return self._class(raw, definition) if definition else raw
