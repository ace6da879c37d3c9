"""The server under attack: a process of its own, what it used read from the kernel."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0
STOP_SECONDS = 15.0
KEY = "a-key-of-the-abuse-runs-0123456789abcdef"


def free_port() -> int:
    """Returns a port of the loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`./connect run` in production shape: a database given by URL, a free port, a log file."""

    def __init__(
        self, folder: Path, settings: Mapping[str, str] | None = None, descriptors: int = 0
    ) -> None:
        self.port = free_port()
        self.log = folder / f"server-{self.port}.log"
        self.database = folder / "connect.db"
        inherited = {name: text for name, text in os.environ.items() if "CONNECT_" not in name}
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gateway.cli", "run", "--port", str(self.port)],
                cwd=ROOT,
                env={**inherited, **self._settings(), **(settings or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        if descriptors:
            # At once: what the server derives from the limit, it reads when it begins to serve.
            resource.prlimit(self.pid, resource.RLIMIT_NOFILE, (descriptors, descriptors))
        self._wait()

    def _settings(self) -> dict[str, str]:
        return {
            "CONNECT_DATABASE_URL": f"sqlite:///{self.database}",
            "CONNECT_SECRET_KEYS": KEY,
            "CONNECT_LOG_FORMAT": "json",
            # Parsed documents are kept up to a limit: a small one, so that what leaks shows.
            "CONNECT_GRAPHQL_DOCUMENTS_MIB": "1",
        }

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self.is_alive():
            if self.answers():
                return
            time.sleep(0.05)
        said = self.log.read_text(errors="replace")[-2000:]
        self.stop()
        raise RuntimeError(f"the server did not start:\n{said}")

    @property
    def pid(self) -> int:
        return self.process.pid

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def answers(self, seconds: float = 5.0) -> bool:
        """Whether a newcomer is told within `seconds` that the service lives."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as link:
                link.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                return link.recv(64).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def cpu(self) -> float:
        """Seconds of processor time that the process used so far, user and kernel."""
        # The kernel's clock of another process, in nanoseconds; /proc/PID/stat counts in 10 ms.
        return time.clock_gettime((~self.pid << 3) | 2)

    def waited(self) -> float:
        """Seconds that its main thread was ready and the machine gave it no processor."""
        return int(Path(f"/proc/{self.pid}/schedstat").read_text().split()[1]) / 1e9

    def anonymous(self) -> float:
        """MiB of memory of its own that the process holds now."""
        return self._status("RssAnon")

    def resident(self) -> float:
        """MiB that the process holds now, mapped files included."""
        return self._status("VmRSS")

    def peak(self) -> float:
        """MiB that the process held at most since `forget_peak`."""
        return self._status("VmHWM")

    def forget_peak(self) -> None:
        """Begins to look for a new peak."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def open_sockets(self) -> int:
        """How many descriptors of the process are sockets."""
        count = 0
        for link in Path(f"/proc/{self.pid}/fd").iterdir():
            try:
                count += str(link.readlink()).startswith("socket:")
            except OSError:  # Closed meanwhile.
                continue
        return count

    def complaints(self, position: int = 0) -> list[str]:
        """Lines of the log behind `position` that hold a traceback."""
        text = self.log.read_bytes()[position:].decode(errors="replace")
        return [line for line in text.splitlines() if "Traceback (most recent call" in line]

    def _status(self, name: str) -> float:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def stop(self) -> None:
        """Ends the process, politely first."""
        if self.is_alive():
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
