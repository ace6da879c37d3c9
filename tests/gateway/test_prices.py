"""A request is charged for the work that it caused, in addition to its predicted price."""

from dataclasses import replace

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.settings import Settings
from schema.operation.throttle import Rate
from tests.contract.test_appointments import booking
from tests.people import Tenant

LIST = "/api/v1/appointments/"
RATE = Rate(100_000, 10**9)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, rate_limit=RATE)


def spent(app: Starlette, token_id: str) -> int:
    throttle = app.state.lifespan["services"].throttle
    level, _ = throttle._buckets.get(token_id, (RATE.points, 0))
    return round(RATE.points - level)


async def test_large_requests_and_answers_cost_more_over_rest(
    client: httpx2.AsyncClient, app: Starlette, tenant: Tenant
) -> None:
    headers = {"Authorization": f"Token {tenant.write}"}
    people = [{"unique_id": f"p{n}", "role": "participant"} for n in range(1000)]
    small = await client.post(LIST, headers=headers, json=booking())
    (token_id,) = app.state.lifespan["services"].throttle._buckets
    assert spent(app, token_id) == 1
    large = await client.post(LIST, headers=headers, json=booking(participants=people))
    assert 50 < spent(app, token_id) < 500
    before = spent(app, token_id)
    await client.get(f"{LIST}{small.json()['id']}/", headers=headers)
    assert spent(app, token_id) - before == 1
    before = spent(app, token_id)
    await client.get(f"{LIST}{large.json()['id']}/", headers=headers)
    assert 50 < spent(app, token_id) - before < 500


@pytest.mark.sqlite("a server does not say how many rows a statement went through")
async def test_lists_without_an_index_are_charged_for_what_they_read(
    client: httpx2.AsyncClient, app: Starlette, tenant: Tenant
) -> None:
    headers = {"Authorization": f"Token {tenant.write}"}
    for _ in range(400):
        await client.post(LIST, headers=headers, json=booking())
    lists = " ".join(
        f'a{n}: appointments(first: 1, filter: {{participantUniqueId: "anna@example.org"}},'
        " orderBy: {field: UPDATED_AT, direction: ASC}) { nodes { id } }"
        for n in range(10)
    )
    (token_id,) = app.state.lifespan["services"].throttle._buckets
    await client.post("/graphql", headers=headers, json={"query": f"{{ {lists} }}"})
    before = spent(app, token_id)
    answer = await client.post("/graphql", headers=headers, json={"query": f"{{ {lists} }}"})
    assert len(answer.json()["data"]) == 10
    # Predicted: ten lists of one. Read: ten times four hundred appointments.
    assert spent(app, token_id) - before > 25
