"""Automatic persisted queries over HTTP: Apollo's protocol, and who may find what."""

import re
from dataclasses import replace

import httpx2
import pytest

from gateway.settings import Settings
from schema.operation.throttle import Rate
from tests.people import Tenant

from .conftest import RESPONSE, SCHEMA, VIEWER, Ask, code, name, persisted, sha

HASH = sha(VIEWER)
MUTATION = 'mutation { deleteAppointment(id: "x") { __typename } }'


@pytest.mark.parametrize("get", [False, True])
async def test_an_unknown_hash_is_sent_again_with_its_query(ask: Ask, get: bool) -> None:
    missed = await ask(persisted(HASH), get=get)
    assert missed.status_code == 200
    assert missed.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert code(missed) == "PERSISTED_QUERY_NOT_FOUND"
    # Apollo Client registers by POST, urql by GET where the address stays short.
    registering = {"query": VIEWER} | persisted(HASH, miss=True)
    assert name(await ask(registering, get=get)) == "write token"
    assert name(await ask(persisted(HASH), get=True)) == "write token"
    assert name(await ask(persisted(HASH))) == "write token"
    assert name(await ask({"query": ""} | persisted(HASH))) == "write token"


async def test_the_newer_media_type_tells_by_status(ask: Ask) -> None:
    missed = await ask(persisted(HASH), accept=RESPONSE)
    assert missed.status_code == 400
    assert missed.headers["content-type"].startswith(RESPONSE)
    assert code(missed) == "PERSISTED_QUERY_NOT_FOUND"


async def test_identifiers_of_graphql_over_http_mean_the_same_document(ask: Ask) -> None:
    assert code(await ask({"documentId": f"sha256:{HASH}"})) == "PERSISTED_QUERY_NOT_FOUND"
    await ask({"query": VIEWER, "documentId": f"sha256:{HASH}"})
    for body in (
        {"documentId": f"sha256:{HASH}"},
        {"documentId": HASH},
        persisted(HASH),
        persisted(f"sha256:{HASH}") | {"documentId": HASH, "query": None},
    ):
        assert name(await ask(body)) == "write token"
        assert name(await ask({k: v for k, v in body.items() if v}, get=True)) == "write token"


@pytest.mark.parametrize(
    "wrong", [sha("{ viewer { id } }"), HASH.upper(), "abc", f"md5:{HASH}", "x" * 256, "\ud800"]
)
async def test_a_hash_that_is_not_the_documents_is_refused(ask: Ask, wrong: str) -> None:
    for body in (persisted(wrong), {"documentId": wrong}):
        refused = await ask({"query": VIEWER} | body)
        assert code(refused) == "PERSISTED_QUERY_HASH_MISMATCH"
        assert code(await ask(body)) == "PERSISTED_QUERY_NOT_FOUND"
    assert code(await ask(persisted(HASH))) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    "query", ["{", "{ nothing }", "{ viewer { tokenName } } # " + "x" * 15_000]
)
async def test_what_is_not_valid_is_not_registered(ask: Ask, query: str) -> None:
    assert code(await ask({"query": query} | persisted(sha(query)))) != "PERSISTED_QUERY_NOT_FOUND"
    assert code(await ask(persisted(sha(query)))) == "PERSISTED_QUERY_NOT_FOUND"


async def test_variables_and_names_come_with_each_request(ask: Ask) -> None:
    query = "query A($n: Int) { appointments(first: $n) { totalCount } } query B { viewer { tokenName } }"
    await ask({"query": query, "operationName": "B"} | persisted(sha(query)))
    assert name(await ask({"operationName": "B"} | persisted(sha(query)))) == "write token"
    listed = {"operationName": "A", "variables": {"n": 3}} | persisted(sha(query))
    assert (await ask(listed, get=True)).json() == {"data": {"appointments": {"totalCount": 0}}}
    assert code(await ask(listed | {"variables": {"n": "x"}})) == "BAD_USER_INPUT"
    assert code(await ask(persisted(sha(query)))) == "BAD_USER_INPUT"


