"""The supervisor with workers that are scripts: what it replaces, what it gives up, what it ends."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from gateway.cli import supervise
from gateway.cli.database import Unusable
from gateway.serving import supervisor as supervisor_module
from gateway.serving.supervisor import Supervisor
from gateway.serving.worker import inherited
from gateway.settings import Settings
from tests.workers.crew import is_alive

READY = """
import os, signal, socket, sys, time
control = socket.socket(fileno=int(sys.argv[sys.argv.index("--control") + 1]))
number = sys.argv[sys.argv.index("--number") + 1]
folder = sys.argv[1]
open(f"{folder}/{number}-{os.getpid()}", "w").close()
"""
SERVES = READY + "control.send(b'ready\\n')\ncontrol.recv(64)\n"
IGNORES = READY + "signal.signal(15, signal.SIG_IGN)\ncontrol.send(b'ready\\n')\ntime.sleep(60)\n"
FAILS = READY + "sys.exit(1)\n"
LATE = READY + "time.sleep(0.3)\ncontrol.send(b'ready\\n')\ncontrol.recv(64)\n"


class Scripts:
    """A supervisor of scripts, which leave a file each."""

    def __init__(
        self,
        folder: Path,
        script: str,
        count: int = 2,
        renewed: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        self.folder = folder
        command = (sys.executable, "-c", script, str(folder))
        self.supervisor = Supervisor(count, inherited(command), renewed)
        self.task = asyncio.ensure_future(self.supervisor.run())

    def started(self, place: int | None = None) -> list[int]:
        names = [path.name.split("-") for path in self.folder.iterdir()]
        return [int(pid) for number, pid in names if place is None or int(number) == place]

    async def serving(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.supervisor._places) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def end(self) -> int:
        self.supervisor.stop()
        async with asyncio.timeout(20):
            return await self.task


async def test_the_dead_are_replaced_and_the_others_left_alone(tmp_path: Path) -> None:
    scripts = Scripts(tmp_path, SERVES)
    await scripts.serving(2)
    ((dead,), (other,)) = scripts.started(0), scripts.started(1)
    os.kill(dead, signal.SIGKILL)
    async with asyncio.timeout(20):
        while len(scripts.started(0)) < 2 or len(scripts.supervisor._places) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert scripts.started(1) == [other]
    assert await scripts.end() == 0
    assert not any(map(is_alive, scripts.started()))


async def test_who_dies_again_and_again_is_replaced_later_and_later(tmp_path: Path) -> None:
    scripts = Scripts(tmp_path, SERVES, count=1)
    began = time.monotonic()
    for round in range(3):
        async with asyncio.timeout(20):
            while len(scripts.started()) <= round or not scripts.supervisor._places:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        (worker,) = scripts.supervisor._places.values()
        worker.kill()
        async with asyncio.timeout(20):
            while scripts.supervisor._places.get(0) is worker:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    await scripts.serving(1)
    assert time.monotonic() - began > sum(supervisor_module.PAUSES[1:4])
    await scripts.end()


async def test_workers_that_never_start_end_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "PAUSES", (0.0, 0.05))
    scripts = Scripts(tmp_path, FAILS)
    async with asyncio.timeout(20):
        assert await scripts.task == 3
    assert len(scripts.started(0)) >= 3


async def test_who_does_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor_module, "STOP_SECONDS", 0.5)
    scripts = Scripts(tmp_path, IGNORES)
    await scripts.serving(2)
    assert await scripts.end() == 0
    assert not any(map(is_alive, scripts.started()))


@pytest.mark.parametrize("after", [0.0, 0.01, 0.05, 0.1, 0.2, 0.3])
async def test_a_stop_while_workers_start_leaves_none(tmp_path: Path, after: float) -> None:
    scripts = Scripts(tmp_path, LATE, count=3)
    await asyncio.sleep(after)
    assert await scripts.end() == 0
    assert not any(map(is_alive, scripts.started()))


async def test_a_renewal_starts_each_before_the_old_one_goes(tmp_path: Path) -> None:
    scripts = Scripts(tmp_path, LATE)
    await scripts.serving(2)
    old = scripts.started()
    scripts.supervisor.renew()
    least = 2
    async with asyncio.timeout(20):
        while any(map(is_alive, old)):
            least = min(least, len(scripts.supervisor._places))
            await asyncio.sleep(0.005)
    assert least == 2
    assert {worker.pid for worker in scripts.supervisor._places.values()}.isdisjoint(old)
    await scripts.end()


async def test_a_renewal_that_fails_leaves_the_old_ones(tmp_path: Path) -> None:
    scripts = Scripts(tmp_path, SERVES)
    await scripts.serving(2)
    old = scripts.started()
    command = (sys.executable, "-c", FAILS, str(tmp_path))
    scripts.supervisor._inheritance = inherited(command)
    scripts.supervisor.renew()
    renewing = scripts.supervisor._renewing
    assert renewing is not None
    async with asyncio.timeout(20):
        await renewing
    assert {worker.pid for worker in scripts.supervisor._places.values()} == set(old)
    assert all(map(is_alive, old))
    await scripts.end()


async def test_a_renewal_that_still_migrates_is_ended_with_the_service(tmp_path: Path) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def migrate() -> bool:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()
        return True

    scripts = Scripts(tmp_path, SERVES, count=1, renewed=migrate)
    await scripts.serving(1)
    os.kill(os.getpid(), signal.SIGHUP)
    await begun.wait()
    assert await scripts.end() == 0
    async with asyncio.timeout(20):
        await ended.wait()


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("import os; os.kill(os.getpid(), 9)", r"by signal 9 \(Killed\): start again; if it is en"),
        ("import os; os.abort()", r"by signal 6 \(Aborted\)"),
    ],
)
def test_a_preparation_that_is_killed_is_said(
    monkeypatch: pytest.MonkeyPatch, code: str, line: str
) -> None:
    monkeypatch.setattr(supervise, "COMMAND", (sys.executable, "-c", code))
    with pytest.raises(Unusable, match=f"prepares the database was ended {line}"):
        supervise._prepared(Settings())


def test_a_preparation_prints_what_it_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import sys; sys.stdout.buffer.write(b'ready \\xff')"
    monkeypatch.setattr(supervise, "COMMAND", (sys.executable, "-c", code))
    assert supervise._prepared(Settings()) == (0, "ready \N{REPLACEMENT CHARACTER}")
