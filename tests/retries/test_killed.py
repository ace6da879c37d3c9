"""`kill -9` between equal writes: each key has one effect, and one answer for everybody."""

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.site import Site
from tests.retries.storm import Storm

# Access links are equal across restarts only on an address that does not change.
SETTINGS = {"CONNECT_PUBLIC_URL": "http://connect.example"}


async def hold(site: Site, keys: int, clients: int, kills: int) -> None:
    """Sends every key by every client while the service is killed, then counts effects."""
    await asyncio.to_thread(site.prepare)
    await asyncio.to_thread(site.start)
    account = site.accounts[0]
    storm = Storm(lambda: site.port, account.token, keys, clients)
    storm.begin()
    try:
        for kill in range(1, kills + 1):
            await storm.reach(storm.wanted * kill // (kills + 1))
            await asyncio.sleep(random.random() * 0.02)
            await asyncio.to_thread(site.kill_something)
        await storm.finish()
    finally:
        storm.end()
    assert storm.cut > 0, "no request was cut off: nothing was tried"
    assert {len(bodies) for bodies in storm.answers.values()} == {1}
    assert storm.replayed >= storm.wanted - keys
    ensure_one_effect_each(site, keys)
    assert site.tracebacks() == []


def ensure_one_effect_each(site: Site, keys: int) -> None:
    state = site.state()
    titles = Counter(each["title"] for each in state.appointment)
    assert titles == Counter({f"title {number}": 1 for number in range(keys)})
    assert len(state.participant) == keys
    created = Counter(each["appointment_id"] for each in state.event)
    assert created == Counter({each["id"]: 1 for each in state.appointment})


@pytest.mark.parametrize(("keys", "clients", "kills"), [(60, 6, 4)])
async def test_each_key_has_one_effect(tmp_path: Path, keys: int, clients: int, kills: int) -> None:
    site = Site(tmp_path, settings=SETTINGS)
    try:
        await hold(site, keys, clients, kills)
        await asyncio.to_thread(site.stop)
    finally:
        site.close()


@pytest.mark.long
async def test_a_thousand_keys_with_twenty_duplicates_have_a_thousand_effects(
    tmp_path: Path,
) -> None:
    site = Site(tmp_path, settings=SETTINGS)
    try:
        await hold(site, keys=1_000, clients=20, kills=20)
        await asyncio.to_thread(site.stop)
    finally:
        site.close()
