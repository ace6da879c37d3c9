"""Several processes that write to one SQLite file take turns, and none waits for ever."""

import asyncio
import itertools
import sqlite3
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db import migrate
from db.figures import OTHER_PROCESS
from db.ids import new_id
from db.location import SqliteFile
from db.models import OrganizationRow
from db.queries import system
from db.sqlite import SqliteDatabase, turnstile
from db.sqlite.turnstile import Turnstile

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def crew(tmp_path: Path) -> list[Turnstile]:
    """Three processes, as far as the locks can tell: each has opened the files by itself."""
    return [Turnstile(tmp_path) for _ in range(3)]


async def test_one_has_the_turn_at_a_time_and_all_get_it(
    crew: list[Turnstile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turnstile, "PATIENCE_SECONDS", 30.0)
    order: list[int] = []
    inside = 0

    async def write(number: int) -> None:
        nonlocal inside
        until = time.monotonic() + 1
        while time.monotonic() < until:
            await crew[number].enter()
            inside += 1
            assert inside == 1
            await asyncio.sleep(0.002)
            order.append(number)
            inside -= 1
            crew[number].leave()

    await asyncio.gather(*(write(number) for number in range(3)))
    shares = [order.count(number) for number in range(3)]
    assert min(shares) > 0.5 * statistics.mean(shares), shares
    # Whoever has just written lets others first.
    repeats = sum(one == another for one, another in itertools.pairwise(order))
    assert repeats < 0.2 * len(order)


async def test_who_stands_still_with_the_turn_holds_nobody_up(
    crew: list[Turnstile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turnstile, "PATIENCE_SECONDS", 0.05)
    first, second, third = crew
    await first.enter()
    async with asyncio.timeout(10):
        await asyncio.gather(second.enter(), third.enter())
    second.leave()
    third.leave()
    first.leave()
    monkeypatch.setattr(turnstile, "PATIENCE_SECONDS", 30.0)
    async with asyncio.timeout(10):
        await second.enter()


async def test_who_is_cancelled_leaves_no_lock(
    crew: list[Turnstile], monkeypatch: pytest.MonkeyPatch
) -> None:
    # So that nobody goes on without the turn while it is looked whether they get it.
    monkeypatch.setattr(turnstile, "PATIENCE_SECONDS", 30.0)
    first, second, third = crew
    await first.enter()
    waiting = asyncio.ensure_future(second.enter())
    await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.wait([waiting])
    first.leave()
    await asyncio.wait_for(third.enter(), 10)


async def test_the_turn_of_a_process_that_is_gone_is_free(
    crew: list[Turnstile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turnstile, "PATIENCE_SECONDS", 30.0)
    await crew[0].enter()
    crew[0].close()
    await asyncio.wait_for(crew[1].enter(), 10)


async def test_who_is_served_at_once_is_not_counted_and_who_waits_is_counted_once(
    crew: list[Turnstile], tmp_path: Path
) -> None:
    path = tmp_path / "connect.db"
    migrate.upgrade(SqliteFile(path))
    database = await SqliteDatabase.open(path, tmp_path)
    try:
        for name in ("one", "two"):
            await stored(database, name)
        assert waits(database) == 0
        await crew[0].enter()
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.ensure_future(stored(database, "three"))
        await asyncio.wait([waiting], timeout=0.05)
        crew[0].leave()
        await asyncio.wait([waiting], timeout=0.05)
        assert not waiting.done()
        other.execute("COMMIT")
        other.close()
        await asyncio.wait_for(waiting, 10)
        assert waits(database) == 1
    finally:
        await database.close()


async def stored(database: SqliteDatabase, name: str) -> None:
    async with database.write() as tx:
        await system.add_organization(tx, OrganizationRow(new_id(), name, True, NOON))


def waits(database: SqliteDatabase) -> float:
    return database.figures.waits[OTHER_PROCESS].cumulative()[-1][1]
