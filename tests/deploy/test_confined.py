"""The service within the limits of the unit and of read-only containers: what `strace` sees of it."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest

from tests.service import ROOT, free_port

from .proxies import DEPLOY, found

UNIT = DEPLOY / "systemd" / "consularia-connect.service"
SECONDS = 60.0
# Memory is never writable and executable (MemoryDenyWriteExecute), where the kernel can do that.
CONFINED = """\
import ctypes, os, sys
libc = ctypes.CDLL(None)
libc.prctl(38, 1, 0, 0, 0)
libc.prctl(65, 1, 0, 0, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
CALL = re.compile(r"^\d+ +(\w+)\(", re.MULTILINE)
OPENED = re.compile(r'open(?:at)?\((?:\w+, )?"([^"]+)", ([A-Z_|]+)')
MADE = re.compile(r' (?:mkdir|rename|symlink|link)(?:at2?)?\((?:[\w-]+, )?"(/[^"]+)"')
# SQLite does it as root alone, which the unit's user is not.
AS_ROOT = {"fchown"}


class Trace(NamedTuple):
    """What the service did from its start to its end."""

    text: str
    folder: Path
    temporary: Path


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    """Two workers that made a database, answered both faces and ended."""
    strace = found("strace", "strace")
    probe = subprocess.run([strace, "-qq", "true"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("Processes may not be traced here.")
    folder = tmp_path_factory.mktemp("state")
    temporary = tmp_path_factory.mktemp("temporary")
    file, port = temporary.parent / f"{temporary.name}.trace", free_port()
    inherited = {name: text for name, text in os.environ.items() if "CONNECT" not in name}
    inherited.pop("DATABASE_URL", None)
    # Packages are compiled where the unit runs.
    own = {"CONNECT_DATA_DIR": str(folder), "CONNECT_WORKERS": "2", "TMPDIR": str(temporary)}
    said = temporary.parent / f"{temporary.name}.stderr"
    with said.open("wb") as errors:
        process = subprocess.Popen(
            [
                *(strace, "-f", "-qq", "-o", str(file), sys.executable, "-c", CONFINED),
                *("-m", "gateway.cli", "run", "--port", str(port)),
            ],
            cwd=ROOT,
            env=inherited | own | {"PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            # Whoever kills strace alone lets the service go on.
            start_new_session=True,
        )
    # Ends what waits for a line that never comes.
    patience = threading.Timer(2 * SECONDS, killed, [process])
    patience.start()
    try:
        token = token_from(process)
        assert token is not None, f"no token was printed:\n{said.read_text()[-2000:]}"
        used(port, token, said)
        os.kill(traced_by(process.pid), signal.SIGTERM)
        assert process.wait(SECONDS) == 0, said.read_text()[-2000:]
    finally:
        patience.cancel()
        killed(process)
        process.communicate()
    return Trace(file.read_text(), folder, temporary)


def killed(process: "subprocess.Popen[str]") -> None:
    """Ends the process and all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def token_from(process: "subprocess.Popen[str]") -> str | None:
    assert process.stdout is not None
    words = (line.split() for line in process.stdout)
    return next((each[-1] for each in words if each[:1] == ["Token"]), None)


def traced_by(strace: int) -> int:
    """Returns the process that strace has started."""
    return int(Path(f"/proc/{strace}/task/{strace}/children").read_text().split()[0])


def used(port: int, token: str, said: Path) -> None:
    """Reads and writes over both faces."""
    with httpx2.Client(
        base_url=f"http://127.0.0.1:{port}",
        headers={"Authorization": f"Token {token}"},
        trust_env=False,
        timeout=SECONDS,
    ) as client:
        until = time.monotonic() + SECONDS
        while not is_ready(client):
            assert time.monotonic() < until, f"does not get ready:\n{said.read_text()[-2000:]}"
            time.sleep(0.05)
        (row,) = client.get("/api/v1/appointments/?limit=1").json()["results"][:1]
        assert client.delete(f"/api/v1/appointments/{row['id']}/").status_code == 204
        query = {"query": "{ appointments(first: 1) { nodes { participants { nodes { id } } } } }"}
        assert client.post("/graphql", json=query).json()["data"]
        assert client.get("/metrics").status_code == 200


def is_ready(client: httpx2.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx2.TransportError:
        return False


def calls(group: str) -> Iterator[str]:
    """Yields the system calls of one of systemd's groups."""
    said = subprocess.run(
        ["systemd-analyze", "--no-pager", "syscall-filter", group],
        capture_output=True,
        text=True,
        check=True,
    )
    for line in map(str.strip, said.stdout.splitlines()[1:]):
        if line.startswith("@"):
            yield from calls(line)
        elif line and not line.startswith("#"):
            yield line


def allowed() -> set[str]:
    """Returns the system calls that the unit allows."""
    names: set[str] = set()
    for line in re.findall(r"^SystemCallFilter=(.+)$", UNIT.read_text(), re.MULTILINE):
        listed = {name for group in line.removeprefix("~").split() for name in calls(group)}
        names = names - listed if line.startswith("~") else names | listed
    return names


def test_no_call_is_made_that_the_unit_refuses(trace: Trace) -> None:
    found("systemd-analyze", "systemd")
    permitted = allowed() | (AS_ROOT if os.getuid() == 0 else set())
    made = set(CALL.findall(trace.text))
    assert len(made) > 30
    assert made - permitted == set()


def test_nothing_is_written_but_state_and_temporary_files(trace: Trace) -> None:
    written = {
        path
        for path, flags in OPENED.findall(trace.text)
        if {"O_WRONLY", "O_RDWR", "O_CREAT"} & set(flags.split("|"))
    } | set(MADE.findall(trace.text))
    own = (str(trace.folder), str(trace.temporary), "/dev/null")
    assert any(path.startswith(str(trace.folder)) for path in written)
    assert {path for path in written if not path.startswith(own)} == set()
