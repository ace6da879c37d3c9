"""An installation under attack: a database, organizations, and a server that comes back."""

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from tests.service import ROOT, Service
from tests.workers.crew import workers_of

from .load import Account
from .state import State, reader

ORGANIZATIONS = ("Consulate General", "Embassy", "Mission")
SETTINGS = {
    "CONNECT_RATE_LIMIT": "off",
    "CONNECT_LOG_LEVEL": "warning",
    "CONNECT_SECRET_KEYS": "a-key-of-the-tests-that-is-long-enough-for-links",
    "CONNECT_LIVE_CONNECTIONS": "1000",
}
BACK_SECONDS = 5.0


class Site:
    """A service on a database of its own, by URL, with organizations and a token for each."""

    def __init__(
        self, folder: Path, url: str, workers: int = 1, settings: Mapping[str, str] = {}
    ) -> None:
        self.folder = folder
        self.url = url
        self.workers = workers
        several = {"CONNECT_WORKERS": str(workers)} if workers > 1 else {}
        self.settings = SETTINGS | several | {"CONNECT_DATABASE_URL": self.url} | dict(settings)
        # The release that runs: a checkout.
        self.root = ROOT
        self.service: Service | None = None
        # While none runs, requests go where nothing listens.
        self.port = 1
        self.accounts: list[Account] = []
        self.logs: list[Path] = []

    def prepare(self) -> None:
        """Migrates the database and makes the organizations with their tokens."""
        self.command("migrate")
        tokens = [self.command("token", "create", "--organization", name) for name in ORGANIZATIONS]
        ids = {row["name"]: row["id"] for row in self.state().organization}
        self.accounts = [
            Account(ids[name], token.strip())
            for name, token in zip(ORGANIZATIONS, tokens, strict=True)
        ]

    def through(self, port: int) -> None:
        """Lets the service reach its server through another port of the loopback."""
        parts = urlsplit(self.url)
        host = f"{parts.netloc.rpartition(':')[0]}:{port}"
        self.settings["CONNECT_DATABASE_URL"] = urlunsplit(parts._replace(netloc=host))

    def command(self, *arguments: str) -> str:
        """Runs a command of the service; returns what it prints, raises RuntimeError."""
        own = {name: text for name, text in os.environ.items() if "CONNECT" not in name}
        own.pop("DATABASE_URL", None)
        ran = subprocess.run(
            [sys.executable, "-m", "gateway.cli", *arguments],
            cwd=self.root, env=own | self.settings, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        if ran.returncode != 0:
            raise RuntimeError(f"{arguments}: {ran.stderr[-2000:]}")
        return ran.stdout

    def state(self) -> State:
        """Reads the database."""
        return reader(self.url)()

    def start(self) -> None:
        """Starts the service and waits until it is ready."""
        service = Service(self.folder, self.settings, root=self.root)
        self.service = service
        self.logs.append(service.log)
        service.wait()
        self.port = service.port

    def kill(self) -> None:
        """Kills the whole service at once: supervisor, workers."""
        assert self.service is not None
        pids = [self.service.pid, *self.worker_pids()]
        for pid in pids:
            _signal(pid, signal.SIGKILL)
        self.service.process.wait()
        self.port = 1

    def kill_something(self) -> None:
        """Kills one worker, or the service where it is a single process, which is started again."""
        if self.workers == 1:
            self.kill()
            self.start()
        elif pids := self.worker_pids():
            _signal(random.choice(pids), signal.SIGKILL)

    def stop(self) -> float:
        """Ends the service as operators do; returns the seconds that took."""
        if self.service is None:
            return 0.0
        seconds = self.service.stop()
        self.port = 1
        return seconds

    def worker_pids(self) -> list[int]:
        """The processes that serve below the supervisor; none when there is no supervisor."""
        if self.service is None or self.workers == 1:
            return []
        return workers_of(self.service.pid)

    def close(self) -> None:
        """Leaves nothing running."""
        if self.service is not None and self.service.is_alive():
            self.kill()

    def tracebacks(self) -> list[str]:
        """What the logs tell of unexpected errors: event and last lines, each once with its count."""
        told: Counter[str] = Counter()
        for log in self.logs:
            for line in log.read_text(errors="replace").splitlines():
                if '"exception"' in line:
                    record = json.loads(line)
                    place = " … ".join(record["exception"].strip().splitlines()[-3:])
                    told[f"{record['event'][:200]}: {place[-300:]}"] += 1
                elif "Traceback" in line:
                    told[line[:300]] += 1
        return [f"logged {count} times: {what}" for what, count in told.most_common(10)]


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
