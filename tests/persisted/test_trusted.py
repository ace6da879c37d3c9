"""Trusted documents: found by every kind of identifier, and nothing else where only they run."""

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
import structlog
from starlette.applications import Starlette

from gateway.settings import Settings
from schema.execution.executor import Executor
from schema.execution.options import GraphQLOptions, Trusted
from schema.execution.requests import Requests
from schema.operation.call import Call

from .conftest import RESPONSE, SCHEMA, VIEWER, Ask, code, name, persisted, sha

LIST = "query List($n: Int = 5) { appointments(first: $n) { totalCount } }"
NAMED = "query Named { viewer { tokenName } }"
OTHER = "{ viewer { organization { name } } }"
SHA1 = hashlib.sha1(NAMED.encode()).hexdigest()
APOLLO = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [
        {"id": sha(LIST), "name": "List", "type": "query", "body": LIST},
        {"id": "client/7", "name": "Viewer", "type": "query", "body": VIEWER},
    ],
}
MAP = {SHA1: NAMED, f"sha256:{sha(SCHEMA)}": SCHEMA}


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    files = (tmp_path / "apollo.json", tmp_path / "map.json")
    for file, content in zip(files, (APOLLO, MAP), strict=True):
        file.write_text(json.dumps(content))
    return replace(settings, trusted_documents=files)


@pytest.mark.parametrize("get", [False, True])
@pytest.mark.parametrize("id", ["client/7", SHA1, sha(VIEWER), sha(NAMED), f"sha256:{sha(NAMED)}"])
async def test_a_trusted_document_is_there_from_the_start(ask: Ask, id: str, get: bool) -> None:
    for body in ({"documentId": id}, persisted(id)):
        assert name(await ask(body, get=get)) == "write token"


async def test_variables_reach_a_trusted_document(ask: Ask) -> None:
    answer = await ask({"documentId": f"sha256:{sha(LIST)}", "variables": {"n": 3}})
    assert answer.json() == {"data": {"appointments": {"totalCount": 0}}}
    dear = await ask({"documentId": sha(LIST), "variables": {"n": 101}})
    assert dear.json()["errors"][0]["message"] == "Give `first` from 1 to 100."


async def test_its_own_identifier_may_stand_beside_the_text_and_no_other(ask: Ask) -> None:
    assert name(await ask({"query": NAMED} | persisted(SHA1))) == "write token"
    assert code(await ask({"query": VIEWER} | persisted(SHA1))) == "PERSISTED_QUERY_HASH_MISMATCH"
    # Others are still registered.
    await ask({"query": OTHER} | persisted(sha(OTHER)))
    assert "data" in (await ask(persisted(sha(OTHER)))).json()


async def test_identifiers_need_a_token(ask: Ask) -> None:
    answers = [
        await ask({"documentId": id}, token="", get=get)
        for id in (sha(SCHEMA), "client/7", SHA1, "unknown")
        for get in (False, True)
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    # The text of a document that asks about the schema is public, as it always is.
    public = await ask({"query": SCHEMA, "documentId": sha(SCHEMA)}, token="")
    assert public.json()["data"]["__schema"]["queryType"]["name"] == "Query"


def test_trusted_documents_outlast_the_memory_of_documents() -> None:
    class Caller:
        def spend(self, points: int) -> None: ...

    executor = Executor(GraphQLOptions(document_bytes=10_000))
    requests = Requests(executor, GraphQLOptions(), Trusted({"id": NAMED}))
    call: Call = Caller()  # type: ignore[assignment]
    for number in range(50):
        text = f"query Q{number} {{ viewer {{ tokenName }} }}"
        requests.admit(text, sha(text), None, call)
    assert executor.documents.bytes <= 10_000
    assert requests.admit("", "id", None, call).name == "Named"


class TestOnly:
    """Where nothing else may be run."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, only_trusted_documents="on", log_level="info")

    @pytest.mark.parametrize("get", [False, True])
    @pytest.mark.parametrize(
        "body",
        [
            {"query": OTHER},
            {"query": OTHER} | persisted(sha(OTHER)),
            {"query": VIEWER + " "},
            {"query": "{ __schema { types { name } } }"},
            {"query": "{"},
            persisted(sha(OTHER)),
            {"documentId": "unknown"},
        ],
    )
    async def test_every_other_document_is_refused(
        self, ask: Ask, app: Starlette, body: dict[str, object], get: bool
    ) -> None:
        for accept, status in (("*/*", 200), (RESPONSE, 400)):
            refused = await ask(body, get=get, accept=accept)
            assert refused.status_code == status
            assert code(refused) == "DOCUMENT_NOT_TRUSTED"
            assert (await ask(body, get=get, token="")).status_code == 401

    async def test_trusted_ones_are_run_by_identifier_and_by_text(self, ask: Ask) -> None:
        bodies = (
            {"query": VIEWER},
            {"query": VIEWER} | persisted(sha(VIEWER)),
            {"documentId": "client/7"},
            persisted(SHA1),
        )
        for body in bodies:
            for _ in range(3):
                assert name(await ask(body)) == "write token"
        assert (await ask({"query": VIEWER}, token="")).status_code == 401
        assert "data" in (await ask({"query": SCHEMA}, token="")).json()

    async def test_a_refusal_is_counted_charged_and_logged_without_the_text(
        self, ask: Ask, client: httpx2.AsyncClient
    ) -> None:
        # An identifier can be anything; only a hash is written down.
        secret = {"query": '{ node(id: "secret") { id } }'}
        with structlog.testing.capture_logs() as lines:
            for body in (secret, persisted(sha(OTHER)), {"documentId": "secret"}):
                await ask(body)
        said = [line for line in lines if line["event"] == "document_not_trusted"]
        assert [line["document"] for line in said] == [sha(secret["query"]), sha(OTHER), None]
        assert all(line["request_id"] for line in said)
        assert "secret" not in str(lines)
        text = (await client.get("/metrics")).text
        assert re.search(r'connect_graphql_persisted_total\{outcome="not_trusted"\} 3\.0', text)

    async def test_the_pages_are_still_there(self, client: httpx2.AsyncClient) -> None:
        assert (await client.get("/explorer/")).status_code in (200, 503)
        assert (await client.get("/schema.graphql")).status_code == 200
