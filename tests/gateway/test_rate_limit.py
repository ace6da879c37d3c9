"""One bucket for each token on both faces: headers, 429 in the format of each, its order."""

from dataclasses import replace

import httpx2
import pytest

from gateway.settings import Settings
from schema.operation.throttle import Rate
from tests.people import Tenant

LIST = "/api/v1/appointments/"
NOBODY = f"{LIST}00000000-0000-7000-8000-000000000000/"
QUERY = {"query": "{ viewer { tokenName } }"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, rate_limit=Rate(12, 36_000))


def token(text: str) -> dict[str, str]:
    return {"Authorization": f"Token {text}"}


def left(answer: httpx2.Response) -> str:
    assert answer.headers["ratelimit-policy"] == '"default";q=12;w=36000'
    return str(answer.headers["ratelimit"])


async def test_both_faces_spend_from_one_bucket(client: httpx2.AsyncClient, tenant: Tenant) -> None:
    read = token(tenant.read)
    # Sent once before, because a document that is not cached costs more.
    fresh = await client.post("/graphql", headers=token(tenant.admin), json=QUERY)
    assert left(fresh) == '"default";r=6;t=18000'
    assert left(await client.get(NOBODY, headers=read)) == '"default";r=11;t=3000'
    assert left(await client.get(LIST, headers=read)) == '"default";r=8;t=12000'
    assert left(await client.get(LIST + "?page_size=30", headers=read)) == '"default";r=4;t=24000'
    assert left(await client.post("/graphql", headers=read, json=QUERY)) == '"default";r=3;t=27000'
    assert left(await client.options(LIST, headers=read)).startswith('"default";r=')
    assert left(await client.put(LIST, headers=token(tenant.write))) == '"default";r=11;t=3000'
    for _ in range(3):
        refused = await client.get(LIST + "?page_size=100", headers=read)
        assert refused.status_code == 429
        assert refused.json() == {
            "detail": "Request was throttled. Expected available in "
            f"{refused.headers['retry-after']} seconds."
        }
        assert 26_000 < int(refused.headers["retry-after"]) <= 36_000
        assert left(refused).startswith('"default";r=')


async def test_graphql_answers_429_with_a_code(client: httpx2.AsyncClient, tenant: Tenant) -> None:
    read = token(tenant.read)
    await client.post("/graphql", headers=token(tenant.admin), json=QUERY)
    for _ in range(12):
        assert (await client.post("/graphql", headers=read, json=QUERY)).status_code == 200
    refused = await client.post("/graphql", headers=read, json=QUERY)
    assert refused.status_code == 429
    (error,) = refused.json()["errors"]
    assert error["extensions"]["code"] == "RATE_LIMITED"
    wait = refused.headers["retry-after"]
    assert error["message"] == f"Request was throttled. Expected available in {wait} seconds."
    assert left(refused) == '"default";r=0;t=36000'


async def test_the_place_of_429_in_the_order_of_checks(
    client: httpx2.AsyncClient, tenant: Tenant
) -> None:
    read = token(tenant.read)
    while (await client.get(NOBODY, headers=read)).status_code == 404:
        pass
    asked = {
        404: client.get("/api/v1/nothing/", headers=read),
        406: client.get(LIST, headers=read | {"Accept": "text/html"}),
        401: client.get(LIST),
        403: client.post(LIST, headers=read, json={}),
        429: client.get(NOBODY, headers=read),
    }
    for status, answer in asked.items():
        assert (await answer).status_code == status
    writer = token(tenant.write)
    while (await client.put(LIST, headers=writer)).status_code == 405:
        pass
    for method, path in (("PUT", LIST), ("DELETE", NOBODY), ("POST", LIST), ("OPTIONS", LIST)):
        answered = await client.request(method, path, headers=writer)
        assert answered.status_code == 429, method
        assert answered.headers["allow"]


async def test_callers_without_a_token_see_no_limit(client: httpx2.AsyncClient) -> None:
    for answer in (
        await client.get(LIST),
        await client.post("/graphql", json=QUERY),
        await client.get(LIST, headers=token("cct_no")),
    ):
        assert answer.status_code == 401
        assert "ratelimit" not in answer.headers


class TestOff:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, rate_limit=None)

    async def test_nothing_is_counted(self, client: httpx2.AsyncClient, tenant: Tenant) -> None:
        for _ in range(20):
            answer = await client.get(LIST, headers=token(tenant.read))
            assert answer.status_code == 200
            assert "ratelimit" not in answer.headers
