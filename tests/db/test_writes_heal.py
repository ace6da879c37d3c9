"""Writes that fail: nobody hangs, nothing is acknowledged that is not kept, the writer heals."""

# ruff: noqa: ASYNC220, ASYNC240  (faults are made with the file system, in between)

import asyncio
import json
import os
import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from db.engine import DatabaseUnavailable, StatementFailed, Tenancy
from db.ids import new_id
from db.models import OrganizationRow
from db.queries import events, system
from db.sqlite import SqliteDatabase, writer

from .conftest import NOW, add_organization, counting_to
from .test_reads_heal import read, truncated

ROOT = Path(__file__).parents[2]


def full(database: SqliteDatabase, extra: int = 0) -> None:
    """Lets SQLite have no more pages than it has: every growth is SQLITE_FULL."""
    raw = database._writer._connection.raw
    pages = raw.execute("PRAGMA page_count").fetchone()[0]
    raw.execute(f"PRAGMA max_page_count = {pages + extra}")


def roomy(database: SqliteDatabase) -> None:
    database._writer._connection.raw.execute("PRAGMA max_page_count = 1000000")


async def add_many(database: SqliteDatabase, count: int = 200) -> None:
    async with database.write() as tx:
        for _ in range(count):
            id = new_id()
            row = OrganizationRow(id, f"{'x' * 200}{id}", True, NOW)
            await system.add_organization(tx, row)


async def test_a_full_disk_is_unavailable_and_heals(database: SqliteDatabase) -> None:
    full(database)
    for _ in range(3):
        with pytest.raises(DatabaseUnavailable, match="full"):
            await add_many(database)
    assert "full" in str(database._writer.lack_of_room)
    assert await read(database) == 0
    roomy(database)
    assert await database.trouble() is None
    assert database._writer.lack_of_room is None
    await add_many(database)
    assert await read(database) == 200


async def test_all_members_of_a_batch_that_sqlite_rolled_back_fail(
    database: SqliteDatabase,
) -> None:
    """The first have had their turn and wait for a commit when the last takes all down."""
    full(database, extra=2)
    small = [asyncio.ensure_future(add_organization(database, f"s{n}")) for n in range(5)]
    large = asyncio.ensure_future(add_many(database))
    after = [asyncio.ensure_future(add_organization(database, f"t{n}")) for n in range(5)]
    _done, pending = await asyncio.wait([*small, large, *after], timeout=20)
    assert not pending
    assert isinstance(large.exception(), DatabaseUnavailable)
    kept = [task for task in (*small, *after) if task.exception() is None]
    assert all(
        isinstance(task.exception(), DatabaseUnavailable | None) for task in (*small, *after)
    )
    assert await read(database) == len(kept)
    roomy(database)
    await add_many(database, 3)
    assert await read(database) == len(kept) + 3


async def test_a_transaction_that_ended_by_itself_keeps_nothing(database: SqliteDatabase) -> None:
    organization = await add_organization(database)
    with pytest.raises(DatabaseUnavailable):
        async with database.write() as tx:
            await events.append(Tenancy(tx, organization), [])
            database._writer._connection.raw.execute("ROLLBACK")
            # Outside a transaction this would be durable on its own.
            await system.switch_organization(tx, organization, False)
    with pytest.raises(DatabaseUnavailable):
        async with database.write() as tx:
            database._writer._connection.raw.execute("ROLLBACK")
    async with database.read() as tx:
        assert (await system.organizations(tx))[0].is_active
    await add_organization(database, "B")


