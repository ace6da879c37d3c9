"""The servers under measurement: each a separate process on a free port of the loopback.
`__main__.py` starts and stops them; what they used is read from /proc."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from .targets import Target

TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 30.0
STOP_SECONDS = 12.0
POLL_SECONDS = 0.005
ROOT = Path(__file__).parent.parent


def free_port() -> int:
    """Return a port of the loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def family(pid: int) -> Iterator[int]:
    """Yield a process and all its living descendants."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            children = (task / "children").read_text().split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # A thread that has just ended.
        for child in children:
            yield from family(int(child))


def cpu_seconds(pid: int) -> float:
    """Return the processor time of all threads of a process and of its children that ended."""
    # The name in the second field may contain spaces, so the rest starts after its parenthesis.
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, stat[11:15])) / TICKS


class Server:
    def __init__(self, target: Target, database: Path | str, log: Path) -> None:
        """Start the process on a file or a URL; `wait` tells when it answers."""
        self.target = target
        self.port = free_port()
        self.begun = time.perf_counter()
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                target.command(target.name, database, self.port),
                cwd=ROOT,
                env=target.environment(database),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait(self, path: str, token: str) -> float:
        """Wait for the first answer below 500; return the seconds since the start."""
        while time.perf_counter() - self.begun < START_SECONDS:
            if self.process.poll() is not None:
                break
            if self.answers(path, token):
                return time.perf_counter() - self.begun
            time.sleep(POLL_SECONDS)
        self.stop()
        raise RuntimeError(f"{self.target.name} did not start:\n{self.said()}")

    def said(self) -> str:
        """Return the end of what the process printed."""
        return self.log.read_text(errors="replace")[-2000:]

    def answers(self, path: str, token: str) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path, headers={"Authorization": f"Token {token}"})
            return connection.getresponse().status < 500
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def cpu_seconds(self) -> float:
        """Return the processor time used so far, user and kernel, children included."""
        return sum(map(cpu_seconds, family(self.process.pid)))

    def resident_mebibytes(self) -> float:
        """Return the memory that the process holds now."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def stop(self) -> None:
        """Stop the process: terminate it, and kill it if that does not help."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
