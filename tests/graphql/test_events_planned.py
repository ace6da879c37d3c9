"""A page of events runs by its plan, and what its events are about is read together."""

from typing import Any

import httpx2
from starlette.applications import Starlette

from tests.contract.test_appointments import booking
from tests.contract.test_events import QUERY
from tests.faces import GraphQLFace
from tests.graphql.conftest import Ask
from tests.graphql.test_plans_counted import counted
from tests.people import Tenant


async def test_a_page_of_events_is_planned_and_takes_four_statements(
    app: Starlette, client: httpx2.AsyncClient, tenant: Tenant, ask: Ask
) -> None:
    face = GraphQLFace(client, tenant.write)
    taken = []
    database: Any = app.state.lifespan["services"].database
    before = await counted(client)
    for _ in range(3):
        row = await face.create(**booking())
        for person in row["participants"]:
            await face.update_participant(row["id"], person["id"], display_name="Another")
        await ask(QUERY)  # Looks the token up, if that is due.
        statements = database.statements
        nodes = (await ask(QUERY))["data"]["events"]["edges"]
        taken.append(database.statements - statements)
    assert len(nodes) >= 6
    # How far the log reaches, the events, their appointments, their participants.
    assert taken == [4, 4, 4]
    after = await counted(client)
    # The query six times and two kinds of mutation: each ran unplanned the first time only.
    assert after["unplanned", "first"] - before.get(("unplanned", "first"), 0) == 3
    assert after.keys() == {("planned", ""), ("unplanned", "first")}


async def test_events_cost_what_they_answer(
    ask: Ask, client: httpx2.AsyncClient, tenant: Tenant
) -> None:
    async def points(query: str) -> int:
        headers = {"Authorization": f"Token {tenant.read}", "GraphQL-Cost": "report"}
        answer = await client.post("/graphql", headers=headers, json={"query": query})
        return int(answer.json()["extensions"]["cost"]["points"])

    page = await points("{ events(first: 100) { nodes { id } } }")
    assert page == 101
    assert await points("{ events(first: 100) { nodes { id appointment { id } } } }") == page + 100
    assert await points("{ events { nodes { id } } }") == 21
