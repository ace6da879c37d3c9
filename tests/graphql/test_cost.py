"""The price of an operation: never below what is resolved, whatever the document and its variables."""

import asyncio
import os
from typing import Any

import httpx2
import pytest
from graphql import DocumentNode, GraphQLSchema, build_schema, execute, parse
from graphql.execution import Executor as CoreExecutor
from starlette.applications import Starlette

from db.models import EventSource
from schema.build import build
from schema.execution.cost import Costs, UnknownSize
from schema.execution.errors import RequestError
from schema.execution.executor import Executor
from schema.execution.introspection import Introspection
from schema.execution.plans.classes import is_awaitable
from schema.execution.quicken import quickened
from schema.operation.call import Call, Caller
from tests.graphql.conftest import Ask
from tests.graphql.documents import Documents
from tests.people import Tenant

# All of them in the suite of every day: they take some ten seconds.
COUNT = int(os.environ.get("CONNECT_TEST_DOCUMENTS", "2000"))
BOOK = """mutation($n: String!, $p: [NewParticipant!]!) { createAppointment(input: {title: $n,
  startDateTime: "2040-01-01T00:00:00Z", durationMinutes: 30, participants: $p})
  { ... on AppointmentCreated { appointment { id participants(first: 100) { nodes { id } } } } } }"""


class Counting(CoreExecutor[Any]):
    """Counts the objects that one execution resolves below the root."""

    latest: "Counting | None" = None

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.resolved = 0
        Counting.latest = self

    def complete_object_value(self, return_type: Any, *rest: Any, **named: Any) -> Any:
        self.resolved += not return_type.name.startswith("__")
        return super().complete_object_value(return_type, *rest, **named)


async def resolved_by(schema: GraphQLSchema, document: DocumentNode, **named: Any) -> int:
    """Executes a document and returns how many objects it resolved, to the very last.

    After an error that is raised at once, graphql-core answers while siblings go on: what they
    resolve belongs to this document, and must be over before the next one.
    """
    Counting.latest = None
    outcome = execute(
        schema, document, executor_class=Counting, is_awaitable=is_awaitable, **named
    )  # fmt: skip
    if is_awaitable(outcome):
        await outcome
    counting = Counting.latest
    if counting is None:
        return 0  # The variables were refused.
    while counting.background_futures:
        await asyncio.wait([*counting.background_futures])
    return counting.resolved


async def fill(ask: Ask) -> tuple[list[str], list[str]]:
    """Appointments of many sizes; returns the ids of both kinds."""
    ids, people = [], []
    for size in (0, 1, 3, 25, 120):
        sent = [{"uniqueId": f"p{n}", "role": "MODERATOR"} for n in range(size)]
        made = (await ask(BOOK, n=f"No {size}", p=sent))["data"]["createAppointment"]["appointment"]
        ids.append(made["id"])
        people += [each["id"] for each in made["participants"]["nodes"]]
    return ids, people


async def test_no_document_resolves_more_than_was_predicted(
    app: Starlette, ask: Ask, tenant: Tenant
) -> None:
    ids, people = await fill(ask)
    some = [*ids, *people[:20], tenant.id, "none"]
    pools = {
        "appointment.id": ids, "participant.id": people, "node.id": some, "nodes.ids": some,
        "DateTime": ["2026-03-01T00:00:00Z", "2040-01-01T00:00:00+02:00"],
        "Int": [1, 2, 3, 0, -1, -100, 100, 101, 20], "String": [None, "p1", "x"],
        "updateAppointment.id": ids, "addParticipants.appointmentId": ids,
    }  # fmt: skip
    schema = quickened(build()._schema)
    executor = Executor()
    caller = Caller(tenant.id, tenant.name, "token", "name", ("write",))
    documents = Documents(schema, seed=20261121, pools=pools)
    tight = 0
    for number in range(COUNT):
        kind = "mutation" if number % 10 == 0 else "query"
        text, variables = documents.next(kind, depth=6)
        try:
            operation = executor.prepare(text, None)
        except RequestError:
            continue
        predicted = operation.points.at(variables)
        if predicted > 20_000:
            continue  # It would be refused; and it would take a while.
        call = Call(caller, app.state.lifespan["services"], EventSource.GRAPHQL, "test")
        resolved = await resolved_by(
            schema, operation.document, root_value=call, context_value=call,
            variable_values=dict(variables), operation_name=operation.name,
        )  # fmt: skip
        assert resolved <= predicted, (text, variables)
        tight += resolved > predicted // 2
    # Not by predicting the moon: many are close to what they cost.
    assert tight > COUNT // 20


