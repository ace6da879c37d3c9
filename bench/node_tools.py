"""Node.js and the npm packages of `node/`, installed from this project's own locks when due.
`targets.py` asks for them; where they cannot be had, the report says why and goes on."""

import sys
from functools import cache
from pathlib import Path

from tools import frontend
from tools.environment import alone
from tools.frontend import BuildError, Toolchain

ROOT = Path(__file__).parents[1]
FOLDER = Path(__file__).parent / "node"
# The first release with `node:sqlite` and no flag to ask for it: no driver needs compiling.
OLDEST = (22, 13)


def say(line: str) -> None:
    """Write to standard error: standard output belongs to the report."""
    print(f"bench: {line}", file=sys.stderr, flush=True)


@cache
def tools() -> Toolchain:
    """Return the machine's Node.js when it is new enough, else the one that PyPI carries.

    Raises BuildError when neither can be had.
    """
    return frontend.tools_since(OLDEST, ROOT, Path(sys.executable), say)


@cache
def install() -> str:
    """Install what `node/package-lock.json` locks; return why not, empty when all is there."""
    try:
        with alone(ROOT, say):
            frontend.install_packages(FOLDER, tools(), say)
    except (BuildError, OSError) as problem:
        return " ".join(str(problem).split())[:200]
    return ""


def command() -> list[str]:
    """Return the command line before the name of a program."""
    # `node:sqlite` prints a warning that it is experimental at every start.
    return [tools().node, "--no-warnings"]
