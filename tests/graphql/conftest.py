"""A GraphQL client on the running application."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest

from tests.people import Tenant

Ask = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def ask(client: httpx2.AsyncClient, tenant: Tenant) -> Ask:
    """Sends an operation and returns the whole answer."""

    async def send(query: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
        response = await client.post(
            "/graphql",
            headers={"Authorization": f"Bearer {token or tenant.write}"},
            json={"query": query, "variables": variables},
        )
        assert response.status_code < 500, response.text
        return response.json()

    return send