async def test_what_goes_on_after_an_error_is_counted_where_it_belongs() -> None:
    schema = build_schema("type Query { thing: Thing } type Thing { inner: [Thing!]! wrong: Int! }")

    async def things(_: Any, __: Any) -> list[object]:
        await asyncio.sleep(0)
        return [object(), object()]

    def wrong(_: Any, __: Any) -> int:
        raise ValueError("at once")

    kind = schema.type_map["Thing"].fields  # type: ignore[attr-defined]
    kind["inner"].resolve, kind["wrong"].resolve = things, wrong
    schema.query_type.fields["thing"].resolve = lambda *_: object()  # type: ignore[union-attr]
    failed = parse("{ thing { inner { inner { __typename } } wrong } }")
    assert await resolved_by(schema, failed) == 1 + 2 + 4
    assert await resolved_by(schema, parse("{ thing { __typename } }")) == 1


@pytest.mark.parametrize(
    ("query", "variables", "points"),
    [
        ("{ viewer { tokenName } }", {}, 1),
        # A connection is an object, each of its nodes is one; what is absent counts as twenty.
        ("{ appointments { nodes { id } } }", {}, 21),
        ("{ appointments(first: 3) { nodes { id } totalCount } }", {}, 9),
        ("{ appointments(first: 3) { edges { node { id } } pageInfo { endCursor } } }", {}, 8),
        ("query($n: Int) { appointments(first: $n) { nodes { id } } }", {"n": 7}, 8),
        ("query($n: Int = 4) { appointments(first: $n) { nodes { id } } }", {}, 5),
        ("query($n: Int = 4) { appointments(first: $n) { nodes { id } } }", {"n": None}, 21),
        ("query($n: Int) { appointments(last: $n) { nodes { id } } }", {"n": 10**9}, 101),
        ("{ appointments(first: -5) { nodes { id } } }", {}, 1),
        ("{ appointments(first: 2) { nodes { participants(first: 3) { nodes { id } } } } }", {}, 11),
        ('{ nodes(ids: ["a", "b", "c"]) { id } }', {}, 3),
        ("query($i: [ID!]!) { nodes(ids: $i) { id } }", {"i": ["a"] * 50}, 50),
        ("query($i: ID!) { nodes(ids: [$i, $i]) { id } }", {"i": "a"}, 2),
        ('mutation { deleteAppointment(id: "x") { __typename } }', {}, 11),
        (
            "mutation($p: [NewParticipant!]!) { addParticipants(appointmentId: 1, participants: $p)"
            " { ... on ParticipantsAdded { added { id } } } }",
            {"p": [{}] * 9},
            21,
        ),
        (
            "mutation($i: [ID!]!) { removeParticipants(appointmentId: 1, participantIds: $i)"
            " { __typename } }",
            {"i": ["a"] * 1000},
            111,
        ),
        (
            "mutation($i: NewAppointment!) { createAppointment(input: $i) { __typename } }",
            {"i": {"participants": [{}] * 95}},
            21,
        ),
        (
            'mutation { deleteAppointment(id: "x") { ... on ValidationFailed { fields { code } } } }'
            .replace("delete", "start"),
            {},
            111,
        ),
        ('{ __type(name: "Node") { name } }', {}, 1),
        ('{ a: __type(name: "Node") { name kind } }', {}, 2),
        ("{ a: __schema { types { fields { name } } } }", {}, None),
    ],
)  # fmt: skip
def test_points(query: str, variables: dict[str, Any], points: int | None) -> None:
    found = Executor().prepare(query, None).points.at(variables)
    assert found > 40 if points is None else found == points


async def test_the_price_is_shown_when_it_is_asked_for(
    client: httpx2.AsyncClient, tenant: Tenant
) -> None:
    headers = {"Authorization": f"Token {tenant.read}"}
    body = {"query": "{ appointments(first: 3) { nodes { id } } }"}
    plain = await client.post("/graphql", json=body, headers=headers)
    assert "extensions" not in plain.json()
    shown = await client.post("/graphql", json=body, headers=headers | {"GraphQL-Cost": "report"})
    assert shown.json()["extensions"] == {"cost": {"points": 4, "limit": 1000}}


async def test_what_costs_too_much_is_refused_before_it_runs(ask: Ask) -> None:
    lists = " ".join(f"a{n}: appointments(first: -100) {{ nodes {{ id }} }}" for n in range(10))
    # A negative size is refused where it is resolved, and gives nobody points back.
    answer = await ask(f"{{ {lists} appointments(first: 100) {{ nodes {{ id }} }} }}")
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}
    answer = await ask(
        "query($n: Int) { appointments(first: $n) { nodes { participants(first: $n) "
        "{ nodes { id } } } } }",
        n=32,
    )
    assert answer["errors"][0]["extensions"]["code"] == "TOO_EXPENSIVE"
    assert "1089" in answer["errors"][0]["message"]


def test_a_list_of_objects_without_a_size_is_refused_when_the_schema_is_built() -> None:
    import strawberry

    @strawberry.type
    class Thing:
        name: str

    @strawberry.type
    class Query:
        things: list[Thing]

    schema = strawberry.Schema(Query)._schema
    with pytest.raises(UnknownSize, match=r"Query\.things"):
        Costs(schema, Introspection(schema))
