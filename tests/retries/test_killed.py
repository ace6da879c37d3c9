"""`kill -9` between equal writes: each key has one effect, and one answer for everybody."""

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest

from db.location import Location, Server
from tests.faults.site import Site
from tests.postgresql.databases import Databases
from tests.retries.storm import Storm

# Access links are equal across restarts only on an address that does not change.
SETTINGS = {"CONNECT_PUBLIC_URL": "http://connect.example"}


class Sites:
    """Processes that serve one database; requests go to any of them."""

    def __init__(self, folder: Path, location: Location, processes: int, workers: int = 1) -> None:
        folders = [folder / f"process{number}" for number in range(processes)]
        url = location.dsn if isinstance(location, Server) else f"sqlite:///{location.path}"
        self.sites = [Site(each, url, workers, SETTINGS) for each in folders]
        for each in folders:
            each.mkdir()

    def start(self) -> None:
        """Makes the organizations and starts all processes."""
        self.sites[0].prepare()
        for site in self.sites:
            site.start()

    @property
    def token(self) -> str:
        return self.sites[0].accounts[0].token

    def port(self) -> int:
        return random.choice(self.sites).port

    def kill_something(self) -> None:
        random.choice(self.sites).kill_something()

    def stop(self) -> None:
        for site in self.sites:
            site.stop()

    def close(self) -> None:
        for site in self.sites:
            site.close()


async def hold(sites: Sites, keys: int, clients: int, kills: int) -> None:
    """Sends every key by every client while processes are killed, then counts effects."""
    try:
        await asyncio.to_thread(sites.start)
        storm = Storm(sites.port, sites.token, keys, clients)
        storm.begin()
        try:
            for kill in range(1, kills + 1):
                await storm.reach(storm.wanted * kill // (kills + 1))
                await asyncio.sleep(random.random() * 0.02)
                await asyncio.to_thread(sites.kill_something)
            await storm.finish()
        finally:
            storm.end()
        await asyncio.to_thread(sites.stop)
    finally:
        sites.close()
    assert storm.cut > 0 or not kills, "no request was cut off: nothing was tried"
    assert {len(bodies) for bodies in storm.answers.values()} == {1}
    assert storm.replayed >= storm.wanted - keys
    await asyncio.to_thread(ensure_one_effect_each, sites.sites[0], keys)
    assert [line for site in sites.sites for line in site.tracebacks()] == []


def ensure_one_effect_each(site: Site, keys: int) -> None:
    state = site.state()
    titles = Counter(each["title"] for each in state.appointment)
    assert titles == Counter({f"title {number}": 1 for number in range(keys)})
    assert len(state.participant) == keys
    created = Counter(each["appointment_id"] for each in state.event)
    assert created == Counter({each["id"]: 1 for each in state.appointment})


async def test_each_key_has_one_effect(tmp_path: Path, location: Location) -> None:
    await hold(Sites(tmp_path, location, 1), keys=40, clients=6, kills=3)


async def test_each_key_has_one_effect_among_workers(tmp_path: Path, location: Location) -> None:
    await hold(Sites(tmp_path, location, 1, workers=2), keys=40, clients=6, kills=3)


async def test_each_key_has_one_effect_among_processes(
    tmp_path: Path, postgresql: Databases
) -> None:
    with postgresql.one() as server:
        await hold(Sites(tmp_path, server, 2), keys=40, clients=6, kills=3)


@pytest.mark.long
async def test_a_thousand_keys_with_twenty_duplicates_have_a_thousand_effects(
    tmp_path: Path, location: Location
) -> None:
    await hold(Sites(tmp_path, location, 1), keys=1_000, clients=20, kills=20)


@pytest.mark.long
async def test_a_thousand_keys_have_a_thousand_effects_among_processes(
    tmp_path: Path, postgresql: Databases
) -> None:
    with postgresql.one() as server:
        await hold(Sites(tmp_path, server, 3), keys=1_000, clients=20, kills=20)
