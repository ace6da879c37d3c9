"""One process at a time has a duty; another takes over when that one is gone, by nobody's clock."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from db.queries import leases
from gateway.services import CLOCK, open_services, running_clock
from gateway.settings import Settings
from schema.operation import lease as lease_module
from schema.operation.call import Services
from schema.operation.lease import LOOK_SECONDS, SILENT_SECONDS, Lease, kept
from schema.resolvers.clockwork import tick


class Watch:
    """Counts the seconds that a test lets pass."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
async def other(settings: Settings, services: Services) -> AsyncIterator[Services]:
    """The services of another process on the same database."""
    async with open_services(settings, services.clock) as other:
        yield other


@pytest.fixture
def watch() -> Watch:
    return Watch()


Two = tuple[Lease, Lease]


@pytest.fixture
def two(services: Services, other: Services, watch: Watch) -> Two:
    """Two processes that share a duty; the first has it once it stepped."""
    return Lease(services.database, "duty", watch), Lease(other.database, "duty", watch)


async def test_the_first_has_it_and_keeps_it(two: Two, watch: Watch) -> None:
    first, second = two
    assert not first.is_ours()
    for _ in range(10):
        await first.step()
        await second.step()
        assert (first.is_ours(), second.is_ours()) == (True, False)
        watch.seconds += 2


async def test_whoever_is_silent_is_replaced_and_knows_it(two: Two, watch: Watch) -> None:
    first, second = two
    await first.step()
    await second.step()
    watch.seconds += SILENT_SECONDS - 0.1
    await second.step()
    assert not second.is_ours()
    watch.seconds += 0.1
    # Also before it has looked: it must not act on what it was sure of before it was stopped.
    assert not first.is_ours()
    await second.step()
    assert second.is_ours()
    await first.step()
    assert (first.is_ours(), second.is_ours()) == (False, True)


async def test_of_many_who_take_over_at_once_one_succeeds(services: Services, watch: Watch) -> None:
    crowd = [Lease(services.database, "duty", watch) for _ in range(8)]
    for _ in range(3):
        done = await asyncio.gather(*(each.step() for each in crowd), return_exceptions=True)
        # Not even when none had it before: of two that add it, one finds that it is there.
        assert done == [None] * len(crowd)
        assert sum(each.is_ours() for each in crowd) == 1
        watch.seconds += SILENT_SECONDS
        assert not any(each.is_ours() for each in crowd)


async def test_a_step_whose_answer_was_lost_is_found_out(two: Two, watch: Watch) -> None:
    first, second = two
    await first.step()
    seen = first._seen
    await first.step()
    first._seen = seen  # As after a commit that was durable and never answered.
    await first.step()
    await second.step()
    assert (first.is_ours(), second.is_ours()) == (True, False)


async def test_what_is_released_is_taken_at_once(two: Two, watch: Watch) -> None:
    first, second = two
    await first.step()
    await second.step()
    await first.release()
    await second.step()
    assert (first.is_ours(), second.is_ours()) == (False, True)
    await first.release()
    assert second.is_ours()


async def test_the_row_holds_no_time(two: Two, services: Services) -> None:
    await two[0].step()
    async with services.database.read() as transaction:
        assert await leases.find(transaction, "duty") == (two[0].holder, 1)
        assert await leases.find(transaction, "another") is None


async def test_a_database_that_fails_is_outlived(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_module, "LOOK_SECONDS", 0.01)
    first, _ = two
    whole = first._database
    first._database = None  # type: ignore[assignment]
    async with kept(first):
        await asyncio.sleep(0.05)
        first._database = whole
        async with asyncio.timeout(5):
            await first.wait()


async def test_the_clock_ticks_in_one_of_three_and_in_the_next_once_that_stops(
    services: Services, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks: list[int] = []
    enough = asyncio.Event()

    async def counted(services: Services) -> int:
        ticks.append(id(services))
        if len(ticks) == 5:
            enough.set()
        return await tick(services)

    monkeypatch.setattr("gateway.services.tick", counted)
    monkeypatch.setattr("gateway.services.CLOCK_SECONDS", 0.02)
    monkeypatch.setattr(lease_module, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(lease_module, "RAISE_SECONDS", 0.05)
    running: dict[int, AsyncExitStack] = {}
    for _ in range(3):
        stack = AsyncExitStack()
        opened = await stack.enter_async_context(open_services(settings, services.clock))
        await stack.enter_async_context(running_clock(opened, is_alone=False))
        running[id(opened)] = stack
    while running:
        async with asyncio.timeout(LOOK_SECONDS + 2):
            await enough.wait()
        (holder,) = set(ticks)
        await running.pop(holder).aclose()
        ticks.clear()
        enough.clear()
    async with services.database.read() as transaction:
        row = await leases.find(transaction, CLOCK)
    assert row is not None
    assert row.holder == ""