async def test_a_mutation_is_never_run_by_get(ask: Ask) -> None:
    sent = {"query": MUTATION} | persisted(sha(MUTATION))
    assert (await ask(sent, get=True)).status_code == 405
    assert "data" in (await ask(sent)).json()
    refused = await ask(persisted(sha(MUTATION)), get=True)
    assert refused.status_code == 405
    assert refused.headers["allow"] == "POST"
    assert "data" in (await ask(persisted(sha(MUTATION)))).json()


async def test_a_registered_document_runs_with_the_rights_of_who_asks(
    ask: Ask, tenant: Tenant, other_tenant: Tenant
) -> None:
    await ask({"query": MUTATION} | persisted(sha(MUTATION)), token=tenant.admin)
    query = "{ viewer { organization { name } } }"
    await ask({"query": query} | persisted(sha(query)))
    other = await ask(persisted(sha(query)), token=other_tenant.read)
    assert other.json()["data"]["viewer"]["organization"]["name"] == other_tenant.name
    refused = await ask(persisted(sha(MUTATION)), token=other_tenant.read)
    assert refused.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize("token", ["", "wrong"])
async def test_strangers_find_nothing_and_leave_nothing(ask: Ask, token: str) -> None:
    known = {VIEWER: persisted(HASH), SCHEMA: persisted(sha(SCHEMA))}
    answers = [await ask(body, token=token) for body in known.values()]
    for query, body in known.items():
        await ask({"query": query} | body, token=token)
        assert code(await ask(body)) == "PERSISTED_QUERY_NOT_FOUND"
        await ask({"query": query} | body)
    # What a stranger is told does not depend on what others have registered.
    for before, body in zip(answers, known.values(), strict=True):
        after = await ask(body, token=token)
        assert before.status_code == after.status_code == 401
        assert before.content == after.content
    public = await ask({"query": SCHEMA} | known[SCHEMA], token=token)
    assert public.json()["data"]["__schema"]["queryType"]["name"] == "Query"
    assert code(await ask({"query": SCHEMA} | known[VIEWER], token=token)) == (
        "PERSISTED_QUERY_HASH_MISMATCH"
    )


async def test_metrics_count_what_became_of_identifiers(
    ask: Ask, client: httpx2.AsyncClient
) -> None:
    await ask(persisted(HASH))
    for _ in range(2):
        await ask({"query": VIEWER} | persisted(HASH))
    for _ in range(3):
        await ask(persisted(HASH))
    await ask({"query": VIEWER} | persisted("abc"))
    text = (await client.get("/metrics")).text
    found = dict(re.findall(r'connect_graphql_persisted_total\{outcome="(\w+)"\} (\S+)', text))
    assert found == {"not_found": "1.0", "registered": "1.0", "found": "3.0", "mismatch": "1.0"}


class TestSpending:
    """What identifiers cost the token."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, rate_limit=Rate(20, 36_000))

    async def test_a_hash_costs_what_its_document_costs(self, ask: Ask, tenant: Tenant) -> None:
        def left(answer: httpx2.Response) -> str:
            return str(answer.headers["ratelimit"]).split(";")[1]

        assert left(await ask({"query": VIEWER} | persisted(HASH))) == "r=14"
        assert left(await ask(persisted(HASH))) == "r=13"
        assert left(await ask({"query": VIEWER} | persisted(HASH))) == "r=12"
        # Neither a miss nor a wrong hash is free.
        await ask(persisted("abc"))
        await ask({"query": VIEWER} | persisted("abc"))
        assert left(await ask(persisted(HASH))) == "r=9"
        for _ in range(9):
            await ask(persisted("abc"))
        assert (await ask(persisted("abc"))).status_code == 429
        assert (await ask(persisted(HASH), token=tenant.read)).status_code == 200
