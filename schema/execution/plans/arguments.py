"""Variables of an operation and arguments of its fields, as graphql-core and Strawberry see them.

What can be done once is done when the plan is made.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import (
    GraphQLArgument,
    GraphQLNonNull,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    ValueNode,
)

from ...internals import (
    VariableValues,
    VariableValueSource,
    coerce_default_value,
    signature_of,
)
from .fields import How
from .inputs import Change, Conversions, coercion_of
from .literals import FIXED, Literal, literal_of, variables_in
from .parts import Slot
from .surprise import Surprise, Unplanned, none

NOTHING = VariableValues({}, {})


class Argument(NamedTuple):
    """One argument of a field as it stands in an operation."""

    name: str
    definition: GraphQLArgument
    literal: Literal | None
    convert: Change | None
    is_constant: bool


class Arguments:
    """Variables of one operation, and the arguments of its fields."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._conversions = Conversions(schema)
        self._variables = []
        for definition in operation.variable_definitions or ():
            signature = signature_of(schema, definition)
            if signature is None:
                raise Unplanned("variables")
            self._variables.append((signature.name, signature, coercion_of(signature.type, {})))

    def variables(self, given: Mapping[str, Any]) -> VariableValues:
        """Returns the variables as they are used; raises when one is not acceptable."""
        if not self._variables:
            return NOTHING
        sources, coerced = {}, {}
        for name, signature, coerce in self._variables:
            value = given.get(name, Undefined)
            if value is not Undefined:
                sources[name] = VariableValueSource(signature, value)
                coerced[name] = coerce(value)
                continue
            sources[name] = VariableValueSource(signature)
            if signature.default is not None:
                coerced[name] = coerce_default_value(signature)
            elif isinstance(signature.type, GraphQLNonNull):
                none()
        return VariableValues(sources, coerced)

    def of(self, slot: Slot) -> list[Argument]:
        """Reads what stands in the operation for the arguments of a field."""
        given = {each.name.value: each.value for each in slot.nodes[0].arguments or ()}
        converts: dict[str, tuple[str, Change | None]] = {}
        definition = slot.reading.definition
        if slot.reading.how is How.FUNCTION and definition is not None:
            for each in definition.arguments:
                name = self._conversions.config.name_converter.from_argument(each)
                converts[name] = (each.python_name, self._conversions.of(each.type))
        found = []
        for name, argument in slot.field.args.items():
            if name not in given and _is_left_out(argument):
                continue
            taken_as, convert = converts.get(name, (argument.out_name or name, None))
            found.append(_argument(argument, given.get(name), taken_as, convert))
        return found


def _is_left_out(definition: GraphQLArgument) -> bool:
    """Whether an argument that is not given does not come up at all."""
    may_be_absent = not isinstance(definition.type, GraphQLNonNull)
    return may_be_absent and coerce_default_value(definition) is Undefined


def _argument(
    definition: GraphQLArgument, node: ValueNode | None, name: str, convert: Change | None
) -> Argument:
    is_constant = node is None or not any(variables_in([node]))
    literal = None if node is None else literal_of(node, definition.type)
    return Argument(name, definition, literal, convert, is_constant)


def constants(arguments: list[Argument]) -> dict[str, Any] | None:
    """Returns arguments that are the same at every run and for every row; None when they vary."""
    if not all(each.is_constant for each in arguments):
        return None
    try:
        found = values(arguments, {})
    except (Exception, Surprise):
        return None
    return found if is_fixed(found) else None


def values(arguments: list[Argument], coerced: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the arguments as the field takes them; raises when one is not acceptable."""
    found = {}
    for name, definition, literal, convert, _ in arguments:
        value = Undefined if literal is None else literal(coerced)
        if value is Undefined:
            value = coerce_default_value(definition)
        if value is Undefined:
            if isinstance(definition.type, GraphQLNonNull):
                none()
            continue
        found[name] = value if convert is None else convert(value)
    return found


def is_fixed(arguments: Mapping[str, Any]) -> bool:
    """Whether all calls can share the arguments, because nobody can change them."""
    for value in arguments.values():  # noqa: SIM110  (at every request: a generator costs twice)
        if not isinstance(value, FIXED):
            return False
    return True
