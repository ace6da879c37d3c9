"""Hostile shapes of identifiers and `extensions`, and a thousand registrations."""

import gc
import json
import tracemalloc
from typing import Any

import httpx2
import pytest

from schema.execution.executor import Executor
from schema.execution.options import GraphQLOptions
from schema.execution.requests import Requests
from schema.operation.call import Call
from tests.people import Tenant

from .conftest import VIEWER, Ask, persisted, sha

HASH = sha(VIEWER)
WRONG: list[Any] = [0, 1, -1, 1.5, True, False, "", "x", [], [1], [[]], {}, {"a": 1}, "x" * 100_000]


def shapes() -> list[dict[str, Any]]:
    """Requests without a query, of which none says which document it means."""
    found = [{"extensions": wrong} for wrong in WRONG]
    found += [{"extensions": {"persistedQuery": wrong}} for wrong in (None, *WRONG)]
    found += [
        {"extensions": {"persistedQuery": {"version": wrong, "sha256Hash": HASH}}}
        for wrong in (None, 0, 2, "1", [1], {"1": 1}, 1e300, 10**400)
    ]
    found += [
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": wrong}}}
        for wrong in (None, *WRONG)
        if wrong != "x"
    ]
    found += [{"documentId": wrong} for wrong in (None, *WRONG) if wrong != "x"]
    found += [
        {"extensions": {"persistedQuery": {"sha256Hash": HASH}}},
        {"extensions": {"persistedQuery": {"version": 1}}},
        {"documentId": "a"} | persisted("b"),
        {"query": VIEWER, "documentId": "a"} | persisted(HASH),
    ]
    return found


@pytest.mark.parametrize("body", shapes(), ids=lambda body: json.dumps(body)[:70])
async def test_a_request_that_names_no_document_is_a_clear_400(
    ask: Ask, body: dict[str, Any]
) -> None:
    for get in (False, True):
        sent = {key: value for key, value in body.items() if not get or value is not None}
        if get and len(json.dumps(body)) > 8_000:
            continue  # Longer than an address may be.
        if get and isinstance(sent.get("documentId"), int | float | list | dict):
            continue  # In an address everything is text.
        answer = await ask(sent or {"a": "b"}, get=get)
        assert answer.status_code == 400
        (error,) = answer.json()["errors"]
        assert error["message"].startswith(("Give `", "`documentId` and", "`extensions`: "))
        assert len(answer.content) < 400


@pytest.mark.parametrize(
    "extensions",
    [
        '{"persistedQuery": ' + '{"a": ' * 100 + "1" + "}" * 101,
        '{"persistedQuery": ' + "[" * 20_000,
        '{"persistedQuery": {"version": 1, "version": 1}}',
        '{"persistedQuery": {"version": NaN, "sha256Hash": "x"}}',
        '{"persistedQuery": {"version": 1' + "0" * 5_000 + "}}",
        '{"persistedQuery": {"version": 1, "sha256Hash": "\\ud800"}, "a": ['
        + "[]," * 30_000
        + "1]}",
    ],
)
async def test_deep_and_huge_extensions_are_bounded_like_any_json(
    client: httpx2.AsyncClient, tenant: Tenant, extensions: str
) -> None:
    headers = {"Authorization": f"Bearer {tenant.write}", "Content-Type": "application/json"}
    body = f'{{"query": "{VIEWER}", "extensions": {extensions}}}'
    answer = await client.post("/graphql", headers=headers, content=body.encode())
    assert answer.status_code == 400
    assert len(answer.content) < 400


async def test_extensions_of_others_are_ignored(ask: Ask) -> None:
    for extensions in ({"x": [1]}, {}, None, {"persistedQuery": None}):
        answer = await ask({"query": VIEWER, "extensions": extensions})
        assert answer.json()["data"]["viewer"]


class _Caller:
    """Pays for nothing."""

    def spend(self, points: int) -> None:
        assert points > 0


def registered(executor: Executor, numbers: range) -> int:
    """Registers a document for each number; returns how many were new."""
    requests = Requests(executor, GraphQLOptions())
    call: Call = _Caller()  # type: ignore[assignment]
    for number in numbers:
        text = f"query Q{number} {{ viewer {{ tokenName }} }}"
        requests.admit(text, sha(text), None, call)
    return requests.persisted.counts["registered"]


def test_a_thousand_registrations_stay_within_the_bytes_of_documents() -> None:
    bound = 1_000_000
    executor = Executor(GraphQLOptions(document_bytes=bound))
    registered(executor, range(20))
    gc.collect()
    tracemalloc.start()
    try:
        assert registered(executor, range(20, 1020)) == 1000
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] < bound * 1.1
    finally:
        tracemalloc.stop()
    documents = executor.documents
    assert documents.bytes <= bound
    assert 20 < len(documents) == len(documents._by_hash) < 1000
    # Those that went are not found by their hashes either, and the last one is.
    last = "query Q1019 { viewer { tokenName } }"
    assert documents.text_of(sha(last)) == last
    assert documents.text_of(sha("query Q20 { viewer { tokenName } }")) is None


def test_a_registered_document_is_kept_once_and_counted() -> None:
    executor = Executor(GraphQLOptions(document_bytes=1 << 30))
    registered(executor, range(200))
    gc.collect()
    before = executor.documents.bytes
    tracemalloc.start()
    try:
        assert registered(executor, range(200, 1200)) == 1000
        assert registered(executor, range(200, 1200)) == 0
        gc.collect()
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert len(executor.documents) == 1200
    assert taken <= (executor.documents.bytes - before) * 1.1


def test_a_document_larger_than_all_that_is_kept_is_not_registered() -> None:
    executor = Executor(GraphQLOptions(document_bytes=1_000))
    assert registered(executor, range(3)) == 0
    assert executor.documents.bytes == 0
    assert executor.documents._by_hash == {}
