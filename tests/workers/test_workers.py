"""Several workers as operators run them: killed, stopped, orphaned, renewed under load."""

import asyncio
import fcntl
import os
import random
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed

from tests.live.changes import LIST, booked, client_of
from tests.live.talk import greeted
from tests.service import ROOT, Service, free_port
from tests.workers.crew import Crew, is_alive, until, workers_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    """Two workers on a database of their own."""
    running = Crew(tmp_path_factory.mktemp("crew"), 2)
    yield running
    running.stop()


class Load:
    """Clients that read and write on connections they keep, and note everything that went wrong."""

    def __init__(self, port: int, token: str, clients: int = 8) -> None:
        self.failures: list[str] = []
        self.reads = 0
        self.written: list[str] = []
        self._stop = asyncio.Event()
        self._tasks = [
            asyncio.ensure_future(self._work(port, token, number)) for number in range(clients)
        ]

    async def _work(self, port: int, token: str, number: int) -> None:
        async with client_of(port, token) as client:
            while not self._stop.is_set():
                try:
                    if number % 4:
                        answer = await client.get(f"{LIST}?page_size=1")
                        assert answer.status_code == 200, answer.text
                        self.reads += 1
                    else:
                        self.written.append(await booked(client))
                except (httpx2.HTTPError, AssertionError) as error:
                    self.failures.append(repr(error))

    async def end(self) -> None:
        self._stop.set()
        await asyncio.gather(*self._tasks)


async def test_a_rolling_restart_under_load_fails_no_request(crew: Crew) -> None:
    before = crew.workers
    load = Load(crew.port, crew.token)
    await asyncio.sleep(0.5)
    await asyncio.to_thread(crew.renew)
    # They go once their clients have turned to others.
    await asyncio.to_thread(until, lambda: not any(map(is_alive, before)))
    await load.end()
    assert load.failures == []
    assert load.reads > 50
    async with client_of(crew.port, crew.token) as client:
        for id in random.sample(load.written, 20):
            assert (await client.get(f"{LIST}{id}/")).status_code == 200


async def test_an_idle_connection_may_be_used_while_workers_are_renewed(crew: Crew) -> None:
    async with client_of(crew.port, crew.token) as client:
        before = set(crew.workers)
        assert (await client.get(f"{LIST}?page_size=1")).status_code == 200
        renewing = asyncio.ensure_future(asyncio.to_thread(crew.renew))
        told = None
        async with asyncio.timeout(60):
            while told is None:
                await asyncio.sleep(0.1)
                answer = await client.get(f"{LIST}?page_size=1")
                assert answer.status_code == 200
                told = answer.headers.get("connection")
        assert told == "close"
        await renewing
    await asyncio.to_thread(until, lambda: not before & set(crew.workers))


async def test_sockets_are_answered_and_closed_with_1012_when_renewed(crew: Crew) -> None:
    async with greeted(crew.port, crew.token) as talk:
        await talk.follow("subscription { events { id } }")
        renewing = asyncio.ensure_future(asyncio.to_thread(crew.renew))
        closed = await talk.ending()
        assert closed.code == 1012
        await renewing


async def test_a_killed_worker_is_replaced_and_nothing_acknowledged_is_lost(crew: Crew) -> None:
    load = Load(crew.port, crew.token)
    for _ in range(3):
        await asyncio.sleep(0.3)
        ready, victim = crew.ready(), random.choice(crew.workers)
        os.kill(victim, signal.SIGKILL)
        await asyncio.to_thread(until, lambda ready=ready: crew.ready() > ready)
    await load.end()
    async with client_of(crew.port, crew.token) as client:
        for id in load.written:
            assert (await client.get(f"{LIST}{id}/")).status_code == 200
    assert crew.is_alive()


def test_every_worker_takes_its_share(crew: Crew) -> None:
    """Connections that are opened at once are spread, and one that is stopped gets no new ones."""
    until(lambda: len(crew.workers) == 2)
    links = [socket.create_connection(("127.0.0.1", crew.port)) for _ in range(40)]
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for link in links:
        link.sendall(request)
        assert link.recv(64).startswith(b"HTTP/1.1 200")
    shares = [held(pid) for pid in crew.workers]
    assert min(shares) >= 10, shares
    for link in links:
        link.close()
    stopped = crew.workers[0]
    os.kill(stopped, signal.SIGSTOP)
    try:
        for _ in range(20):
            assert crew.answers()
    finally:
        os.kill(stopped, signal.SIGCONT)


def held(pid: int) -> int:
    """How many connections of TCP a process has."""
    inodes = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(link.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    lines = Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]
    return sum(line.split()[9] in inodes and line.split()[3] == "01" for line in lines)


async def test_sigterm_lets_requests_end_and_leaves_nothing(tmp_path: Path) -> None:
    crew = Crew(tmp_path, 3)
    try:
        workers = crew.workers
        folder = folder_of(workers[0])
        load = Load(crew.port, crew.token)
        async with greeted(crew.port, crew.token) as talk:
            await talk.follow("subscription { events { id } }")
            await asyncio.sleep(0.5)
            stopping = asyncio.ensure_future(asyncio.to_thread(crew.stop))
            with pytest.raises(ConnectionClosed) as ended:
                while True:
                    await talk.socket.recv()
            assert ended.value.rcvd is not None
            assert ended.value.rcvd.code == 1012
        seconds = await stopping
        await load.end()
        assert seconds < 15
        assert crew.process.returncode == 0
        assert not any(map(is_alive, workers))
        assert not folder.exists()
    finally:
        crew.end()
    again = Service(tmp_path, {"CONNECT_DATA_DIR": str(tmp_path)})
    try:
        again.wait()
        async with client_of(again.port, crew.token) as client:
            for id in load.written:
                assert (await client.get(f"{LIST}{id}/")).status_code == 200
    finally:
        again.stop()


