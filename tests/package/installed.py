"""An environment with the wheel and what it needs, on a machine that has nothing else."""

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
LOCKS = ROOT / "requirements"
SECONDS = 120.0
# What others may have installed, or may lie where a command is called.
ROOMS = ("gateway", "rest", "schema", "db")
DECOY = "raise SystemExit('a module of somebody else was imported')\n"


class Said(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str


def build(folder: Path) -> Path:
    """Builds the wheel as developers do; returns it."""
    command = [sys.executable, str(ROOT / "connect"), "build", "--wheel", "--to", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    [wheel] = folder.glob("*.whl")
    return wheel


class Installed:
    """An environment in `folder`, a home, and a working directory with decoys in both."""

    def __init__(self, folder: Path, python: str = sys.executable) -> None:
        self._python = python
        self.bin = folder / "environment" / "bin"
        self.home, self.work = folder / "home", folder / "work"
        self.home.mkdir()
        self.work.mkdir()

    @property
    def packages(self) -> Path:
        """Where packages are installed."""
        [found] = self.bin.parent.glob("lib/python3*/site-packages")
        return found

    @property
    def data(self) -> Path:
        """Where the service keeps its data unless it is told otherwise."""
        return self.home / ".local" / "share" / "consularia-connect"

    def install(self, wheel: Path) -> None:
        """Installs the packages of the lock file, each checked by its hash, then the wheel."""
        venv = [self._python, "-m", "venv", "--without-pip", str(self.bin.parent)]
        subprocess.run(venv, check=True)
        # What is never imported need not be compiled.
        for what in (
            (
                "--require-hashes",
                "--only-binary=:all:",
                "--no-compile",
                "--requirement",
                str(LOCKS / "run.txt"),
            ),
            ("--no-deps", "--no-index", str(wheel)),
        ):
            done = self.pip("install", "--quiet", *what)
            assert done.status == 0, done.err

    def pip(self, *arguments: str) -> Said:
        """Runs the pip of the tests on the environment, which has none."""
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
        done = subprocess.run(
            [*pip, "--python", str(self.bin / "python"), *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def add_decoys(self) -> None:
        """Puts modules with the names of our rooms where Python might look for ours."""
        for room in ROOMS:
            (self.work / f"{room}.py").write_text(DECOY)
            (self.packages / room).mkdir()
            (self.packages / room / "__init__.py").write_text(DECOY)

    def environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        """What a process is given: no Node.js, none of the variables of this machine."""
        return {"PATH": str(self.bin), "HOME": str(self.home), "LANG": "C.UTF-8", **settings}

    def run(self, *command: str, into: str = "", **settings: str) -> Said:
        """Runs a command of the environment to its end in the working directory."""
        done = subprocess.run(
            [str(self.bin / command[0]), *command[1:]],
            cwd=self.work,
            env=self.environment(settings),
            input=into,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def connect(self, *arguments: str, into: str = "", **settings: str) -> Said:
        """Runs `connect`."""
        return self.run("connect", *arguments, into=into, **settings)

    @contextmanager
    def serving(self, *arguments: str, **settings: str) -> Iterator["Serving"]:
        """Runs `connect run` on a free port, and ends it as operators do."""
        log = self.home / "log"
        with log.open("wb") as stderr:
            process = subprocess.Popen(
                [str(self.bin / "connect"), "run", "--port", "0", *arguments],
                cwd=self.work,
                env=self.environment(settings),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        try:
            yield Serving(process, log)
            process.send_signal(signal.SIGTERM)
            status = process.wait(SECONDS)
            assert status == 0, f"{status}:\n{log.read_text()}"
        finally:
            process.kill()
            process.wait()


class Serving:
    """A service that has printed its greeting."""

    def __init__(self, process: "subprocess.Popen[str]", log: Path) -> None:
        self._lines: Queue[str] = Queue()
        self.log = log
        # Read to the end, so that the service never waits for a reader.
        threading.Thread(target=self._read, args=(process,), daemon=True).start()
        self.url = self._word(r"^ *GraphQL +(\S+)/graphql$")
        self.token = self._word(r"^ *Token +(\S+)")

    def wait_for(self, event: str, count: int) -> None:
        """Waits until the log holds an event so often; raises AssertionError when it never does."""
        until = time.monotonic() + SECONDS
        while self.log.read_text().count(event) < count:
            assert time.monotonic() < until, f"no {event}:\n{self.log.read_text()}"
            time.sleep(0.05)

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def _word(self, pattern: str) -> str:
        try:
            while line := self._lines.get(timeout=SECONDS):
                if found := re.search(pattern, line.rstrip()):
                    return found[1]
        except Empty:
            pass
        raise AssertionError(f"no greeting with {pattern}:\n{self.log.read_text()}")
