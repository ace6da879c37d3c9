"""Limits hold for all workers together: no client is refused earlier, or allowed as much by each."""

import asyncio
import multiprocessing
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.crew import Crew as CrewOf
from gateway.crew.counts import SharedCounts
from gateway.crew.table import WAYS, SharedTable
from gateway.crew.throttle import SharedThrottle
from gateway.join.throttle import SharedLinkThrottle
from schema.operation.throttle import Rate, Throttle, Throttled
from tests.live.changes import LIST, client_of
from tests.live.talk import Closed, greeted
from tests.workers.crew import Crew


def crew_of(folder: Path, count: int = 2) -> list[CrewOf]:
    return [CrewOf(folder, number, count) for number in range(count)]


def test_a_bucket_is_of_all_workers_and_the_same_as_that_of_one(tmp_path: Path) -> None:
    alone = Throttle(Rate(10, 3600))
    both = [SharedThrottle(each, Rate(10, 3600)) for each in crew_of(tmp_path)]
    for turn, points in enumerate([3, 2, 1, 20, 2, 1]):
        outcomes = []
        for throttle in (alone, both[turn % 2]):
            try:
                outcomes.append(throttle.spend("a", points)[:2])
            except Throttled as refused:
                outcomes.append(refused.allowance[:2])
        assert outcomes[0] == outcomes[1]
    both[0].charge("a", 1_000)
    with pytest.raises(Throttled):
        both[1].spend("a", 1)
    assert both[1].spend("b", 1).remaining == 9


def test_a_table_forgets_what_was_used_longest_ago(tmp_path: Path) -> None:
    table = SharedTable(tmp_path / "table", "=d", WAYS)
    for number in range(WAYS + 1):
        with table.place_of(f"key {number}") as place:
            assert table.read(place) == (0,)
            table.write(place, number + 1)
        with table.place_of("key 1" if number > 1 else "key 0") as place:
            pass
    kept = []
    for number in (1, WAYS):
        with table.place_of(f"key {number}") as place:
            kept.append(table.read(place))
    assert kept == [(2,), (WAYS + 1,)]


def spend(folder: Path, number: int, results: "multiprocessing.Queue[int]") -> None:
    throttle = SharedThrottle(CrewOf(folder, number, 4), Rate(2_000, 10**6))
    granted = 0
    for _ in range(1_500):
        try:
            throttle.spend("a", 1)
            granted += 1
        except Throttled:
            continue
    results.put(granted)


def test_no_point_is_lost_or_given_twice_by_real_processes(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[int] = context.Queue()
    processes = [
        context.Process(target=spend, args=(tmp_path, number, results)) for number in range(4)
    ]
    for process in processes:
        process.start()
    granted = sum(results.get(timeout=60) for _ in processes)
    for process in processes:
        process.join(30)
    # A process that is interrupted while it holds the lock may cost the others a change or two.
    assert 1_990 <= granted <= 2_010


def test_counts_of_a_worker_that_is_replaced_are_forgotten(tmp_path: Path) -> None:
    first, second = crew_of(tmp_path)
    counts = SharedCounts(first), SharedCounts(second)
    counts[0].add("a", 3)
    counts[1].add("a", 2)
    assert [each.total("a") for each in counts] == [5, 5]
    successor = SharedCounts(first)
    assert successor.total("a") == 2
    counts[0].add("a", -3)  # By the old one, which ends now.
    assert successor.total("a") == 2
    assert successor.total("b") == 0


def test_unknown_links_are_counted_by_all(tmp_path: Path) -> None:
    both = [SharedLinkThrottle(each, limit=4) for each in crew_of(tmp_path)]
    assert [both[n % 2].seconds_to_wait("192.0.2.1", 100.0 + n) for n in range(4)] == [0] * 4
    assert [each.seconds_to_wait("192.0.2.1", 110.0) for each in both] == [50, 50]
    assert both[0].seconds_to_wait("192.0.2.2", 110.0) == 0
    assert both[1].seconds_to_wait("192.0.2.1", 161.0) == 0


def test_who_was_stopped_with_the_lock_does_not_stop_the_others(tmp_path: Path) -> None:
    stopped, other = [SharedThrottle(each, Rate(10, 3600)) for each in crew_of(tmp_path)]
    with stopped._table.place_of("a"):
        began = time.monotonic()
        other.spend("a", 1)
        assert time.monotonic() - began < 0.5


LIMITED = {"CONNECT_RATE_LIMIT": "30/hour", "CONNECT_LIVE_CONNECTIONS": "3"}


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    running = Crew(tmp_path_factory.mktemp("crew"), 2, LIMITED)
    yield running
    running.stop()


async def test_sockets_are_counted_over_workers(crew: Crew) -> None:
    async with (
        greeted(crew.port, crew.token), greeted(crew.port, crew.token) as second,
        greeted(crew.port, crew.token),
    ):  # fmt: skip
        for _ in range(4):
            with pytest.raises(Closed) as refused:
                async with greeted(crew.port, crew.token):
                    pass
            assert refused.value.code == 4429
        await second.socket.close()
        await asyncio.sleep(0.2)
        async with greeted(crew.port, crew.token):
            pass


async def test_points_are_counted_over_workers(crew: Crew) -> None:
    statuses = []
    for _ in range(40):
        async with client_of(crew.port, crew.token) as client:
            statuses.append((await client.get(f"{LIST}?page_size=1")).status_code)
    assert statuses == [200] * 30 + [429] * 10
