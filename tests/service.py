"""The service in a process of its own, as operators run it, with what the kernel says about it."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
START_SECONDS = 60.0
STOP_SECONDS = 20.0


def free_port() -> int:
    """Returns a port of the loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Service:
    """A running service; `descriptors` lowers how many files and sockets it may open.

    Standard output and error go to `log`, unless `stdout` and `stderr` lead elsewhere. Listens at
    `port`, where one that ended before has listened, or at a free one.
    """

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str],
        descriptors: int | None = None,
        *,
        stdout: int | None = None,
        stderr: int | None = None,
        root: Path = ROOT,
        port: int | None = None,
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"server-{self.port}.log"
        inherited = {name: text for name, text in os.environ.items() if "CONNECT" not in name}
        inherited.pop("DATABASE_URL", None)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gateway.cli", "run", "--port", str(self.port)],
                cwd=root,
                env=inherited | {"CONNECT_LOG_FORMAT": "json"} | dict(settings),
                stdin=subprocess.DEVNULL,
                stdout=log if stdout is None else stdout,
                stderr=log if stderr is None else stderr,
                text=True,
            )
        if descriptors is not None:
            # At once: what the service derives from the limit, it reads when it begins to serve.
            limits = (descriptors, descriptors)
            resource.prlimit(self.pid, resource.RLIMIT_NOFILE, limits)

    def wait(self) -> None:
        """Waits until the service is ready; raises RuntimeError with its log when it is not."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self.is_alive():
            if self.answers(path="/readyz"):
                return
            time.sleep(0.02)
        self.end()
        raise RuntimeError(f"not started:\n{self.log.read_text(errors='replace')[-2000:]}")

    @property
    def pid(self) -> int:
        """The process."""
        return self.process.pid

    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self.process.poll() is None

    def answers(self, seconds: float = 5.0, path: str = "/healthz") -> bool:
        """Whether a new connection gets a 200 for the path within `seconds`."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as link:
                link.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                return link.recv(64).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def cpu(self) -> float:
        """Seconds of processor time that the process used so far, user and kernel."""
        # The kernel's clock of another process, in nanoseconds; /proc/PID/stat counts in 10 ms.
        return time.clock_gettime((~self.pid << 3) | 2)

    def anonymous(self) -> float:
        """MiB of memory of its own that the process holds now."""
        return self.status("RssAnon")

    def status(self, name: str) -> float:
        """MiB of one kind of memory, as /proc names it."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def open_sockets(self) -> int:
        """How many descriptors of the process are sockets."""
        count = 0
        for link in Path(f"/proc/{self.pid}/fd").iterdir():
            try:
                count += str(link.readlink()).startswith("socket:")
            except OSError:  # Closed meanwhile.
                continue
        return count

    def log_lines(self) -> list[dict[str, Any]]:
        """The lines of its log; a start that takes long says so besides, in plain words."""
        lines = self.log.read_text().splitlines()
        return [json.loads(line) for line in lines if not line.startswith("connect: migrating")]

    def stop(self) -> float:
        """Sends SIGTERM; returns the seconds until the process is gone, killed in the end."""
        began = time.monotonic()
        if self.is_alive():
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        finally:
            self.end()
        return time.monotonic() - began

    def end(self) -> None:
        """Kills the process if it still runs."""
        if self.is_alive():
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


class EmbeddedService(Service):
    """A service with a database of its own in `folder`, and the token of its demo."""

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str] | None = None,
        descriptors: int | None = None,
        *,
        stderr: int | None = None,
        port: int | None = None,
    ) -> None:
        own = {"CONNECT_DATA_DIR": str(folder)} | dict(settings or {})
        super().__init__(folder, own, descriptors, stdout=subprocess.PIPE, stderr=stderr, port=port)
        self.token = self._read_token()
        self.wait()

    @property
    def headers(self) -> dict[str, str]:
        """What a caller sends."""
        return {"Authorization": f"Token {self.token}"}

    def _read_token(self) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.strip().startswith("Token"):
                return line.split()[-1]
        raise RuntimeError(f"no token:\n{self.log.read_text(errors='replace')[-2000:]}")
