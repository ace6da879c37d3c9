"""The application with built-in rooms behind the real protocol, on the test's own loop."""

from dataclasses import replace

import httpx2
import pytest

from gateway.settings import Settings
from schema.rooms.builtin import BuiltinSettings
from tests.conftest import NOON
from tests.live import conftest as on_the_wire
from tests.wire.local import Local

from .visitors import Meeting, meet

live = on_the_wire.live


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """Settings with built-in rooms; `@pytest.mark.rooms(room_seats="2")` changes them."""
    marker = request.node.get_closest_marker("rooms")
    return replace(settings, rooms=BuiltinSettings(**(marker.kwargs if marker else {})))


@pytest.fixture
async def office(client: httpx2.AsyncClient, token: str) -> httpx2.AsyncClient:
    """A client with a token."""
    client.headers["Authorization"] = f"Token {token}"
    return client


@pytest.fixture
async def meeting(office: httpx2.AsyncClient, live: Local) -> Meeting:
    """Three people, the first a moderator."""
    return await meet(office, live.port, now=NOON)
