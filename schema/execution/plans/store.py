"""The plans of one operation of a document that is kept: made when it comes again."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import structlog
from graphql import (
    BooleanValueNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)

from .plan import Plan
from .surprise import Surprise, Unplanned

# Each of them makes a plan of its own for true and for false.
MAX_FLAGS = 3
Fragments = Mapping[str, FragmentDefinitionNode]

log = structlog.get_logger("connect.graphql")


class Flag(NamedTuple):
    """A variable of `@skip` or `@include`, and its default."""

    name: str
    default: bool | None


class Plans:
    """Makes and keeps plans, one for each choice of what the operation includes."""

    __slots__ = ("_flags", "_fragments", "_grow", "_kept", "_node", "_schema", "has_run")

    def __init__(
        self,
        schema: GraphQLSchema,
        node: OperationDefinitionNode,
        fragments: Fragments,
        grow: Callable[[int], None],
    ) -> None:
        """Tells `grow` how many bytes each new plan takes."""
        self._schema = schema
        self._node = node
        self._fragments = fragments
        self._grow = grow
        self._flags: tuple[Flag, ...] | None = None
        self._kept: dict[tuple[bool, ...], Plan | str] = {}
        self.has_run = False

    def get(self, variables: Mapping[str, Any]) -> Plan:
        """Returns the plan for these variables; raises Unplanned when there is none."""
        if not self.has_run:
            self.has_run = True
            raise Unplanned("first")
        if self._flags is None:
            self._flags = flags_of(self._node, self._fragments)
        chosen = _chosen(self._flags, variables) if self._flags else ()
        found = self._kept.get(chosen)
        if found is None:
            flags = zip(self._flags, chosen, strict=True)
            found = self._kept[chosen] = self._made({flag.name: on for flag, on in flags})
        if isinstance(found, str):
            raise Unplanned(found)
        return found

    def _made(self, flags: Mapping[str, bool]) -> Plan | str:
        try:
            plan = Plan(self._schema, self._node, self._fragments, flags)
        except Unplanned as unplanned:
            return unplanned.reason
        except (Exception, Surprise):
            # A fault of ours; graphql-core answers all the same.
            log.exception("plan_failed")
            return "failed"
        self._grow(plan.size)
        return plan


def _chosen(flags: tuple[Flag, ...], variables: Mapping[str, Any]) -> tuple[bool, ...]:
    chosen = tuple(variables.get(name, default) for name, default in flags)
    if len(chosen) > MAX_FLAGS or not all(each is True or each is False for each in chosen):
        raise Unplanned("flags")
    return chosen


def flags_of(node: OperationDefinitionNode, fragments: Fragments) -> tuple[Flag, ...]:
    """The variables that decide what an operation includes."""
    names = set(_flag_names(node.selection_set, fragments, set()))
    return tuple(
        Flag(each.variable.name.value, getattr(each.default_value, "value", None))
        for each in node.variable_definitions or ()
        if each.variable.name.value in names
        and isinstance(each.default_value, BooleanValueNode | None)
    )


def _flag_names(
    selections: SelectionSetNode | None, fragments: Fragments, seen: set[str]
) -> Iterator[str]:
    for selection in selections.selections if selections else ():
        for directive in selection.directives or ():
            for argument in directive.arguments or ():
                if isinstance(argument.value, VariableNode):
                    yield argument.value.name.value
        below = getattr(selection, "selection_set", None)
        if isinstance(selection, FragmentSpreadNode):
            name = selection.name.value
            below = None if name in seen else fragments[name].selection_set
            seen.add(name)
        yield from _flag_names(below, fragments, seen)
