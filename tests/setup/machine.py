"""Machines that are not like ours: another Python, another user, a checkout that cannot be written."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from tests.service import ROOT
from tools.environment import Environment

NOBODY = 65534
# What a set-up reads of the checkout, without the explorer: that has tests of its own.
PARTS = ("connect", "tools", "requirements", "gateway", "schema", "rest", "db")


def checkout(folder: Path, requirements: str | None = None) -> Path:
    """Copies the tracked files; `requirements` replaces what the service needs."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *PARTS],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split("\0")  # fmt: skip
    for name in filter(None, names):
        if not name.startswith("gateway/explorer/") and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    if requirements is not None:
        (folder / "requirements" / "run.txt").write_text(requirements)
    return folder


def plain(**settings: str) -> dict[str, str]:
    """Returns the environment of these tests without settings of the service."""
    kept = {name: text for name, text in os.environ.items() if "CONNECT" not in name}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", **settings}


class Python:
    """A copy of this Python without some modules of its library, and with pip or without."""

    def __init__(self, folder: Path, without: tuple[str, ...], *, has_pip: bool) -> None:
        base = Path(sys._base_executable).resolve()  # type: ignore[attr-defined]
        library = Path(sysconfig.get_path("stdlib"))
        self.executable = folder / "bin" / "python3"
        self.executable.parent.mkdir(parents=True)
        shutil.copy(base, self.executable)
        target = folder / "lib" / library.name
        target.mkdir(parents=True)
        for path in library.iterdir():
            if path.stem not in {*without, "site-packages", "dist-packages"}:
                (target / path.name).symlink_to(path)
        for path in shared(library.parent):
            (folder / "lib" / path.name).symlink_to(path)
        for name in ("site-packages", "dist-packages") if has_pip else ():
            (target / name).mkdir()
            import pip

            (target / name / "pip").symlink_to(Path(pip.__file__).parent)

    def works(self) -> bool:
        """Whether it starts here: a Python may be tied to the place where it was installed."""
        return subprocess.run([self.executable, "-c", ""], check=False).returncode == 0


def shared(folder: Path) -> Iterator[Path]:
    """Yields the libraries that an interpreter may be linked to."""
    yield from folder.glob("libpython3*.so*")


def furnish(root: Path, place: Path | None = None, python: str = sys.executable) -> Path:
    """Makes an environment that counts as set up, with the packages of the one that runs this."""
    made = Environment(root, ".venv", print, place)
    run = [python, "-m", "venv", "--without-pip", str(made.path)]
    subprocess.run(run, check=True, capture_output=True)
    (packages,) = made.path.glob("lib/python*/site-packages")
    packages.rmdir()
    packages.symlink_to(sysconfig.get_path("purelib"))
    made._write_stamp({**made._wanted("run"), **made._wanted("dev")})
    return made.path


def children(word: str) -> list[str]:
    """The command lines of all processes that hold a word."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if word in line:
            found.append(line)
    return found
