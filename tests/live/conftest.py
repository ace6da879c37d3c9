"""The application behind the real protocol, on the test's own loop."""

from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette

from gateway.serving.http import MOST_MESSAGE_BYTES
from gateway.wire.socket import PatientSocket
from tests.conftest import InProcess
from tests.wire.local import Local, serve


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
