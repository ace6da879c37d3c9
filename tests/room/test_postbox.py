"""What waits to be posted is counted exactly, whatever happens on the way."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.room import postbox
from gateway.room.figures import Figures
from gateway.room.parcels import ALL, Parcel
from gateway.room.postbox import Postbox
from schema.resolvers import seating

SEAT: Any = None
SERVICES: Any = SimpleNamespace(spawn=asyncio.ensure_future)
PARCEL = Parcel("chat", "seat", ALL, "x" * 1_000)


async def test_a_failure_that_nobody_expects_leaves_nothing_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    posted: list[int] = []

    async def post(services: Any, seat: Any, payloads: list[bytes]) -> int:
        if not posted:
            posted.append(0)
            raise ValueError("unexpected")
        posted.append(len(payloads))
        return len(posted)

    monkeypatch.setattr(seating, "post", post)
    monkeypatch.setattr(postbox, "BATCH_BYTES", 2_500)
    figures = Figures()
    box = Postbox(SERVICES, figures)
    for _ in range(5):
        box.put(SEAT, PARCEL)
    assert box._posting is not None
    await box._posting
    # Those of the first batch are gone, the others were posted.
    assert (posted, figures.elsewhere, box._bytes) == ([0, 2, 1], 3, 0)


async def test_what_is_broken_off_leaves_nothing_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = asyncio.Event()

    async def post(*_: Any) -> int:
        begun.set()
        await asyncio.Event().wait()
        return 0

    monkeypatch.setattr(seating, "post", post)
    box = Postbox(SERVICES, Figures())
    box.put(SEAT, PARCEL)
    assert box._posting is not None
    await begun.wait()
    box._posting.cancel()
    await asyncio.wait([box._posting])
    assert box._bytes == 0
