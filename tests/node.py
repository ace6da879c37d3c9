"""Node.js and the locked npm packages that tests need, installed when due."""

import sys
from pathlib import Path

import pytest

from tools import frontend
from tools.environment import alone
from tools.frontend import BuildError, Toolchain

ROOT = Path(__file__).parents[1]
NPM = Path(__file__).parent / "npm"


def say(line: str) -> None:
    """Write to standard error, which pytest shows when a test fails."""
    sys.stderr.write(f"{line}\n")


def installed(folder: Path = NPM) -> Toolchain:
    """Return Node.js once the packages that the lock in `folder` names are there.

    Skips the test, with the reason, where they cannot be had.
    """
    try:
        with alone(ROOT, say):
            tools = frontend.find_tools(ROOT, Path(sys.executable), say)
            frontend.install_packages(folder, tools, say)
    except (BuildError, OSError) as problem:
        pytest.skip(f"npm packages cannot be had: {' '.join(str(problem).split())[:300]}")
    return tools
