"""The service in a process of its own, with what /proc says about it, and raw sockets to it."""

import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.conftest import free_port

ROOT = Path(__file__).parents[2]
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
MEBIBYTE = 1 << 20


class Server:
    """A running service; `descriptors` lowers how many files and sockets it may open; its log goes to `stderr`."""

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        descriptors: int | None = None,
        stderr: int | None = None,
    ) -> None:
        self.port = free_port()
        self.log = folder / "log"
        kept = {name: text for name, text in os.environ.items() if "CONNECT" not in name}
        kept.pop("DATABASE_URL", None)
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gateway.cli", "run", "--port", str(self.port)],
                cwd=ROOT,
                env={**kept, "CONNECT_DATA_DIR": str(folder), "CONNECT_LOG_FORMAT": "json"}
                | dict(environment or {}),
                stdout=subprocess.PIPE,
                stderr=log if stderr is None else stderr,
                text=True,
            )
        if descriptors is not None:
            # In time: the interpreter has hardly started.
            limits = (descriptors, descriptors)
            resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE, limits)
        self.token = self._read_token()
        self._wait_until_ready()

    def _read_token(self) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.strip().startswith("Token"):
                return line.split()[-1]
        raise AssertionError(self.log.read_text())

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if status_of(self.exchange(request("/readyz"))) == 200:
                    return
            except OSError:
                time.sleep(0.02)
        raise AssertionError("not ready")

    def connect(self, timeout: float = 20) -> socket.socket:
        """Returns a new connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def exchange(self, sent: bytes, timeout: float = 20) -> bytes:
        """Sends raw bytes on a connection of its own; returns what comes until it is closed."""
        with self.connect(timeout) as client:
            client.sendall(sent)
            return until_closed(client)

    def memory(self) -> int:
        """The anonymous memory, in bytes."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"RssAnon:\s+(\d+) kB", text)
        assert found is not None
        return int(found[1]) * 1024

    def cpu(self) -> float:
        """The seconds of CPU that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND

    def sockets(self) -> int:
        """How many sockets it holds open."""
        count = 0
        for name in os.listdir(f"/proc/{self.process.pid}/fd"):  # noqa: PTH208
            try:
                target = os.readlink(f"/proc/{self.process.pid}/fd/{name}")  # noqa: PTH115
            except OSError:
                continue
            count += target.startswith("socket:")
        return count

    def told(self) -> list[dict[str, Any]]:
        """The lines of its log."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def stop(self) -> None:
        """Sends SIGTERM and waits for the end."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)

    def end(self) -> None:
        """Ends it, whatever it does."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


def request(
    path: str,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    *,
    keep: bool = False,
) -> bytes:
    """Returns a request as it goes over the wire; closes the connection unless told to keep it."""
    lines = {"Host": "127.0.0.1", **(headers or {})}
    if body:
        lines["Content-Length"] = str(len(body))
    if not keep:
        lines["Connection"] = "close"
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


def status_of(answer: bytes) -> int:
    """The status of an answer; 0 when there is none."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def until_closed(client: socket.socket) -> bytes:
    """What comes until the other side closes, or breaks off."""
    parts = []
    try:
        while part := client.recv(1 << 16):
            parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)


def eventually(check: Any, seconds: float = 20) -> None:
    """Waits until `check()` holds."""
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)
