"""Histories of real processes under concurrent clients of both faces are linearizable."""

import asyncio
import random
from pathlib import Path

import pytest

from db.location import Location
from tests.histories.checker import check
from tests.histories.cluster import Cluster, cluster
from tests.histories.model import APPOINTMENT
from tests.histories.recorder import History, Load, Recorder

LONG = Load(appointments=60, clients=8, operations=25)


def ensure_linearizable(histories: list[History]) -> None:
    for history in histories:
        verdict = check(history, APPOINTMENT)
        assert verdict.is_linearizable, str(verdict)


async def record(running: Cluster, load: Load, seed: int, kills: int = 0) -> list[History]:
    """Records while processes are killed so many times, one after the other."""

    async def kill() -> None:
        for at in range(kills):
            await asyncio.sleep(random.Random(seed + at).uniform(0.1, 0.4))
            await running.kill(at)

    recorder = Recorder(lambda: running.urls, running.token, seed)
    killing = asyncio.ensure_future(kill())
    try:
        histories = await recorder.record(load)
        while not killing.done():
            histories = await recorder.record(load._replace(appointments=1))
        await killing
    finally:
        killing.cancel()
        await asyncio.gather(killing, return_exceptions=True)
    return histories


@pytest.mark.parametrize("processes", [1, 2])
def test_histories_are_linearizable(tmp_path: Path, location: Location, processes: int) -> None:
    with cluster(tmp_path, location, processes) as running:
        histories = asyncio.run(record(running, Load(), seed=processes))
    ensure_linearizable(histories)
    entries = [each for history in histories for each in history]
    assert all(each.is_known for each in entries)
    assert {"done", "stale"} <= {each.outcome.code for each in entries}
    kinds = {each.operation.kind for each in entries}
    assert {"create", "read", "patch", "add", "remove"} <= kinds


@pytest.mark.parametrize("processes", [1, 2])
def test_histories_with_kills_are(tmp_path: Path, location: Location, processes: int) -> None:
    with cluster(tmp_path, location, processes) as running:
        histories = asyncio.run(record(running, Load(), seed=10 + processes, kills=2))
    ensure_linearizable(histories)


@pytest.mark.long
@pytest.mark.parametrize("kills", [0, 20])
@pytest.mark.parametrize("processes", [1, 4])
def test_long_histories_are(tmp_path: Path, location: Location, processes: int, kills: int) -> None:
    with cluster(tmp_path, location, processes) as running:
        histories = asyncio.run(record(running, LONG, seed=100 + processes, kills=kills))
    ensure_linearizable(histories)
