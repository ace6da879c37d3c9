"""Where mistakes are planted, and what `doctor` says of them."""

import json
import resource
import subprocess
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from tests.service import ROOT
from tests.upkeep.shell import Shell

GOOD_KEY = "Kq3vZ8d0Yt5LwXr2Bn7PcF4hJs9Ua6Ge"
OTHER_KEY = "mX4bT9wR2zKs7VqJ0hLc5NfYp8Gd3AeU"
SECRET = "Zt7Rk2Wq9Lx4Vb6Nm1Hc8Jf3Gd5Sp0Ya"

Given = Mapping[str, str]


class Ground(NamedTuple):
    """Where mistakes are planted, and what is ended after the test."""

    connect: Shell
    folder: Path
    stack: ExitStack

    def enter(self, block: AbstractContextManager[Any]) -> Any:
        return self.stack.enter_context(block)

    def made(self) -> "Ground":
        """Makes a database that holds appointments, and its key."""
        said = self.connect("seed", "--organization", "Acme", "--appointments", 3)
        assert said.status == 0, said.err
        self.key.write_text(f"{GOOD_KEY}\n")
        self.key.chmod(0o600)
        return self

    @property
    def key(self) -> Path:
        return self.connect.data / "secret.key"


class Checked(NamedTuple):
    """What was found of a code, if anything, and all that was printed."""

    status: int
    checks: dict[str, dict[str, str]]
    text: str


def examined(ground: Ground, given: Given, **limits: int) -> Checked:
    def limit() -> None:
        if "files" in limits:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limits["files"], limits["files"]))

    done = subprocess.run(
        [sys.executable, "-m", "gateway.cli", "doctor", "--json"],
        cwd=ROOT, env=ground.connect.environment | dict(given), preexec_fn=limit,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    checks = {each["code"]: each for each in json.loads(done.stdout)["checks"]}
    return Checked(done.returncode, checks, done.stdout + done.stderr)
