"""Loaders: what they load reaches everybody who waits, and what nobody waits for is quiet."""

import asyncio
import gc
from typing import Any

import pytest

from schema.resolvers.loaders import Loader


async def failing(keys: list[str]) -> list[str]:
    raise RuntimeError(f"{keys[0]} cannot be read")


async def test_who_waits_is_told() -> None:
    loader = Loader(load_fn=failing)
    with pytest.raises(RuntimeError, match="a cannot be read"):
        await loader.load("a")


@pytest.mark.parametrize("is_cancelled", [False, True])
async def test_a_load_that_nobody_waits_for_is_not_reported(is_cancelled: bool) -> None:
    complaints: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    loader = Loader(load_fn=failing)
    abandoned = loader.load("a")
    if is_cancelled:
        abandoned.cancel()
    with pytest.raises(RuntimeError):
        await loader.load("b")
    del abandoned, loader
    await asyncio.sleep(0)
    gc.collect()
    assert complaints == []
