"""Two gateways that start alike: graphql-core answers in one, plans in the other.

Both see the same operations in the same order, and make the same ids, so that answers can be
compared byte for byte.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import orjson
import pytest
from graphql import ExecutionResult, GraphQLSchema, execute
from graphql.pyutils import is_awaitable

import schema.operation.call
import schema.resolvers.appointments
import schema.resolvers.people
from db.models import EventSource
from gateway.services import open_services
from gateway.settings import Settings
from schema.build import build
from schema.execution.documents import Operation
from schema.execution.errors import RequestError
from schema.execution.executor import Executor
from schema.execution.options import GraphQLOptions, Limits
from schema.operation.call import Call, Caller, Services
from tests.people import Tenant, add_tenant
from tests.postgresql.places import Places

# Documents at random are no ordinary ones; their size is not what is tested here.
WIDE = Limits(*[100_000] * len(Limits._fields))


class Ids:
    """Makes ids that begin again with every operation."""

    def __init__(self) -> None:
        self._operation = self._count = 0

    def begin(self, operation: int) -> None:
        """Begins an operation."""
        self._operation, self._count = operation, 0

    def __call__(self) -> str:
        """Returns the next id."""
        self._count += 1
        return f"0198f000-{self._operation % 65536:04x}-7000-8000-{self._count:012x}"


class Twins(NamedTuple):
    """The two gateways."""

    core: Services
    plans: Services
    tenant: Tenant
    ids: Ids
    # As Strawberry made it, without anything of ours.
    schema: GraphQLSchema
    executor: Executor

    def call(self, services: Services, scope: str) -> Call:
        """A caller's operation on one of the two."""
        caller = Caller(self.tenant.id, self.tenant.name, "token", "name", (scope,))
        return Call(caller, services, EventSource.GRAPHQL, "request")

    async def answers(
        self, number: int, text: str, variables: dict[str, Any], scope: str = "write"
    ) -> tuple[bytes, bytes]:
        """What both answer."""
        operation = self.executor.prepare(text, None)
        operation.plans.has_run = True
        self.ids.begin(number)
        async with self.call(self.core, scope) as call:
            wanted = await executed(self.schema, operation, call, variables)
        self.ids.begin(number)
        async with self.call(self.plans, scope) as call:
            found = await self.executor.executed(operation, call, variables, call.services.pace)
        return shown(found), shown(wanted)


def accepts(executor: Executor, text: str) -> bool:
    """Whether a document may be executed; it is kept then, and need not be validated again."""
    try:
        executor.prepare(text, None)
    except RequestError:
        return False
    return True


async def executed(
    schema: GraphQLSchema, operation: Operation, root: Any, variables: dict[str, Any]
) -> ExecutionResult:
    """Has graphql-core alone execute an operation."""
    outcome = execute(
        schema, operation.document, root, root, dict(variables), operation.name,
        max_coercion_errors=4,
    )  # fmt: skip
    return await outcome if is_awaitable(outcome) else outcome


def shown(result: ExecutionResult) -> bytes:
    """The whole response as bytes."""
    response: dict[str, Any] = {"data": result.data}
    if result.errors:
        response["errors"] = [error.formatted for error in result.errors]
    # A scalar without a serializer lets anything through, also what no JSON can hold.
    return orjson.dumps(response, lambda value: type(value).__name__, orjson.OPT_UTC_Z)


def is_race(found: bytes, wanted: bytes) -> bool:
    """Whether answers only differ in what depends on which of their fields failed first.

    Fields that fail side by side race, also in graphql-core: the order of their errors, and what
    one that fails for good cuts off, depends on how often each of them awaits.
    """
    ours, theirs = orjson.loads(found), orjson.loads(wanted)
    if ours["data"] != theirs["data"]:
        return False
    errors = [sorted(map(orjson.dumps, each.get("errors", ()))) for each in (ours, theirs)]
    roots = {error["path"][0] for each in (ours, theirs) for error in each.get("errors", ())}
    return errors[0] == errors[1] or (ours["data"] is None and len(roots) > 1)


@pytest.fixture
def ids(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ids]:
    """Ids that begin again with every operation."""
    ids = Ids()
    for module in (schema.operation.call, schema.resolvers.appointments, schema.resolvers.people):
        monkeypatch.setattr(module, "new_id", ids)
    yield ids


@asynccontextmanager
async def twins_of(
    settings: Settings, places: Places, clock: Any, ids: Ids
) -> AsyncIterator[Twins]:
    """Opens both gateways."""
    async with open_services(settings, clock) as services:
        tenant = await add_tenant(services, "Consulate General")
    other = places.copy(settings.database)
    async with (
        open_services(settings, clock) as core,
        open_services(replace(settings, given_database=other), clock) as plans,
    ):
        executor = Executor(GraphQLOptions(WIDE))
        untouched = build.__wrapped__()._schema
        yield Twins(core, plans, tenant, ids, untouched, executor)