async def test_cancelling_a_member_that_waits_for_the_commit_cancels_nobody_else(
    database: SqliteDatabase,
) -> None:
    commits = [asyncio.Event(), asyncio.Event()]
    commit = database._writer._connection.threaded.commit
    go = asyncio.Event()

    async def slowly() -> None:
        commits.pop(0).set()
        if not commits:
            await go.wait()
        await commit()

    database._writer._connection.threaded.commit = slowly  # type: ignore[method-assign]
    second = commits[1]
    # The first commits alone, the three that wait meanwhile commit together.
    tasks = [asyncio.ensure_future(add_organization(database, f"{n}")) for n in range(4)]
    await second.wait()
    tasks[1].cancel()
    await asyncio.sleep(0)
    go.set()
    outcomes = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 10)
    assert [type(each) for each in outcomes].count(str) == 3
    assert await read(database) == 4


class Refused(Exception):
    """What an operation raises when it finds something that another one wrote."""


@pytest.mark.parametrize("is_full", [False, True])
async def test_a_refusal_waits_for_the_commit_of_what_it_tells(
    database: SqliteDatabase, is_full: bool
) -> None:
    """A batch shares one transaction: what one member wrote, the next one sees at once."""
    turn, commit = asyncio.Event(), database._writer._connection.threaded.commit
    committing, go = asyncio.Event(), asyncio.Event()

    async def slowly() -> None:
        committing.set()
        await go.wait()
        if is_full:
            raise StatementFailed("the disk is full")
        await commit()

    async def writer() -> None:
        async with database.write() as tx:
            await system.add_organization(tx, OrganizationRow(new_id(), "A", True, NOW))
            turn.set()
            await asyncio.sleep(0)

    async def last() -> None:
        await turn.wait()
        async with database.write():
            await asyncio.sleep(0)

    async def refused() -> None:
        await turn.wait()
        async with database.write() as tx:
            raise Refused(f"there are {len(await system.organizations(tx))}")

    database._writer._connection.threaded.commit = slowly  # type: ignore[method-assign]
    tasks = [asyncio.ensure_future(each()) for each in (refused, last, writer)]
    await committing.wait()
    await asyncio.sleep(0)
    is_early = [task.done() for task in tasks]
    go.set()
    assert not any(is_early)
    told, _, written = await asyncio.gather(*tasks, return_exceptions=True)
    if is_full:
        assert isinstance(told, DatabaseUnavailable)
        assert isinstance(written, DatabaseUnavailable)
    else:
        assert (type(told), str(told), written) == (Refused, "there are 1", None)


async def test_a_long_change_completes_before_it_is_cancelled(
    database: SqliteDatabase,
) -> None:
    organization = await add_organization(database)

    async def write() -> None:
        async with database.write() as tx:
            rows = [
                {"id": f"{n}", "type": "t", "appointment_id": "a", "participant_id": None,
                 "changed_fields": [], "data": None, "actor": "a", "source": "rest",
                 "request_id": "r", "occurred_at": NOW}
                for n in range(3_000)
            ]  # fmt: skip
            await events.append(Tenancy(tx, organization), rows)

    for turns in range(5):
        task = asyncio.ensure_future(write())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task], timeout=30)
        assert task.cancelled()
        await asyncio.wait_for(add_organization(database, f"B{turns}"), 10)
    async with database.read() as tx:
        found = len(await events.after(Tenancy(tx, organization), 0, 5_000))
    assert found == 0


async def test_a_truncated_file_fails_writes_until_it_is_whole_again(
    path: Path, database: SqliteDatabase
) -> None:
    organization = await add_organization(database)
    for _ in range(2):
        async with truncated(path):
            database._writer._connection.is_broken = True  # nothing of it is in memory any more
            for _ in range(3):
                with pytest.raises(DatabaseUnavailable):
                    async with database.write() as tx:
                        await events.append(Tenancy(tx, organization), [])
        async with asyncio.timeout(10), database.write() as tx:
            await system.switch_organization(tx, organization, True)


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
async def test_a_file_deleted_under_the_service_takes_no_writes(
    path: Path, database: SqliteDatabase, suffix: str
) -> None:
    await add_organization(database)
    victim, aside = Path(f"{path}{suffix}"), path.with_name("aside")
    victim.rename(aside)
    for _ in range(2):
        with pytest.raises(DatabaseUnavailable, match="was deleted"):
            await add_organization(database, "B")
    assert "was deleted" in str(await database.trouble())
    victim.write_bytes(aside.read_bytes())
    with pytest.raises(DatabaseUnavailable, match="was replaced"):
        await add_organization(database, "B")
    aside.rename(victim)
    assert await add_organization(database, "B")
    assert await database.trouble() is None
    assert await read(database) == 2


