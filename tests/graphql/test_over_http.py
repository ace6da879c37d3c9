"""GraphQL over HTTP: media types, statuses, methods, bad bodies, the query budget."""

import json
from typing import Any

import httpx2
import pytest

from tests.people import Tenant

RESPONSE = "application/graphql-response+json"
VIEWER = "{ viewer { tokenName } }"


@pytest.fixture
def headers(tenant: Tenant) -> dict[str, str]:
    return {"Authorization": f"Bearer {tenant.write}", "Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json", "application/json"),
        (RESPONSE, RESPONSE),
        (f"{RESPONSE}, application/json;q=0.9", RESPONSE),
        (f"{RESPONSE};q=0.5, application/json", "application/json"),
        ("text/html, */*;q=0.1", "application/json"),
    ],
)
async def test_the_answer_has_the_media_type_that_was_asked_for(
    client: httpx2.AsyncClient, headers: dict[str, str], accept: str | None, media_type: str
) -> None:
    sent = headers | ({"Accept": accept} if accept else {})
    response = await client.post("/graphql", headers=sent, json={"query": VIEWER})
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert "Accept" in response.headers["vary"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { viewer { tokenName } } query B { viewer { tokenName } }", "BAD_USER_INPUT"),
        ("fragment F on Viewer { tokenName }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($n: Int!) { appointments(first: $n) { totalCount } }", "BAD_USER_INPUT"),
    ],
)
async def test_a_request_that_cannot_run_has_no_data(
    client: httpx2.AsyncClient, headers: dict[str, str], query: str, code: str
) -> None:
    for accept, status in ((RESPONSE, 400), ("application/json", 200)):
        response = await client.post(
            "/graphql", headers=headers | {"Accept": accept}, json={"query": query}
        )
        assert response.status_code == status
        answer = response.json()
        assert "data" not in answer
        assert answer["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"1", b'"x"', b"[]", b"[{}]", b"{", b"\xff\xfe", b"[" * 50_000, b"{}",
        b'{"query": 1}', b'{"query": ""}', b'{"query": "{__typename}", "variables": []}',
        b'{"query": "{__typename}", "operationName": 1}', b'{"query": "{__typename}", "extensions": 1}',
        b'{"query": "{__typename}", "query": "{__typename}"}', b'{"query": NaN}',
    ],
)  # fmt: skip
async def test_a_body_that_is_no_request_is_a_clear_400(
    client: httpx2.AsyncClient, headers: dict[str, str], body: bytes
) -> None:
    response = await client.post("/graphql", headers=headers, content=body)
    assert response.status_code == 400
    assert response.json()["errors"][0]["message"]


async def test_other_types_sizes_and_methods(
    client: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    plain = headers | {"Content-Type": "text/plain"}
    assert (await client.post("/graphql", headers=plain, content=b"{}")).status_code == 415
    large = json.dumps({"query": VIEWER + " " * 1_100_000}).encode()
    assert (await client.post("/graphql", headers=headers, content=large)).status_code == 413
    for method in ("PUT", "DELETE", "PATCH"):
        response = await client.request(method, "/graphql", headers=headers)
        assert response.status_code == 405
        assert response.headers["allow"] == "GET, POST"
    sent = headers | {"Accept": "image/png"}
    refused = await client.post("/graphql", headers=sent, json={"query": VIEWER})
    assert refused.status_code == 406


async def test_get_reads_and_never_writes(
    client: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    response = await client.get("/graphql", headers=headers, params={"query": VIEWER})
    assert response.json()["data"]["viewer"]["tokenName"] == "write token"
    mutation = 'mutation { deleteAppointment(id: "x") { __typename } }'
    response = await client.get("/graphql", headers=headers, params={"query": mutation})
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    response = await client.get("/graphql", headers={"Accept": "text/html"})
    assert response.status_code == 303
    assert response.headers["location"] == "/explorer/"


async def test_the_schema_is_public_and_nothing_else(client: httpx2.AsyncClient) -> None:
    public = await client.post("/graphql", json={"query": "{ __schema { queryType { name } } }"})
    assert public.json()["data"]["__schema"]["queryType"]["name"] == "Query"
    for query in (
        VIEWER,
        "{ __typename viewer { tokenName } }",
        "{ ...F } fragment F on Query { viewer { tokenName } }",
    ):
        for accept in (RESPONSE, "application/json"):
            refused = await client.post(
                "/graphql", headers={"Accept": accept}, json={"query": query}
            )
            assert refused.status_code == 401
            assert refused.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
            assert "data" not in refused.json()


async def test_scopes_are_kept(client: httpx2.AsyncClient, tenant: Tenant) -> None:
    reader = {"Authorization": f"Token {tenant.read}"}
    mutation = 'mutation { deleteAppointment(id: "x") { __typename } }'
    response = await client.post("/graphql", headers=reader, json={"query": mutation})
    assert response.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_what_goes_wrong_on_our_side_is_masked(
    client: httpx2.AsyncClient, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> bytes:
        raise ZeroDivisionError("secret detail")

    created = await client.post(
        "/api/v1/appointments/",
        headers=headers,
        json={
            "title": "T", "start_date_time": "2026-03-10T09:00:00Z", "duration_minutes": 30,
            "participants": [{"unique_id": "a", "role": "moderator"}],
        },
    )  # fmt: skip
    assert created.status_code == 201
    monkeypatch.setattr("schema.domain.links.b2a_base64", broken)
    query = "{ appointments { nodes { participants { nodes { accessLink } } } } }"
    response = await client.post("/graphql", headers=headers, json={"query": query})
    error = response.json()["errors"][0]
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert error["extensions"]["errorId"] in error["message"]
    assert "secret" not in response.text


async def test_node_and_nodes_find_everything_by_id(
    client: httpx2.AsyncClient, headers: dict[str, str], tenant: Tenant
) -> None:
    created = await client.post(
        "/api/v1/appointments/",
        headers=headers,
        json={
            "title": "T", "start_date_time": "2026-03-10T09:00:00Z", "duration_minutes": 30,
            "participants": [{"unique_id": "a", "role": "moderator"}],
        },
    )  # fmt: skip
    row = created.json()
    ids = [row["participants"][0]["id"], "nope", tenant.id, row["id"], row["id"].upper()]
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    answer = await client.post(
        "/graphql", headers=headers, json={"query": query, "variables": {"ids": ids}}
    )
    assert [node and node["__typename"] for node in answer.json()["data"]["nodes"]] == [
        "Participant", None, "Organization", "Appointment", "Appointment",
    ]  # fmt: skip
    many = {"query": query, "variables": {"ids": ids * 21}}
    refused = await client.post("/graphql", headers=headers, json=many)
    assert refused.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
