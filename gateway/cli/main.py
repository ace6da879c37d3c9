"""The command line: `run`, `token create` and the others, after `./connect` or `connect`.

Each command imports what it needs, so that `token create` does not wait for GraphQL.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from pathlib import Path

from ..settings import SETTINGS, Settings, WrongSetting, misspelt, read_settings
from ..settings.installed import PROGRAM
from ..settings.setting import table
from ..version import VERSION
from . import database as cli_database
from . import operating, serving
from .database import Unusable
from .printing import replace

SCOPES = ("read", "write", "admin")

Command = Callable[[argparse.Namespace, Settings], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns 0, 1 when it failed, 2 for wrong arguments or settings."""
    given = parser().parse_args(arguments)
    wrong: list[str] | None = getattr(given, "wrong_settings", None)
    for line in misspelt() if wrong is None else ():
        complain(line)
    try:
        command: Command = given.command
        return command(given, read_settings(wrong=wrong))
    except WrongSetting as wrong:
        complain(str(wrong))
        return 2
    except Unusable as unusable:
        complain(str(unusable))
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader closed the pipe; without a stdout the exit does not try to flush it.
        sys.stdout = None
        return 0


def complain(line: str) -> None:
    """Writes one line to standard error."""
    sys.stderr.write(f"connect: {line}\n")


def parser() -> argparse.ArgumentParser:
    """Returns the parser of the command line."""
    top = argparse.ArgumentParser(
        prog=PROGRAM, description="Consularia Connect: video appointments and their participants."
    )
    commands = top.add_subparsers(metavar="command", required=True)
    serving.add_commands(commands, add, PROGRAM)
    add(commands, "migrate", _migrate, "migrate the database to this release")
    _add_token_commands(commands)
    _add_organization_commands(commands)
    operating.add_commands(commands, add, PROGRAM)
    _add_seed_command(commands)
    for name, printed, help in (
        ("schema", _schema, "print the GraphQL schema"),
        ("openapi", _openapi, "print the OpenAPI description"),
        ("statements", _statements, "print the precompiled SQL statements"),
        ("settings", _settings, "print the README's table of settings"),
    ):
        add(commands, name, _prints(printed), help).add_argument(
            "file", metavar="FILE", nargs="?", type=Path,
            help="write it there, once it is complete, instead of standard output",
        )  # fmt: skip
    add(commands, "healthcheck", _healthcheck, "ask the running server whether it is ready")
    return top


Subparsers = argparse._SubParsersAction  # The class has no public name.


def add(
    commands: "Subparsers[argparse.ArgumentParser]", name: str, command: Command, help: str
) -> argparse.ArgumentParser:
    """Adds one command and returns its parser."""
    made = commands.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".")
    made.set_defaults(command=command)
    return made


def _group(
    commands: "Subparsers[argparse.ArgumentParser]", name: str, help: str
) -> "Subparsers[argparse.ArgumentParser]":
    group = commands.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".")
    return group.add_subparsers(metavar="command", required=True)


def _add_token_commands(commands: "Subparsers[argparse.ArgumentParser]") -> None:
    tokens = _group(commands, "token", "create, list, revoke or import API tokens")
    create = add(tokens, "create", _admin("create_token"), "print a new token, and nothing else")
    import_ = add(
        tokens, "import", _admin("import_token"), "import a token read from standard input"
    )
    for each in (create, import_):
        each.add_argument("--organization", metavar="NAME", required=True)
        each.add_argument(
            "--scope", nargs="+", action="extend", choices=SCOPES, metavar="S",
            help="read, write or admin; write when none is given",
        )  # fmt: skip
        each.add_argument("--name", metavar="N", help="the name shown in the list of tokens")
        each.add_argument(
            "--expires", metavar="T", help="a duration such as 90d, or a date-time with offset"
        )
    add(tokens, "list", _admin("list_tokens"), "list all tokens")
    revoke = add(tokens, "revoke", _admin("revoke_token"), "revoke a token within a second")
    revoke.add_argument("token", metavar="ID", help="its id or prefix, or the start of either")


def _add_organization_commands(commands: "Subparsers[argparse.ArgumentParser]") -> None:
    group = _group(commands, "organization", "list, create, disable or enable organizations")
    add(group, "list", _admin("list_organizations"), "list all organizations")
    for name, help in (
        ("create", "create an organization"),
        ("disable", "disable an organization: all its tokens are refused"),
        ("enable", "enable an organization: its tokens are accepted again"),
    ):
        add(group, name, _admin(f"{name}_organization"), help).add_argument("name", metavar="NAME")


def _add_seed_command(commands: "Subparsers[argparse.ArgumentParser]") -> None:
    seed = add(commands, "seed", _seed, "make an organization with an invented agenda")
    seed.add_argument("--appointments", metavar="N", type=int, required=True)
    seed.add_argument(
        "--organization", metavar="NAME", default="Seeded", help="whose; Seeded when absent"
    )
    seed.add_argument(
        "--random-seed", metavar="N", type=int, default=1, help="another one, another agenda"
    )
    seed.add_argument(
        "--add", action="store_true", help="also to an organization that has appointments"
    )


def _admin(name: str) -> Command:
    def command(given: argparse.Namespace, settings: Settings) -> int:
        from . import admin as cli_admin

        return cli_admin.administer(name, given, settings, PROGRAM)

    return command


def _seed(given: argparse.Namespace, settings: Settings) -> int:
    from .upkeep import seed as cli_seed

    return cli_seed.seed(given, settings, PROGRAM)


def _migrate(given: argparse.Namespace, settings: Settings) -> int:
    was_due = cli_database.migrate_apart(settings)
    print(f"{settings.database} {'was migrated' if was_due else 'is up to date'}")
    return 0


def _prints(printed: Callable[[], str]) -> Command:
    def command(given: argparse.Namespace, settings: Settings) -> int:
        text = printed()
        if given.file is None:
            if isinstance(sys.stdout, TextIOWrapper):
                sys.stdout.reconfigure(encoding="utf-8")  # as in a file
            sys.stdout.write(text)
            return 0
        try:
            replace(given.file, text)
        except OSError as problem:
            complain(f"{given.file} could not be written: {problem.strerror}")
            return 1
        return 0

    return command


def _schema() -> str:
    from schema.build import sdl

    return sdl()


def _openapi() -> str:
    from rest.openapi.document import committed

    return committed(VERSION)


def _statements() -> str:
    from db.compiler import committed

    return committed()


def _settings() -> str:
    return table(SETTINGS)


def _healthcheck(given: argparse.Namespace, settings: Settings) -> int:
    from . import healthcheck as cli_health

    problem = cli_health.problem(settings)
    if problem:
        complain(problem)
    return 1 if problem else 0
