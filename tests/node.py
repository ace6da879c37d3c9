"""Node.js and the locked npm packages that tests need, installed when due."""

import re
import sys
from pathlib import Path

import pytest

from tools import frontend
from tools.environment import alone
from tools.frontend import BuildError, Toolchain

ROOT = Path(__file__).parents[1]
NPM = Path(__file__).parent / "npm"
OLDEST = (20, 19)
UNREACHABLE = re.compile(
    "ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED"
    "|NewConnectionError|ConnectTimeout|ReadTimeout|name resolution"
)


def say(line: str) -> None:
    """Write to standard error, which pytest shows when a test fails."""
    sys.stderr.write(f"{line}\n")


def installed(folder: Path = NPM, oldest: tuple[int, int] = OLDEST) -> Toolchain:
    """Return Node.js once the packages that the lock in `folder` names are there.

    Skips the test, with the reason, where the registry cannot be reached.
    """
    try:
        with alone(ROOT, say):
            tools = frontend.tools_since(oldest, ROOT, Path(sys.executable), say)
            frontend.install_packages(folder, tools, say)
    except (BuildError, OSError) as problem:
        skip_unless_ours(problem)
        raise
    return tools


def skip_unless_ours(problem: Exception) -> None:
    """Skip the test when a registry cannot be reached; any other fault is one of the project."""
    if UNREACHABLE.search(str(problem)):
        pytest.skip(f"packages cannot be fetched: {' '.join(str(problem).split())[:300]}")
