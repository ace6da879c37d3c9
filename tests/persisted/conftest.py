"""Asks for documents by their hashes."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest

from tests.people import Tenant

RESPONSE = "application/graphql-response+json"
VIEWER = "{ viewer { tokenName } }"
SCHEMA = "{ __schema { queryType { name } } }"

Ask = Callable[..., Awaitable[httpx2.Response]]


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def persisted(hash: str, **more: Any) -> dict[str, Any]:
    """The part of a request that Apollo's protocol adds."""
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash, **more}}}


def code(answer: httpx2.Response) -> str:
    (error,) = answer.json()["errors"]
    assert "data" not in answer.json()
    return str(error["extensions"]["code"])


def name(answer: httpx2.Response) -> str:
    """Whose token it was."""
    return str(answer.json()["data"]["viewer"]["tokenName"])


@pytest.fixture
def ask(client: httpx2.AsyncClient, tenant: Tenant) -> Ask:
    """Sends a request; nobody's token is the empty one."""

    async def send(
        body: dict[str, Any], *, token: str | None = None, get: bool = False, accept: str = "*/*"
    ) -> httpx2.Response:
        token = tenant.write if token is None else token
        headers = {"Accept": accept} | ({"Authorization": f"Bearer {token}"} if token else {})
        if not get:
            # Escaped, as a lone surrogate has to be.
            content = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
            return await client.post("/graphql", headers=headers, content=content)
        params = {
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in body.items()
        }
        return await client.get("/graphql", headers=headers, params=params)

    return send
