"""Where the set-up keeps what it installs: the checkout, or the data folder if that is read-only.

Uses the standard library only.
"""

import os
from collections.abc import Iterator
from pathlib import Path

# In the data folder. The service finds the pages there: see `gateway/app.py`.
FOLDER = "setup"
EXPLORER = Path("gateway", "explorer")


class NoPlace(Exception):
    """Nothing can be installed anywhere; the message is one line."""


def place(root: Path) -> Path:
    """Returns where to install for a checkout, and makes the folder; raises NoPlace."""
    wanted = place_of(root)
    data = wanted.parent
    try:
        if wanted != root:
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
            wanted.mkdir(mode=0o700, exist_ok=True)
    except OSError as problem:
        raise NoPlace(
            f"this user can write neither the checkout {root} nor the data folder {data} "
            f"({problem.strerror}): set CONNECT_DATA_DIR to a folder that it can write"
        ) from problem
    return wanted


def place_of(root: Path) -> Path:
    """Returns where to install for a checkout, made or not; raises NoPlace."""
    if os.access(root, os.W_OK):
        return root
    from gateway.settings import WrongSetting
    from gateway.settings.source import text_of

    try:
        # As the service reads it.
        text = text_of("CONNECT_DATA_DIR", os.environ)[1]
        return (root / Path(text or "data").expanduser() / FOLDER).resolve()
    except (WrongSetting, RuntimeError) as wrong:
        raise NoPlace(str(wrong)) from wrong


def mirror(root: Path, place: Path) -> None:
    """Copies the explorer's sources to where they can be built, if that is another place."""
    source, target = root / EXPLORER, place / EXPLORER
    if place == root:
        return
    wanted = {path.relative_to(source): path for path in sources(source)}
    for path in list(sources(target)):
        if path.relative_to(target) not in wanted:
            path.unlink()
    for name, path in wanted.items():
        # Without the mode: what is read-only could not be renewed.
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(path.read_bytes())


def sources(folder: Path) -> Iterator[Path]:
    """Yields the files of an npm project, without installed packages."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_file():
            yield path
        elif path.name != "node_modules":
            yield from (below for below in path.rglob("*") if below.is_file())
