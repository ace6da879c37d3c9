"""Builds the wheel: the rooms inside one package, with the explorer and the documentation built.

Uses the standard library only; `pyproject.toml` says what hatchling packs. The image is built with
`python -m tools.wheel FOLDER`.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools import frontend

# Zip files hold no earlier year, and everybody who builds the same sources gets the same bytes.
EPOCH = "1580601600"

USAGE = """\
usage: ./connect build [--wheel] [--to FOLDER]

  without options  build the explorer and the REST documentation into gateway/static/
  --wheel          build them, then the wheel that operators install, into dist/
  --to FOLDER      put the wheel there instead

The explorer needs Node.js; where there is none, one is fetched from PyPI. The same sources always
give the same wheel.
"""


class WrongArguments(Exception):
    """The arguments are not those of `build`."""


def wanted(arguments: Sequence[str]) -> Path | None:
    """Returns the folder that the wheel is wanted in, None for the explorer alone.

    Raises WrongArguments.
    """
    rest = [each for each in arguments if each != "--wheel"]
    if not rest:
        return Path("dist") if arguments else None
    if len(rest) == 2 and rest[0] == "--to" and len(rest) < len(arguments):
        return Path(rest[1])
    raise WrongArguments(f"build does not take {' '.join(rest)!r}")


def build(root: Path, python: Path, folder: Path, log: frontend.Log) -> bool:
    """Builds the wheel into a folder; on failure logs the reason and returns False.

    `python` is an interpreter with hatchling and pip.
    """
    if not frontend.build(root, python, log):
        log("The wheel was not built: it has to hold the explorer.")
        return False
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        log(f"The wheel was not built: {folder} cannot be used: {problem.strerror}")
        return False
    command = [str(python), "-m", "hatchling", "build", "--target", "wheel"]
    done = subprocess.run(  # noqa: S603  (ours)
        [*command, "--directory", str(folder.resolve())],
        cwd=root,
        env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    said = (done.stdout + done.stderr).decode(errors="replace").strip()
    if done.returncode != 0:
        log(f"The wheel was not built:\n{said}")
        return False
    log(f"The wheel is built: {said.splitlines()[-1]}")
    return True


def main() -> int:
    """Builds the wheel of this checkout with the packages of this Python; returns 1 on failure."""
    root = Path(__file__).parents[1]
    return 0 if build(root, Path(sys.executable), Path(sys.argv[1]), frontend.say) else 1


if __name__ == "__main__":
    sys.exit(main())
