"""Migrates copies of a database and is killed at one step after another: `python -m … URL REVISION`.

A step is a statement or the commit. Each run is a forked process that kills itself with SIGKILL,
so nothing of it can tidy up. Prints what it found as JSON.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import alembic.command
from sqlalchemy import event
from sqlalchemy.engine import Engine

import db.tables  # noqa: F401  (imported once, before the forks)
from db import migrate
from db.location import parse_url

from .copies import Copies
from .shape import shape

STEPS = ("before_cursor_execute", "after_cursor_execute", "commit")
MOST_STEPS = 2_000
Kill = Callable[[str, int], None]


def main(url: str, revision: str, every: int, kill: Kill | None = None) -> dict[str, Any]:
    """Kills a migration from `revision` at every so many steps; returns figures and complaints."""
    copies, kill = Copies(url), kill or _killed_at
    old, new = copies.new("old"), copies.new("whole")
    for target in (old, new) if revision else ():
        _forked(lambda target=target: _to(target, revision))
    _forked(lambda: _to(new, "head"))
    shapes = {"old": shape(old), "new": shape(new)}
    found, outcomes = [], {"old": 0, "new": 0}
    step = 1
    while step < MOST_STEPS:
        killed = copies.new("killed", old)
        status = _forked(lambda at=step, target=killed: kill(target, at))
        if status == 0:
            break
        left = shape(killed)
        name = next((name for name, each in shapes.items() if each == left), "")
        if os.WTERMSIG(status) != signal.SIGKILL or not name:
            found.append(f"killed at step {step} it left neither the old schema nor the new one")
        else:
            outcomes[name] += 1
        if _forked(lambda target=killed: _to(target, "head")) or shape(killed) != shapes["new"]:
            found.append(f"after a kill at step {step} a second run did not finish")
        copies.drop(killed)
        step += every
    return {"kills": sum(outcomes.values()), "left": outcomes, "wrong": found, "url": new}


def _forked(run: Callable[[], object]) -> int:
    """Runs it in a forked process; returns the status that it ended with."""
    pid = os.fork()
    if pid == 0:
        try:
            run()
            os._exit(0)
        except BaseException as error:
            sys.stderr.write(f"{error!r}\n")
            os._exit(1)
    return os.waitpid(pid, 0)[1]


def _to(url: str, revision: str) -> None:
    upgrade = alembic.command.upgrade
    alembic.command.upgrade = lambda config, _: upgrade(config, revision)  # type: ignore[assignment]
    migrate.upgrade(parse_url(url))


def _killed_at(url: str, at: int) -> None:
    """Migrates, and dies at this step."""
    steps = 0

    def step(*_: object) -> None:
        nonlocal steps
        steps += 1
        if steps == at:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in STEPS:
        event.listen(Engine, name, step)
    migrate.upgrade(parse_url(url))


def killed_untidily(url: str, at: int) -> None:
    """Does the same with a migration that commits after each statement: a planted fault."""

    @event.listens_for(Engine, "after_cursor_execute")
    def commit(connection: Any, *_: object) -> None:
        raw = connection.connection.driver_connection
        raw.execute("COMMIT")
        raw.execute("BEGIN")

    _killed_at(url, at)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
