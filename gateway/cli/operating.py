"""The operator's commands: their names and arguments. Each imports what it needs when it runs."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from db.location import InvalidUrl, Server, parse_url

from ..settings import Settings

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

Command = Callable[[argparse.Namespace, Settings], int]


class Add(Protocol):
    """Adds one command and returns its parser."""

    def __call__(
        self, commands: "Subparsers", name: str, command: Command, help: str
    ) -> argparse.ArgumentParser: ...


def add_commands(commands: "Subparsers", add: Add, program: str) -> None:
    """Adds the commands that keep, check and change what is stored."""
    copy = add(commands, "backup", _backup, "copy the database while it is used, and verify that")
    copy.add_argument("path", metavar="PATH", type=_target, help="a new file, or a folder for one")
    copy.add_argument("--force", action="store_true", help="replace the file if it exists")
    back = add(commands, "restore", _restore, "put a backup in the place of the database")
    back.add_argument("path", metavar="PATH", type=Path, help="what `backup` made")
    doctor = add(commands, "doctor", _doctor, "look for what is wrong, and say what to do")
    doctor.add_argument("--json", action="store_true", help="print one JSON object")
    # Wrong settings are among what it reports, so they do not stop it.
    doctor.set_defaults(wrong_settings=[])
    erase = add(commands, "erase", _erase, "erase one person: name, identifier and links")
    erase.add_argument("--unique-id", metavar="X", required=True, help="the person's identifier")
    erase.add_argument("--organization", metavar="NAME", help="only there; everywhere without it")
    erase.add_argument("--yes", action="store_true", help="do not ask")
    erase.add_argument(
        "--later", action="store_true", help="leave traces in the file until it is run without this"
    )
    erase.set_defaults(program=program)
    move = add(commands, "move", _move, "move a database from a file to a PostgreSQL server")
    move.add_argument(
        "--to", metavar="URL", required=True, type=_server,
        help="an empty database: postgresql://user@host/name",
    )  # fmt: skip
    move.add_argument("--again", action="store_true", help="begin an unfinished move anew")


def _server(url: str) -> Server:
    try:
        place = parse_url(url)
    except InvalidUrl as wrong:
        raise argparse.ArgumentTypeError(f"it {wrong}") from None
    if not isinstance(place, Server):
        raise argparse.ArgumentTypeError("it must be an address like postgresql://user@host/name")
    return place


def _move(given: argparse.Namespace, settings: Settings) -> int:
    from .upkeep.moving import run

    return run(given, settings)


def _erase(given: argparse.Namespace, settings: Settings) -> int:
    from .upkeep.erasure import run

    return run(given, settings, given.program)


def _doctor(given: argparse.Namespace, settings: Settings) -> int:
    from .doctor.examination import run

    return run(given, settings)


def _restore(given: argparse.Namespace, settings: Settings) -> int:
    from .upkeep.copies import restore

    return restore(given, settings)


def _target(text: str) -> Path:
    if text.endswith("/") and not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"the folder {text} does not exist: create it first")
    return Path(text)


def _backup(given: argparse.Namespace, settings: Settings) -> int:
    from .upkeep.copies import backup

    return backup(given, settings)
