"""The command line in a process of its own, and callers who write meanwhile."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx2

from tests.contract.test_appointments import booking
from tests.service import ROOT, EmbeddedService

SECONDS = 60.0
LIST = "/api/v1/appointments/"


class Said(NamedTuple):
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str


class Shell:
    """Runs commands with a data folder of their own."""

    def __init__(self, data: Path, settings: Mapping[str, str] | None = None) -> None:
        self.data = data
        inherited = {name: text for name, text in os.environ.items() if "CONNECT" not in name}
        inherited.pop("DATABASE_URL", None)
        self.environment = inherited | {"CONNECT_DATA_DIR": str(data)} | dict(settings or {})

    @property
    def database(self) -> Path:
        return self.data / "connect.db"

    def __call__(self, *arguments: object, stdin: str = "", **settings: str) -> Said:
        process = self.begin(*arguments, **settings)
        out, err = process.communicate(stdin, timeout=SECONDS)
        assert "Traceback" not in err, err
        return Said(process.returncode, out, err)

    def dying(self, step: int, *arguments: object) -> Said:
        """Runs a command that is killed before its n-th step."""
        process = self.begin(step, *arguments, program="tests.upkeep.dying")
        out, err = process.communicate(timeout=SECONDS)
        assert process.returncode in (0, -signal.SIGKILL), err
        return Said(process.returncode, out, err)

    def begin(
        self, *arguments: object, program: str = "gateway.cli", **settings: str
    ) -> "subprocess.Popen[str]":
        """Starts a command, for a test that ends it early."""
        return subprocess.Popen(
            [sys.executable, "-m", program, *map(str, arguments)],
            cwd=ROOT,
            env=self.environment | settings,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def killed(process: "subprocess.Popen[str]") -> None:
    """Kills a command as the kernel does, and waits for its end."""
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=SECONDS)


def client_of(service: EmbeddedService) -> httpx2.Client:
    return httpx2.Client(
        base_url=service.url, headers=service.headers, timeout=SECONDS, trust_env=False
    )


def book(client: httpx2.Client, *people: str, **values: Any) -> dict[str, Any]:
    """Books an appointment with these people; returns what was answered."""
    invited = [
        {"unique_id": name, "display_name": f"Name of {name}"[:60], "role": "participant"}
        for name in people
    ]
    answer = client.post(LIST, json=booking(**{"participants": invited} | values))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


class Load(NamedTuple):
    """What was acknowledged so far, and what was not answered with 201."""

    acknowledged: list[str]
    failures: list[object]


@contextmanager
def writing(service: EmbeddedService, callers: int = 4) -> Iterator[Load]:
    """Books appointments from several threads as fast as they are answered, during the block."""
    load, over = Load([], []), threading.Event()

    def write() -> None:
        with client_of(service) as client:
            while not over.is_set():
                try:
                    load.acknowledged.append(book(client, "anna", "bert")["id"])
                except (httpx2.HTTPError, AssertionError) as error:
                    load.failures.append(error)

    threads = [threading.Thread(target=write) for _ in range(callers)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        over.set()
        for thread in threads:
            thread.join(SECONDS)