def folder_of(pid: int) -> Path:
    words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return Path(words[words.index("--folder") + 1])


def test_workers_end_with_a_killed_supervisor_and_the_database_is_free(tmp_path: Path) -> None:
    crew = Crew(tmp_path, 2)
    workers = crew.workers
    folder = folder_of(workers[0])
    crew.end()  # SIGKILL
    after = Service(tmp_path, {"CONNECT_DATA_DIR": str(tmp_path), "CONNECT_PORT": str(crew.port)})
    try:
        after.wait()
        until(lambda: not any(map(is_alive, workers)))
        until(lambda: not folder.exists())
    finally:
        after.stop()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", crew.port))


@pytest.mark.parametrize("after", [0.05, 0.3, 0.6, 0.9, 1.2, 1.5, 2.0])
def test_no_sigterm_is_lost_while_the_service_starts(tmp_path: Path, after: float) -> None:
    service = Service(tmp_path, {"CONNECT_DATA_DIR": str(tmp_path), "CONNECT_WORKERS": "2"})
    try:
        time.sleep(after)
        workers = workers_of(service.pid)
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(15) in (0, 128 + signal.SIGTERM, -signal.SIGTERM)
        until(lambda: not any(map(is_alive, workers)))
    finally:
        service.end()
    # Whatever it was doing, the next one finds nothing in its way.
    after_it = Service(tmp_path, {"CONNECT_DATA_DIR": str(tmp_path)})
    try:
        after_it.wait()
    finally:
        after_it.stop()


def test_wrong_settings_are_told_once_and_before_anything_is_made(tmp_path: Path) -> None:
    own = {"CONNECT_DATA_DIR": str(tmp_path / "data"), "CONNECT_REST_PREFIX": "/graphql"}
    done = subprocess.run(
        [sys.executable, "-m", "gateway.cli", "run", "--workers", "2", "--port", str(free_port())],
        cwd=ROOT, env={**os.environ, **own}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.count("CONNECT_REST_PREFIX") == 1
    assert not (tmp_path / "data" / "connect.db").exists()
    refused = subprocess.run(
        [sys.executable, "-m", "gateway.cli", "run", "--workers", "0"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert refused.returncode == 2
    assert "from 1 to 64" in refused.stderr


def test_one_worker_is_one_process(tmp_path: Path) -> None:
    crew = Crew.__new__(Crew)
    Service.__init__(crew, tmp_path, {"CONNECT_DATA_DIR": str(tmp_path), "CONNECT_WORKERS": "1"})
    try:
        crew.wait()
        assert Path(f"/proc/{crew.pid}/task/{crew.pid}/children").read_text() == ""
    finally:
        crew.stop()


def own_terminal() -> None:
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def test_a_closed_terminal_stops_the_service_and_is_no_restart(tmp_path: Path) -> None:
    master, slave = os.openpty()
    own = {"CONNECT_DATA_DIR": str(tmp_path), "CONNECT_LOG_FORMAT": "json"}
    log = tmp_path / "log"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway.cli", "run", "--workers", "2", "--port", "0"],
            cwd=ROOT, env={**os.environ, **own}, stdin=slave, stdout=slave, stderr=stderr,
            preexec_fn=own_terminal,  # noqa: PLW1509
        )  # fmt: skip
    os.close(slave)
    try:
        until(lambda: log.read_text().count('"worker_ready"') == 2, 60)
        process.send_signal(signal.SIGHUP)  # From somebody who wants a restart.
        until(lambda: "every worker is new" in log.read_text(), 60)
        os.close(master)
        assert process.wait(15) == 0
    finally:
        process.kill()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_with_nohup_the_service_outlives_its_terminal(tmp_path: Path, workers: str) -> None:
    master, slave = os.openpty()
    service = Service.__new__(Service)
    service.port, service.log = free_port(), tmp_path / "log"
    own = {"CONNECT_DATA_DIR": str(tmp_path), "CONNECT_LOG_FORMAT": "json"}
    command = ("gateway.cli", "run", "--workers", workers, "--port", str(service.port))
    with service.log.open("wb") as log:
        service.process = subprocess.Popen(
            ["nohup", sys.executable, "-m", *command],
            cwd=ROOT, env={**os.environ, **own}, stdin=slave, stdout=log, stderr=log, text=True,
            preexec_fn=own_terminal,  # noqa: PLW1509
        )  # fmt: skip
    os.close(slave)
    try:
        service.wait()
        os.close(master)
        if workers == "2":
            until(lambda: "every worker is new" in service.log.read_text(), 60)
        for _ in range(3):
            service.process.send_signal(signal.SIGHUP)
            time.sleep(0.2)
            assert service.answers(path="/readyz")
        service.stop()
        assert service.process.returncode == 0
    finally:
        service.end()
