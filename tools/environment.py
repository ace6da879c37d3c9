"""Virtual environments with exactly the packages of a lock file, created and updated on demand.

Uses the standard library only, and is fast when nothing has to be done: every command runs it.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from . import children

Log = Callable[[str], None]

STAMP = ".connect"
PROGRESS_SECONDS = 3.0
KEPT_LINES, SHOWN_LINES = 60, 15
MODULE = "install the whole of Python; on Debian and Ubuntu: apt-get install python3-venv"
# The first with `--python`.
OLDEST_PIP = (22, 3)
PIP_OPTIONS = ("--require-hashes", "--only-binary=:all:", "--no-input", "--progress-bar=off")
# The first lock file includes the packages of the second, in the same versions.
CONTAINS = {"dev": ("traces", "run"), "traces": ("run",)}


class SetUpFailed(Exception):
    """The environment could not be set up; the message is for the person at the terminal."""


class Environment:
    """A folder with a virtual environment, and a stamp that records what is installed in it."""

    def __init__(self, root: Path, folder: str, log: Log, place: Path | None = None) -> None:
        """Takes the checkout, and where the folder is if not there."""
        self.root = root
        self.place = place or root
        self.path = self.place / folder
        self.log = log

    @property
    def python(self) -> Path:
        """The path of the interpreter."""
        return self.path / "bin" / "python"

    def ensure(self, name: str) -> Path:
        """Installs `requirements/NAME.txt` if necessary, and returns the interpreter.

        Raises SetUpFailed when that fails.
        """
        if not self.is_ready(name):
            with alone(self.place, self.log):
                # Another process may have installed it while this one waited for the lock.
                if not self.is_ready(name):
                    self._install(name)
        return self.python

    def is_ready(self, name: str) -> bool:
        """Whether everything is installed, so that `ensure` would do nothing."""
        return self._wanted(name).items() <= self._stamp().items()

    def _wanted(self, name: str) -> dict[str, str]:
        requirements = digest(self._requirements(name))
        return {"place": str(self.path), "python": identity(self.python), name: requirements}

    def _requirements(self, name: str) -> Path:
        return self.root / "requirements" / f"{name}.txt"

    def _stamp(self) -> dict[str, str]:
        try:
            lines = (self.path / STAMP).read_text().splitlines()
        except OSError:
            return {}
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def _write_stamp(self, values: dict[str, str]) -> None:
        draft = self.path / (STAMP + ".new")
        draft.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
        draft.replace(self.path / STAMP)

    def _install(self, name: str) -> None:
        known, wanted = self._stamp(), self._wanted(name)
        has_moved = any(known.get(key, wanted[key]) != wanted[key] for key in ("place", "python"))
        if has_moved or not (is_usable(self.python) and has_pip(self.python)):
            make(self.path, self.log)
            known = {}
        # Removed during the installation, so that an interrupted one does not look complete.
        (self.path / STAMP).unlink(missing_ok=True)
        install_packages(self.python, self._requirements(name), self.log)
        for contained in (*CONTAINS.get(name, ()), name):
            known |= self._wanted(contained)
        self._write_stamp(known)


@contextmanager
def alone(root: Path, log: Log) -> Iterator[None]:
    """Allows only one ./connect at a time to install something in a checkout."""
    # The folder itself is locked: nothing to clean up, and the lock ends with the process and
    # those that it has started.
    handle = os.open(root, os.O_RDONLY)
    os.set_inheritable(handle, True)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log("waiting for another ./connect that is setting things up")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def identity(python: Path) -> str:
    """Returns a text that changes when the interpreter of an environment is replaced."""
    try:
        real = python.resolve(strict=True)
        state = real.stat()
    except OSError:
        return "none"
    return f"{real} {state.st_size} {state.st_mtime_ns}"


def digest(path: Path) -> str:
    """Returns the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_usable(python: Path) -> bool:
    """Whether the environment works and can be kept, although its stamp is missing or differs."""
    question = "import sys; print(sys.prefix, sys.version_info >= (3, 11))"
    said = output_of(str(python), "-I", "-c", question) if python.exists() else None
    return said is not None and said.strip() == f"{python.parent.parent} True"


def has_pip(python: Path) -> bool:
    """Whether the interpreter can run pip."""
    return output_of(str(python), "-m", "pip", "--version") is not None


