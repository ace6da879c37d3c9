"""Debian's coturn on the loopback, with credentials that end, as `CONNECT_TURN_SECRET` makes them."""

import asyncio
import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.service import free_port

from .person import Unmet, until

REALM = "connect.example"
START_SECONDS = 20.0


class Turn:
    """A running `turnserver`."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.secret = secrets.token_hex(16)
        self.log = folder / f"turn-{self.port}.log"
        self.process = subprocess.Popen(
            [
                find_turnserver(), "-n", "--log-file=stdout", "--verbose",
                f"--listening-port={self.port}", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1",
                "--use-auth-secret", f"--static-auth-secret={self.secret}", f"--realm={REALM}",
                "--no-tls", "--no-dtls", "--no-cli", "--allow-loopback-peers", "--fingerprint",
                f"--pidfile={folder / 'turn.pid'}", f"--userdb={folder / 'turn.db'}",
            ],
            stdin=subprocess.DEVNULL,
            stdout=self.log.open("wb"),
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=dict(os.environ),
        )  # fmt: skip

    @property
    def settings(self) -> Mapping[str, str]:
        """What the service is told of it."""
        return {
            "CONNECT_ICE_SERVERS": f"turn:127.0.0.1:{self.port}?transport=udp",
            "CONNECT_TURN_SECRET": self.secret,
        }

    async def wait(self) -> None:
        """Waits until it answers; raises Unmet with its log when it does not."""
        words = f"turnserver does not answer: {self.log.read_text(errors='replace')[-500:]}"
        await until(self._answers, START_SECONDS, words)

    async def _answers(self) -> bool:
        if self.process.poll() is not None:
            raise Unmet(f"turnserver ended: {self.log.read_text(errors='replace')[-500:]}")
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def allocations(self) -> int:
        """How many relays it has given out, by its log."""
        return self.log.read_text(errors="replace").count("ALLOCATE processed, success")

    def end(self) -> None:
        """Ends it."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def find_turnserver() -> str:
    """Returns the path of coturn; skips the test where there is none."""
    found = shutil.which("turnserver", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin")
    if not found:
        pytest.skip("No turnserver found: install coturn (Debian: apt-get install coturn).")
    return found


@asynccontextmanager
async def turn(folder: Path) -> AsyncIterator[Turn]:
    """Runs coturn."""
    running = Turn(folder)
    try:
        await running.wait()
        yield running
    finally:
        await asyncio.to_thread(running.end)
