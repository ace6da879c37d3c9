"""Replays the recorded conversation with the original service against the whole application.

An old client notices nothing: status, headers and body of every recorded case are the same.
"""

import httpx2
from starlette.applications import Starlette

from .recording import RECORDED, add_keys, replayed


async def test_the_recorded_conversation_goes_the_same_way(
    app: Starlette, client: httpx2.AsyncClient
) -> None:
    await add_keys(app.state.lifespan["services"])
    assert await replayed(client) == []


def test_every_recorded_case_is_replayed() -> None:
    assert len(RECORDED) == 74
