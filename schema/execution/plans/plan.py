"""A plan: one operation of a document, compiled to Python, for one choice of what it includes.

A plan only answers when all goes well. Otherwise graphql-core executes the operation and says what
is wrong; it is handed what the resolvers of the operation's own fields returned or raised.
"""

from collections.abc import Mapping
from typing import Any

from graphql import (
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
)

from ...internals import Collector
from ...operation.pace import Pace
from .arguments import Arguments, constants
from .fields import Reading, reading_of
from .infos import Infos
from .outcomes import Outcomes
from .parts import Group, Root, Slot
from .run import Run
from .surprise import Surprise, Unplanned
from .writer import Writer

ASKS_ABOUT_SCHEMA = frozenset({"__schema", "__type"})
# What a plan takes in memory: measured, see the tests.
BYTES = 10_000
BYTES_A_CHARACTER = 10
BYTES_A_SLOT = 600


class Incomplete(Exception):
    """The plan could not answer: why, and what the operation's resolvers came to until then."""

    def __init__(self, reason: str, outcomes: Outcomes) -> None:
        super().__init__(reason)
        self.reason = reason
        self.outcomes = outcomes


class Plan:
    """The compiled operation."""

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        flags: Mapping[str, bool],
    ) -> None:
        """Compiles; raises Unplanned for what only graphql-core can execute."""
        kind = schema.get_root_type(operation.operation)
        if kind is None:
            raise Unplanned("operation")
        self._schema = schema
        self._collector = Collector(schema, operation, fragments, flags)
        self._inputs = Arguments(schema, operation)
        self._is_serial = operation.operation is OperationType.MUTATION
        writer = Writer(self)
        self._roots: list[Root] = writer.roots(kind, self._collector.of_operation(kind))
        self._arguments = [self._inputs.of(slot) for slot in writer.slots]
        self._infos = Infos(schema, operation, fragments, writer.slots)
        self.code = writer.source.text
        self.size = BYTES + BYTES_A_CHARACTER * len(self.code) + BYTES_A_SLOT * len(writer.slots)

    async def answer(self, call: Any, variables: Mapping[str, Any], pace: Pace) -> dict[str, Any]:
        """Returns the data; raises Incomplete when graphql-core has to complete the operation."""
        try:
            coerced = self._inputs.variables(variables)
        except (Exception, Surprise):
            raise Incomplete("variables", Outcomes()) from None
        run = Run(self._infos, self._arguments, call, coerced, pace)
        try:
            return await run.data(self._roots, serially=self._is_serial)
        except Surprise as surprise:
            raise Incomplete(surprise.reason, run.outcomes) from None
        except Exception:
            raise Incomplete("error", run.outcomes) from None
        except BaseException:
            run.outcomes.cancel()
            raise
        finally:
            run.drop()

    # What `Writer` asks about.

    def collected(self, kind: GraphQLObjectType, group: Group) -> Mapping[str, Group]:
        """The fields that a selection has on an object of this type."""
        return self._collector.of_object(kind, group)

    def field_of(self, kind: GraphQLObjectType, name: str) -> GraphQLField | None:
        """A field of a type, also `__typename`."""
        if name in ASKS_ABOUT_SCHEMA:
            raise Unplanned("introspection")
        return self._schema.get_field(kind, name)

    def possible(self, kind: Any) -> list[GraphQLObjectType]:
        """The types that an interface or a union can turn out to be."""
        return list(self._schema.get_possible_types(kind))

    def reading(self, field: GraphQLField) -> Reading:
        """How the field is read."""
        return reading_of(self._schema, field)

    def constants(self, slot: Slot) -> dict[str, Any] | None:
        """The arguments of a field; None when they are made at a run."""
        return constants(self._inputs.of(slot))
