"""A write that is held in the middle of its transaction."""

import asyncio
from typing import Any

import pytest

from db.queries import idempotency


class Held:
    """Holds the first keyed write before it is kept."""

    def __init__(self) -> None:
        self._entered = asyncio.Event()
        self._free = asyncio.Event()

    async def entered(self) -> None:
        await asyncio.wait_for(self._entered.wait(), 5)

    def let_go(self) -> None:
        self._free.set()

    async def wait(self) -> None:
        self._entered.set()
        await asyncio.wait_for(self._free.wait(), 10)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    gate, add = Held(), idempotency.add

    async def slow(*arguments: Any) -> None:
        await gate.wait()
        await add(*arguments)

    monkeypatch.setattr(idempotency, "add", slow)
    return gate
