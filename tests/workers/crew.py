"""A service with several workers, and what the kernel says about them."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from tests.service import EmbeddedService

SECONDS = 20.0


def workers_of(pid: int) -> list[int]:
    """The processes that a supervisor has started and that still run, zombies left out."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return sorted(int(child) for child in children if is_alive(int(child)) and serves(int(child)))


def is_alive(pid: int) -> bool:
    """Whether a process runs: one that is dead and not yet waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def serves(pid: int) -> bool:
    try:
        return b"\0worker\0" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def until(what: Callable[[], bool], seconds: float = SECONDS) -> float:
    """Waits until it is so; returns for how long, raises TimeoutError."""
    began = time.monotonic()
    while not what():
        if time.monotonic() - began > seconds:
            raise TimeoutError
        time.sleep(0.02)
    return time.monotonic() - began


class Crew(EmbeddedService):
    """A service with several workers on a database of its own."""

    def __init__(self, folder: Path, count: int, settings: dict[str, str] | None = None) -> None:
        super().__init__(folder, {"CONNECT_WORKERS": str(count)} | (settings or {}))
        self.count = count
        try:
            until(lambda: self.ready() >= count, 60)
        except BaseException:
            self.end()
            raise

    @property
    def workers(self) -> list[int]:
        """The processes of the workers."""
        return workers_of(self.pid)

    def ready(self) -> int:
        """How many workers said so far that they are ready."""
        return self.log.read_text().count('"worker_ready"')

    def holder(self) -> int:
        """The process of the worker that has the clock's lease."""
        taken = [line for line in self.log_lines() if line["event"] == "lease_taken"]
        places = {
            line["worker"]: line["pid"]
            for line in self.log_lines()
            if line["event"] == "worker_ready"
        }
        return int(places[taken[-1]["worker"]])

    def renewals(self) -> int:
        """How many rolling restarts have succeeded so far."""
        return self.log.read_text().count("every worker is new")

    def renew(self) -> None:
        """Has every worker replaced, one by one; returns when the new ones serve."""
        before = self.renewals()
        os.kill(self.pid, signal.SIGHUP)
        until(lambda: self.renewals() > before, 60)
