"""The servers under measurement: each a process of its own on a free port of the loopback.
`__main__.py` starts and stops them; what they used is read from /proc."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from secrets import token_urlsafe
from typing import NamedTuple

TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 30.0
STOP_SECONDS = 12.0
POLL_SECONDS = 0.005
ROOT = Path(__file__).parent.parent

# How the gateway is started; the port and the database are added by `Server`.
GATEWAY = (sys.executable, "-m", "gateway.cli", "run")


class Target(NamedTuple):
    """One server of the comparison; `database` names the tables it wants."""

    name: str
    database: str
    faces: Sequence[str]


TARGETS = (
    Target("floor", "gateway", ("REST", "GraphQL")),
    Target("connect", "gateway", ("REST", "GraphQL")),
    Target("drf", "drf", ("REST",)),
    Target("fastapi", "fastapi", ("REST",)),
)


def free_port() -> int:
    """Answer a port of the loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """One running target."""

    def __init__(self, target: Target, database: Path, log: Path) -> None:
        """Start the process; `wait` tells when it answers."""
        self.target = target
        self.port = free_port()
        self.begun = time.perf_counter()
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                self.command(database),
                cwd=ROOT,
                env=self.environment(database),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def command(self, database: Path) -> list[str]:
        """Answer the command line of this target."""
        port = ("--port", str(self.port))
        if self.target.name == "connect":
            return [*GATEWAY, *port]
        serve = (sys.executable, "-m", "bench.serve", self.target.name)
        return [*serve, "--database", str(database), *port]

    def environment(self, database: Path) -> dict[str, str]:
        """Answer the environment; only the gateway's own settings are added."""
        inherited = {name: value for name, value in os.environ.items() if "CONNECT_" not in name}
        if self.target.name != "connect":
            return inherited
        return inherited | {
            "CONNECT_DATABASE_URL": f"sqlite+aiosqlite:///{database}",
            # A database given by URL wants a key of its own; links are masked when compared.
            "CONNECT_SECRET_KEYS": token_urlsafe(48),
            # Counted as ever, and never reached: all clients of a run share one token.
            "CONNECT_RATE_LIMIT": "999999999/second",
        }

    def wait(self, path: str, token: str) -> float:
        """Wait for the first answer below 500; answer the seconds since the start."""
        while time.perf_counter() - self.begun < START_SECONDS:
            if self.process.poll() is not None:
                break
            if self.answers(path, token):
                return time.perf_counter() - self.begun
            time.sleep(POLL_SECONDS)
        self.stop()
        said = self.log.read_text(errors="replace")[-2000:]
        raise RuntimeError(f"{self.target.name} did not start:\n{said}")

    def answers(self, path: str, token: str) -> bool:
        """Ask once."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path, headers={"Authorization": f"Token {token}"})
            return connection.getresponse().status < 500
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def cpu_seconds(self) -> float:
        """Answer the processor time that the process used so far, in user and kernel."""
        # The name in the second field may hold blanks: the rest begins behind its bracket.
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / TICKS

    def resident_mebibytes(self) -> float:
        """Answer the memory that the process holds now."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def stop(self) -> None:
        """End the process, politely first."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