async def test_a_file_deleted_between_the_first_statement_and_the_commit_is_noticed(
    path: Path, database: SqliteDatabase
) -> None:
    with pytest.raises(DatabaseUnavailable, match="was deleted"):
        async with database.write() as tx:
            await system.add_organization(tx, OrganizationRow("1", "A", True, NOW))
            path.unlink()


async def test_an_emptied_file_takes_no_writes(path: Path, database: SqliteDatabase) -> None:
    await add_organization(database)
    os.truncate(path, 0)
    with pytest.raises(DatabaseUnavailable, match="was emptied"):
        await add_organization(database, "B")


async def test_readers_go_on_beside_a_process_with_an_exclusive_lock(
    path: Path, database: SqliteDatabase
) -> None:
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN EXCLUSIVE'); print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert other.stdout is not None
    other.stdout.readline()
    database._writer._busy_seconds = 0.05
    for _ in range(3):
        with pytest.raises(DatabaseUnavailable, match="locked"):
            await add_organization(database)
        assert await read(database) == 0
    other.communicate()
    assert await add_organization(database)


async def test_a_long_read_within_a_write_is_bounded_on_the_loop(database: SqliteDatabase) -> None:
    async with database.write() as tx:
        assert (await tx.fetch(counting_to(1_000_000), {}))[0][0] == 1_000_000
    assert await add_organization(database)


async def test_an_exploded_log_is_emptied(
    path: Path, database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "LOG_BYTES", 100_000)
    monkeypatch.setattr(writer, "EMPTIED_EVERY_SECONDS", 0.0)
    external = sqlite3.connect(path, isolation_level=None)
    external.execute("BEGIN")
    external.execute("SELECT count(*) FROM organization").fetchone()
    for _ in range(3):
        await add_many(database, 500)
    grown = database.log_bytes
    assert grown > 100_000
    external.execute("COMMIT")
    await add_organization(database)
    assert database.log_bytes == 0
    external.close()


FILE_LIMIT = """
import asyncio, json, os, resource, sys, traceback
from pathlib import Path
from db.engine import DatabaseUnavailable
from db.sqlite import SqliteDatabase
from tests.db.test_writes_heal import add_many

async def main(path):
    database = await SqliteDatabase.open(path)
    told = []
    for size in (0, 20_000, 60_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        outcomes = await asyncio.wait_for(asyncio.gather(
            *[add_many(database, 100) for _ in range(6)], return_exceptions=True), 20)
        if size == 0:
            assert "last write failed" in await database.trouble()
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        told.append([type(each).__name__ for each in outcomes])
        told.append(database._writer.lack_of_room is not None)
        assert await database.trouble() is None
        await add_many(database, 10)
    async with database.read() as tx:
        from db.queries import system
        found = len(await system.organizations(tx))
    await database.close()
    print(json.dumps([told, found]))

try:
    asyncio.run(main(Path(sys.argv[1])))
except BaseException:
    traceback.print_exc()
    os._exit(1)  # The threads of what is still open would keep the process.
"""


def test_a_limit_on_the_size_of_files_is_survived(path: Path) -> None:
    assert resource.RLIMIT_FSIZE
    done = subprocess.run(
        [sys.executable, "-c", FILE_LIMIT, str(path)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told, found = json.loads(done.stdout)
    assert told[0] == ["DatabaseUnavailable"] * 6
    assert told[1::2] == [True] * 3
    kept = sum(outcomes.count("NoneType") for outcomes in told[::2])
    assert found == 30 + 100 * kept
