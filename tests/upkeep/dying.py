"""Runs a command that kills itself before its n-th step: `python -m tests.upkeep.dying N COMMAND…`.

A step is whatever changes names of files or opens a database. Exits as the command does when it
takes fewer steps.
"""

import os
import signal
import sys

from gateway.cli.main import main

STEPS = {"os.rename", "os.link", "os.remove", "os.truncate", "os.chmod", "sqlite3.connect"}


def die_before(step: int) -> None:
    """Lets the process be killed before its n-th step, without a chance to clean up."""
    steps = 0

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal steps
        if event in STEPS:
            steps += 1
            if steps == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


if __name__ == "__main__":
    die_before(int(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
