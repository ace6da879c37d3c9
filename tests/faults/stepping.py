"""Migrates databases and is killed at one step after another: `python -m … EMPTY FILLED SMALL LARGE`.

A step is a statement or the commit. Each run is a forked process that kills itself with SIGKILL,
so nothing of it can tidy up. Prints what it found as JSON.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import alembic.command
from sqlalchemy import event
from sqlalchemy.engine import Engine

import db.tables  # noqa: F401
from db import migrate
from db.location import parse_url

from .copies import Copies
from .shape import shape

STEPS = ("before_cursor_execute", "after_cursor_execute", "commit")
MOST_STEPS = 2_000
Kill = Callable[[str, int], None]
Shapes = dict[str, Any]


class Found(NamedTuple):
    """How many kills there were, what was wrong, and the migrated databases by first revision."""

    kills: int
    wrong: list[str]
    done: dict[str, str]


def main(empty: str, filled: str, small: int, large: int, kill: Kill | None = None) -> Found:
    """Kills migrations of an empty database, and of one that is filled, from every revision on.

    At every `small` steps from the first revision, at every `large` from the others.
    """
    copies = Copies(filled)
    revisions = sorted(path.name[:4] for path in migrate.VERSIONS.glob("[0-9]*.py"))
    starts = {"": empty, revisions[0]: filled}
    for earlier, revision in pairwise(revisions):
        starts[revision] = copies.new("old", starts[earlier])
        _forked(lambda url=starts[revision], revision=revision: to(url, revision))
    shapes = {revision: shape(url) for revision, url in starts.items()}
    found = Found(0, [], {})
    for revision in [*starts][:-1]:
        every = small if revision == revisions[0] else large
        end = _stepped(copies, starts[revision], shapes, every, kill or _killed_at)
        found.done[revision] = end.done[""]
        wrong = [f"from {revision or 'nothing'}: {each}" for each in end.wrong]
        found = Found(found.kills + end.kills, found.wrong + wrong, found.done)
    return found


def _stepped(copies: Copies, start: str, shapes: Shapes, every: int, kill: Kill) -> Found:
    """Kills the migration of one database, which is migrated again after each kill.

    A file is migrated at once; a server one revision after another, so that it may stop at each.
    """
    old, newest = shape(start), [*shapes][-1]
    may_be_left = [old, shapes[newest]] if copies.is_file else [*shapes.values()]
    kills, wrong, target = 0, [], copies.new("killed", start)
    for step in range(1, MOST_STEPS, every):
        status = _forked(lambda at=step, target=target: kill(target, at))
        left = shape(target)
        if status == 0:
            wrong += [] if left == shapes[newest] else ["it ended with another schema"]
            break
        kills += 1
        if os.WTERMSIG(status) != signal.SIGKILL or left not in may_be_left:
            wrong.append(f"killed at step {step} it left neither the old schema nor the new one")
        if left != old:
            target = copies.new("killed", start)
    return Found(kills, wrong, {"": target})


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


def to(url: str, revision: str) -> None:
    alembic.command.upgrade(migrate.configured(parse_url(url)), revision)


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
    asked = sys.argv[1:]
    sys.stdout.write(json.dumps(main(*asked[:2], *map(int, asked[2:]))._asdict()))
