"""Statuses and codes of refused requests are pairs that `docs/graphql.md` lists."""

import json
from typing import Any

import httpx2
import pytest

from tests.house.test_graphql_documented import rows
from tests.people import Tenant

RESPONSE = "application/graphql-response+json"
LISTED = {
    (int(status), row[0].strip("`"))
    for row in rows("## Codes of errors")
    for status in row[1].split(", ")
}
VIEWER = {"query": "{ viewer { tokenName } }"}
DELETE = 'mutation { deleteAppointment(id: "x") { __typename } }'
REQUESTS: dict[str, tuple[dict[str, Any], tuple[int, str]]] = {
    "no object": ({"content": b"[]"}, (400, "BAD_REQUEST")),
    "a method": ({"method": "PUT"}, (405, "BAD_REQUEST")),
    "a write by GET": ({"method": "GET", "params": {"query": DELETE}}, (405, "BAD_REQUEST")),
    "a media type": ({"headers": {"Accept": "image/png"}}, (406, "BAD_REQUEST")),
    "too long": ({"content": b"x" * (1 << 20) + b"x"}, (413, "BAD_REQUEST")),
    "a form": ({"headers": {"Content-Type": "text/plain"}}, (415, "BAD_REQUEST")),
    "no GraphQL": ({"json": {"query": "{"}}, (400, "GRAPHQL_PARSE_FAILED")),
    "no such field": ({"json": {"query": "{ no }"}}, (400, "GRAPHQL_VALIDATION_FAILED")),
    "no such operation": ({"json": VIEWER | {"operationName": "x"}}, (400, "BAD_USER_INPUT")),
    "an unknown document": ({"json": {"documentId": "x"}}, (400, "PERSISTED_QUERY_NOT_FOUND")),
    "a wrong hash": (
        {"json": VIEWER | {"documentId": "x"}},
        (400, "PERSISTED_QUERY_HASH_MISMATCH"),
    ),
    "a wrong cursor": (
        {"json": {"query": '{ appointments(after: "x") { totalCount } }'}},
        (200, "BAD_USER_INPUT"),
    ),
    "no token": ({"headers": {"Authorization": ""}}, (401, "UNAUTHENTICATED")),
    "a reader": ({"json": {"query": DELETE}}, (200, "FORBIDDEN")),
    "a host": ({"headers": {"Host": "elsewhere.example"}}, (400, "UNKNOWN_HOST")),
    "a long address": ({"params": {"x": "x" * 9_000}}, (414, "TARGET_TOO_LONG")),
    "long headers": ({"headers": {"X-Long": "x" * 40_000}}, (431, "HEADERS_TOO_LARGE")),
}


@pytest.mark.parametrize("name", REQUESTS)
async def test_a_refusal_is_listed(client: httpx2.AsyncClient, tenant: Tenant, name: str) -> None:
    changes, wanted = REQUESTS[name]
    sent: dict[str, Any] = {"method": "POST", "content": json.dumps(VIEWER).encode(), **changes}
    if "json" in sent or sent["method"] == "GET":
        del sent["content"]
    sent["headers"] = {
        "Authorization": f"Bearer {tenant.read}",
        "Content-Type": "application/json",
        "Accept": RESPONSE,
    } | sent.get("headers", {})
    response = await client.request(url="/graphql", **sent)
    code = response.json()["errors"][0]["extensions"]["code"]
    assert (response.status_code, code) == wanted
    assert wanted in LISTED
