"""SIGTERM ends a start at any moment, as the first process too, and nothing half done is left."""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from db.upkeep.first import fill
from gateway.serving.signals import Ended, behind
from tests.service import ROOT
from tests.setup.machine import checkout, furnish
from tests.workers.crew import Crew

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

SECONDS = 30.0
RUN = (sys.executable, "-m", "gateway.cli", "run", "--port", "0")
APPOINTMENTS = 12


def until(what: Callable[[], bool]) -> None:
    """Waits until it is so; raises TimeoutError."""
    end = time.monotonic() + SECONDS
    while not what():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.002)


def start(data: Path, *command: str, **settings: str) -> "subprocess.Popen[str]":
    """Starts a command with its signals kept back, as the launcher hands them over."""
    inherited = {name: text for name, text in os.environ.items() if "CONNECT" not in name}
    held = {signal.SIGTERM, signal.SIGHUP}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, held)
    try:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=inherited | {"CONNECT_DATA_DIR": str(data)} | settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def obeys(pid: int) -> bool:
    """Whether a process has a handler for SIGTERM."""
    try:
        caught = re.search(r"SigCgt:\s*(\w+)", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return False
    return caught is not None and bool(int(caught[1], 16) >> (signal.SIGTERM - 1) & 1)


def offspring(pid: int) -> list[int]:
    """The processes that a process has started."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def maps(pid: int) -> str:
    return Path(f"/proc/{pid}/maps").read_text()


def number(data: Path, query: str) -> int:
    connection = sqlite3.connect(data / "connect.db")
    try:
        return int(connection.execute(query).fetchone()[0])
    finally:
        connection.close()


def appointments(data: Path) -> int:
    return number(data, "SELECT count(*) FROM appointment")


def in_the_histogram(data: Path) -> int:
    """How many appointments the database has counted by itself."""
    return number(data, "SELECT sum(amount) FROM appointment_histogram WHERE parent = ''")


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("seconds", [0.0, 0.2, 0.6, 0.8, 1.0, 1.4])
def test_a_first_start_that_is_ended_leaves_a_whole_database_or_none(
    tmp_path: Path, seconds: float, workers: int
) -> None:
    process = start(tmp_path, *RUN, "--workers", str(workers))
    time.sleep(seconds)
    process.terminate()
    out, err = process.communicate(timeout=SECONDS)

    assert process.returncode in (128 + signal.SIGTERM, 0), err
    assert "Traceback" not in err
    assert not (tmp_path / "connect.new").exists()
    if (tmp_path / "connect.db").exists():
        assert appointments(tmp_path) == APPOINTMENTS
    else:
        assert (process.returncode, out) == (128 + signal.SIGTERM, "")


@pytest.mark.parametrize("before", ["nothing", "no row"])
def test_a_first_start_that_is_killed_begins_anew(tmp_path: Path, before: str) -> None:
    draft = tmp_path / "connect.new" / "connect.db"
    if before == "no row":
        start(tmp_path, *RUN[:3], "migrate").communicate(timeout=SECONDS)
    killed = start(tmp_path, *RUN)
    until(lambda: draft.is_file() and draft.stat().st_size > 0)
    killed.kill()
    killed.communicate(timeout=SECONDS)
    if before == "nothing":
        assert not (tmp_path / "connect.db").exists()
    else:
        assert appointments(tmp_path) == 0

    again = start(tmp_path, *RUN)
    assert again.stdout is not None
    greeting = "".join(again.stdout.readline() for _ in range(8))
    again.terminate()
    again.communicate(timeout=SECONDS)

    assert "cct_" in greeting
    assert not draft.parent.exists()
    assert appointments(tmp_path) == APPOINTMENTS == in_the_histogram(tmp_path)


def test_a_demo_does_not_come_to_an_organization_made_meanwhile(tmp_path: Path) -> None:
    for name in ("Draft", "Acme"):
        create = ("organization", "create", name)
        start(tmp_path / name, *RUN[:3], *create).communicate(timeout=SECONDS)

    assert not fill(tmp_path / "Draft" / "connect.db", tmp_path / "Acme" / "connect.db")

    assert number(tmp_path / "Acme", "SELECT count(*) FROM organization") == 1


@pytest.mark.parametrize("command", [("migrate",), ("run", "--port", "0")])
def test_a_migration_ends_with_the_command_that_waits_for_it(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    tmp_path.chmod(0o700)
    other = sqlite3.connect(tmp_path / "connect.db", isolation_level=None)
    # Whoever writes keeps the migration waiting, inside one call of SQLite.
    other.execute("BEGIN IMMEDIATE")
    process = start(tmp_path, *RUN[:3], *command)
    until(lambda: bool(offspring(process.pid)))
    (child,) = offspring(process.pid)
    time.sleep(0.5)
    process.terminate()
    _, err = process.communicate(timeout=SECONDS)
    other.execute("ROLLBACK")

    assert process.returncode == 128 + signal.SIGTERM, err
    assert not Path(f"/proc/{child}").exists()
    assert other.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    other.close()


def test_nothing_is_printed_above_the_greeting(tmp_path: Path) -> None:
    process = start(tmp_path, *RUN)
    assert process.stdout is not None
    first = process.stdout.readline()
    process.terminate()
    out, err = process.communicate(timeout=SECONDS)

    assert first == "Consularia Connect is starting; Ctrl+C stops it.\n"
    assert "rooms_in_use" not in out
    # What the demo went through is nobody's news.
    assert "appointment_moved_on" not in err
    # On a slow machine, a start says what takes so long.
    slow = ("connect: migrating", "connect: making the demo")
    assert all(line.startswith(("{", *slow)) for line in err.splitlines())


@pytest.fixture
def apart() -> tuple[str, ...]:
    """How a command becomes the first process of its own world."""
    command = ("unshare", "--pid", "--fork", "--mount-proc")
    if shutil.which("unshare") is None:
        pytest.skip("there is no `unshare` here")
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("only root may make a world of processes")
    return command


HELD = """
import sys, time

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            print("here", flush=True)
            time.sleep(60)

sys.meta_path.insert(0, Finder())
"""


def held_at(folder: Path, module: str) -> str:
    """Returns a PYTHONPATH by which a Python says "here", and waits, where it imports a module."""
    path = folder / "path"
    path.mkdir()
    (path / "sitecustomize.py").write_text(HELD.format(module=module))
    return str(path)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_first_process_obeys_before_it_has_imported_anything(
    tmp_path: Path, apart: tuple[str, ...], workers: int
) -> None:
    path, count = held_at(tmp_path, "gateway.cli.main"), str(workers)
    outer = start(tmp_path / "data", *apart, *RUN, "--workers", count, PYTHONPATH=path)
    assert outer.stdout is not None and outer.stdout.readline() == "here\n"
    (pid,) = offspring(outer.pid)
    loaded = maps(pid)
    os.kill(pid, signal.SIGTERM)
    outer.communicate(timeout=SECONDS)

    assert "pydantic" not in loaded and "orjson" not in loaded
    assert outer.returncode == 128 + signal.SIGTERM
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("module", "command"),
    [
        ("gateway.cli.main", ("token", "list")),
        ("gateway.cli.tokens", ("token", "list")),
        ("gateway.cli.run", ("run", "--port", "0")),
    ],
)
def test_ctrl_c_while_modules_are_imported_is_one_line(
    tmp_path: Path, module: str, command: tuple[str, ...]
) -> None:
    process = start(tmp_path, *RUN[:3], *command, PYTHONPATH=held_at(tmp_path, module))
    assert process.stdout is not None and process.stdout.readline() == "here\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=SECONDS)

    assert err == "connect: interrupted\n"
    # Interrupted inside `exec` of a text, as dataclasses use it, Python ends by the signal itself,
    # whoever catches the exception: to a shell that is 130, too.
    assert process.returncode in (128 + signal.SIGINT, -signal.SIGINT)


def test_a_second_signal_waits_for_nothing(tmp_path: Path) -> None:
    stubborn = (
        "from gateway.serving import signals; signals.obey()\n"
        "import time\n"
        "try: print('up', flush=True); time.sleep(60)\n"
        "finally: print('down', flush=True); time.sleep(60)"
    )
    process = start(tmp_path, sys.executable, "-c", stubborn)
    assert process.stdout is not None
    for expected in ("up\n", "down\n"):
        assert process.stdout.readline() == expected
        process.terminate()
    process.communicate(timeout=SECONDS)

    assert process.returncode == 128 + signal.SIGTERM


def test_nohup_survives_the_end_of_the_terminal(tmp_path: Path) -> None:
    asks = (
        "from gateway.serving import signals; signals.obey()\n"
        "import signal; print(signal.getsignal(signal.SIGHUP) == signal.SIG_IGN)"
    )
    done = start(tmp_path, "nohup", sys.executable, "-c", asks)

    assert done.communicate(timeout=SECONDS)[0] == "True\n"


def test_workers_start_below_a_temporary_folder_with_a_long_path(tmp_path: Path) -> None:
    far = tmp_path / ("long" * 25) / ("longer" * 20)
    far.mkdir(parents=True)
    crew = Crew(tmp_path, 2, {"TMPDIR": str(far)})
    try:
        assert httpx2.get(f"{crew.url}/metrics").text.count("connect_worker_up{") == 2
    finally:
        crew.end()


@pytest.mark.parametrize("seconds", [0.1, 0.15, 0.2, 0.3, 0.6])
def test_nothing_is_lost_while_one_python_gives_way_to_the_next(
    tmp_path: Path, apart: tuple[str, ...], seconds: float
) -> None:
    root = checkout(tmp_path / "checkout")
    furnish(root)
    command = (sys.executable, str(root / "connect"), "run", "--port", "0")
    outer = start(tmp_path / "data", *apart, *command)
    until(lambda: bool(offspring(outer.pid)))
    (pid,) = offspring(outer.pid)
    # The launcher's own first line, then some moment between it and the server.
    until(lambda: obeys(pid))
    time.sleep(seconds)
    os.kill(pid, signal.SIGTERM)
    _, err = outer.communicate(timeout=SECONDS)

    assert outer.returncode in (128 + signal.SIGTERM, 0), err
    assert "Traceback" not in err


IN_A_CALLBACK = """
import os, signal, sys, time, weakref
from gateway.serving.signals import obey

class Lock: pass

def gone(reference):
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(0.01)

obey()
lock = Lock()
reference = weakref.ref(lock, gone)
del lock
time.sleep(10)
"""


def test_an_end_that_python_ignores_in_a_callback_is_told_again() -> None:
    process = subprocess.run(
        [sys.executable, "-c", IN_A_CALLBACK],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert (process.returncode, process.stderr) == (128 + signal.SIGTERM, b"")


def test_an_end_that_python_wraps_while_a_class_is_made_is_found() -> None:
    class Field:
        def __set_name__(self, owner: type, name: str) -> None:
            raise Ended(128 + signal.SIGTERM)

    with pytest.raises(BaseException) as raised:
        type("Settings", (), {"field": Field()})
    found = behind(raised.value)
    assert found is not None and found.code == 128 + signal.SIGTERM
    assert behind(ValueError("another")) is None