def pip_of(python: Path) -> list[str]:
    """Returns the pip that installs into an environment: its own, else that of the machine.

    Raises SetUpFailed where there is neither.
    """
    if has_pip(python):
        return [str(python), "-m", "pip"]
    said = output_of(sys.executable, "-m", "pip", "--version")
    if said is None:
        raise SetUpFailed(f"{sys.executable} has neither `ensurepip` nor pip: {MODULE}")
    version = said.split()[1]
    if tuple(map(int, re.findall(r"\d+", version)[:2])) < OLDEST_PIP:
        raise SetUpFailed(
            f"{sys.executable} has no `ensurepip`, and its pip {version} is older than "
            f"{OLDEST_PIP[0]}.{OLDEST_PIP[1]}, the first to install into an environment: {MODULE}"
        )
    return [sys.executable, "-m", "pip", "--python", str(python)]


def output_of(*command: str) -> str | None:
    """Returns what a command prints; None when it fails."""
    try:
        done = subprocess.run(command, check=False, capture_output=True)  # noqa: S603  (ours)
    except OSError:
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None


def make(path: Path, log: Log) -> None:
    """Creates an empty environment, replacing what is there; raises SetUpFailed."""
    version = ".".join(map(str, sys.version_info[:3]))
    log(f"making a virtual environment for Python {version} in {path}")
    # Debian has a separate package for pip in environments; without it, another pip does.
    said = ""
    for options in ((), ("--without-pip",)):
        said = made(path, *options)
        if not said:
            return
        known = children.reason(said, path.parent)
        if known:
            raise SetUpFailed(f"{path} could not be made: {known}")
    raise SetUpFailed(f"{sys.executable} cannot make a virtual environment, {last(said)}: {MODULE}")


def made(path: Path, *options: str) -> str:
    """Runs the module `venv`; returns nothing if that worked, else what it said."""
    command = [sys.executable, "-m", "venv", "--clear", *options, str(path)]
    with children.started(command, path.parent, subprocess.PIPE) as process:
        said, _ = process.communicate()
    return (said.decode(errors="replace") or "it failed") if process.returncode else ""


def last(said: str) -> str:
    """Returns the last line of what a program printed."""
    return said.strip().splitlines()[-1].strip()


def install_packages(python: Path, requirements: Path, log: Log) -> None:
    """Installs the packages of a lock file, each checked by its hash; raises SetUpFailed."""
    total = requirements.read_text().count("==")
    forget_halves(python)
    log(f"installing up to {total} packages of {requirements.name}, once")
    command = [*pip_of(python), "install", *PIP_OPTIONS, "--disable-pip-version-check"]
    command += ["-r", str(requirements)]
    started = time.monotonic()
    # `user = true` in a personal pip.conf would install outside the environment.
    with children.started(command, Path.cwd(), subprocess.PIPE, PIP_USER="0") as process:
        said = follow(process, total, log)
    if process.returncode != 0:
        known = children.reason("".join(said), python.parents[2])
        raise SetUpFailed(
            f"the packages could not be installed: {known}"
            if known
            else "the packages could not be installed:\n" + "".join(list(said)[-SHOWN_LINES:])
        )
    log(f"installed in {time.monotonic() - started:.0f} s")


def forget_halves(python: Path) -> None:
    """Removes the records of packages that a killed pip did not finish: it takes them for whole."""
    for record in python.parents[1].glob("lib/python*/site-packages/*.dist-info"):
        if not (record / "RECORD").is_file():
            shutil.rmtree(record)


def follow(process: subprocess.Popen[bytes], total: int, log: Log) -> deque[str]:
    """Reports the progress of pip every few seconds; returns the last lines that it printed."""
    last: deque[str] = deque(maxlen=KEPT_LINES)
    reported_at, count = time.monotonic(), 0
    for raw in process.stdout or ():
        line = raw.decode(errors="replace")
        last.append(line)
        count += line.startswith(("Collecting ", "Processing "))
        if line.startswith("Installing collected"):
            log("  … unpacking them")
        elif time.monotonic() - reported_at > PROGRESS_SECONDS:
            reported_at = time.monotonic()
            log(f"  … {count} of {total}: {line.strip()[:60]}")
    process.wait()
    return last
