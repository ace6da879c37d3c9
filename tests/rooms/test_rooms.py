"""The room in real browsers, once each; `python -m tests.rooms --runs 20` is stricter and longer.

The limits here are generous: other work may hold the processors.
"""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from .chromium import chromium
from .links import glare, links, path
from .moderating import ends, remove, waiting
from .recoveries import network, reload, restart, socket
from .relaying import relay
from .story import story
from .switching import full, switches
from .trial import Trial
from .workers import workers

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PATIENCE = 4.0


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def trial(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Trial]:
    """One for all tests here, so that those with the same settings share a service."""
    made = Trial(browser, tmp_path_factory.mktemp("rooms"), PATIENCE)
    yield made
    await made.aclose()


async def test_two_see_each_other(trial: Trial) -> None:
    await links(trial, 2)


async def test_four_see_each_other(trial: Trial) -> None:
    await links(trial, 4)


async def test_one_too_many_is_told_so(trial: Trial) -> None:
    await full(trial, seats=3)


@pytest.mark.long
async def test_six_see_each_other(trial: Trial) -> None:
    """Takes two processors for itself: thirty links of six devices, all on one machine."""
    await links(trial, 6)


PROOFS: list[Callable[[Trial], Awaitable[str]]] = [
    path, glare, socket, restart, reload, relay, switches, remove, waiting, ends, workers, story,
]  # fmt: skip


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: str(proof.__name__))
async def test_what_is_promised_holds(
    trial: Trial, proof: Callable[[Trial], Awaitable[str]]
) -> None:
    await proof(trial)


async def test_a_lost_network_comes_back(trial: Trial) -> None:
    await network(trial, ways=("swallow",))
