"""Direct dispatch leads where the router would: to the same face, or to the same error."""

from types import SimpleNamespace
from typing import Any

import httpx2
import pytest

from gateway.middleware.crossroads import Crossroads
from tests.people import Tenant


async def taken(scope: dict[str, Any]) -> str:
    ways: list[str] = []

    def way(name: str) -> Any:
        async def follow(*_: Any) -> None:
            ways.append(name)

        return follow

    faces = way("rest"), way("graphql"), way("live"), way("room")
    roads = Crossroads(way("router"), "/api/v1", *faces)
    unused: Any = SimpleNamespace()
    await roads(scope, unused, unused)
    (name,) = ways
    return name


@pytest.mark.parametrize(
    ("path", "way"),
    [
        ("/api/v1/", "rest"),
        ("/api/v1/appointments/", "rest"),
        ("/graphql", "graphql"),
        ("/api/v1", "router"),
        ("/api/v10/", "router"),
        ("/graphql/", "router"),
        ("/", "router"),
    ],
)
async def test_each_face_gets_its_paths_and_the_router_all_others(path: str, way: str) -> None:
    assert await taken({"type": "http", "path": path}) == way
    assert await taken({"type": "websocket", "path": path}) == "live"


async def test_sockets_of_the_room_have_a_face_of_their_own() -> None:
    for path in ("/room", "/room/"):
        assert await taken({"type": "websocket", "path": path}) == "room"
        assert await taken({"type": "http", "path": path}) == "router"
    assert await taken({"type": "websocket", "path": "/rooms"}) == "live"


async def test_unknown_paths_are_404_as_in_the_router(
    client: httpx2.AsyncClient, tenant: Tenant
) -> None:
    headers = {"Authorization": f"Token {tenant.write}"}
    for path in ("/api/v1", "/api/v1x", "/graphqlx", "/nothing"):
        answer = await client.get(path, headers=headers)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})
