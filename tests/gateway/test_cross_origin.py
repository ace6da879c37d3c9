"""Frontends on other origins: what their preflights ask for, and what their scripts can read."""

import httpx2
import pytest

from tests.people import Tenant

ORIGIN = "https://app.example"
STRANGER = "https://evil.example"
PATHS = ["/graphql", "/api/v1/appointments/", "/api/v1/appointments/x/", "/openapi.json"]
SENT = "apollographql-client-name,authorization,content-type,idempotency-key,if-match,traceparent"


def preflight(origin: str = ORIGIN, method: str = "PATCH", headers: str = SENT) -> dict[str, str]:
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    return asked | ({"Access-Control-Request-Headers": headers} if headers else {})


def allowances(answer: httpx2.Response) -> list[str]:
    return [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
async def test_a_preflight_gets_the_headers_it_asks_for(
    client: httpx2.AsyncClient, path: str, method: str
) -> None:
    answer = await client.options(path, headers=preflight(method=method))
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-headers"] == SENT
    assert method in answer.headers["access-control-allow-methods"].split(", ")
    assert {"Origin", "Access-Control-Request-Headers"} <= set(answer.headers["vary"].split(", "))


async def test_a_preflight_may_ask_for_no_header(client: httpx2.AsyncClient) -> None:
    answer = await client.options("/graphql", headers=preflight(headers=""))
    assert answer.status_code == 200
    assert "access-control-allow-headers" not in answer.headers


@pytest.mark.parametrize("headers", ["a" * 2_001, "x;y", 'x"y', "caf\xe9", "x\x7f", "a:b"])
async def test_what_is_no_list_of_names_is_not_reflected(
    client: httpx2.AsyncClient, headers: str
) -> None:
    asked = [(name, value.encode("latin-1")) for name, value in preflight(headers=headers).items()]
    answer = await client.options("/graphql", headers=asked)
    assert (answer.status_code, allowances(answer)) == (400, [])


@pytest.mark.parametrize("path", PATHS)
async def test_another_origin_learns_nothing(
    client: httpx2.AsyncClient, tenant: Tenant, path: str
) -> None:
    for origin in (
        STRANGER,
        "null",
        ORIGIN + ".evil.example",
        ORIGIN + ":8443",
        "http" + ORIGIN[5:],
    ):
        asked = await client.options(path, headers=preflight(origin=origin))
        assert (asked.status_code, allowances(asked)) == (400, [])
        assert "CONNECT_CORS_ORIGINS" in asked.text
        answer = await client.get(path, headers=tenant_headers(tenant) | {"Origin": origin})
        assert allowances(answer) == []
        assert "Origin" in answer.headers["vary"], "a cache must not answer others with this"


async def test_a_script_can_read_what_clients_need(
    client: httpx2.AsyncClient, tenant: Tenant
) -> None:
    sent = tenant_headers(tenant) | {"Origin": ORIGIN}
    for path in ("/graphql", "/api/v1/appointments/"):
        answer = await client.get(path, headers=sent)
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        exposed = set(answer.headers["access-control-expose-headers"].split(", "))
        assert {"ETag", "Retry-After", "X-Request-Id", "X-Ignored-Fields", "RateLimit"} <= exposed


def tenant_headers(tenant: Tenant) -> dict[str, str]:
    return {"Authorization": f"Token {tenant.read}"}
