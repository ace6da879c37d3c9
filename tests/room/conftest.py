"""The application with built-in rooms behind the real protocol, on the test's own loop."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.serving.http import MOST_MESSAGE_BYTES
from gateway.settings import Settings
from gateway.wire.socket import PatientSocket
from schema.rooms.builtin import BuiltinSettings
from tests.conftest import NOON, InProcess
from tests.wire.local import Local, serve

from .visitors import Meeting, meet


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """Settings with built-in rooms; `@pytest.mark.rooms(room_seats="2")` changes them."""
    marker = request.node.get_closest_marker("rooms")
    return replace(settings, rooms=BuiltinSettings(**(marker.kwargs if marker else {})))


@pytest.fixture
async def live(app: Starlette) -> AsyncIterator[Local]:
    """The running application and its port."""
    async with serve(
        InProcess(app),
        ws=PatientSocket,
        ws_max_size=MOST_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=None,
    ) as local:
        yield local


@pytest.fixture
async def office(client: httpx2.AsyncClient, token: str) -> httpx2.AsyncClient:
    """A client with a token."""
    client.headers["Authorization"] = f"Token {token}"
    return client


@pytest.fixture
async def meeting(office: httpx2.AsyncClient, live: Local) -> Meeting:
    """Three people, the first a moderator."""
    return await meet(office, live.port, now=NOON)
