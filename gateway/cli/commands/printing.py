"""The commands that print what the code describes: the schema, the settings, this command line."""

import sys
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path

import click

from ...settings import SETTINGS
from ...settings.setting import table
from ...version import VERSION
from ..printing import replace
from ..terminal.command import Command
from ..terminal.output import complain, write
from ..terminal.values import File
from .given import settings

TO_FILE = click.argument(
    "file",
    metavar="[FILE]",
    required=False,
    type=File(),
    help="write it there, once it is complete, instead of standard output",
)


@click.command(cls=Command, examples=["schema schema.graphql", "schema | less"])
@TO_FILE
def schema(file: Path | None) -> int:
    """Print the GraphQL schema."""
    from schema.build import sdl

    return _print(sdl, file)


@click.command(cls=Command, examples=["openapi openapi.json"])
@TO_FILE
def openapi(file: Path | None) -> int:
    """Print the OpenAPI description."""
    from rest.openapi import document

    return _print(lambda: document.committed(VERSION), file)


@click.command(cls=Command, examples=["statements db/statements.json"])
@TO_FILE
def statements(file: Path | None) -> int:
    """Print the precompiled SQL statements."""
    from db.compiler import committed

    return _print(committed, file)


@click.command("settings", cls=Command, examples=["settings", "settings --json"])
@TO_FILE
@click.option("--json", "as_json", is_flag=True, help="print JSON, with the fields of the manual")
def settings_(file: Path | None, as_json: bool) -> int:
    """Print all settings, as the table in the README."""
    return _print(_settings_json if as_json else lambda: table(SETTINGS), file)


@click.command(cls=Command, examples=["manual"])
@TO_FILE
def manual(file: Path | None) -> int:
    """Print the help of all commands, as in the manual."""
    from .manual import pages

    top = click.get_current_context().find_root().command
    return _print(lambda: pages(top), file)


def _settings_json() -> str:
    import orjson

    rows = [
        {"name": name, "default": each.default, "description": each.description}
        for name, each in SETTINGS.items()
    ]
    return orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode() + "\n"


def _print(printed: Callable[[], str], file: Path | None) -> int:
    settings()
    text = printed()
    if file is None:
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")  # as in a file
        write(text)
        return 0
    try:
        replace(file, text)
    except OSError as problem:
        complain(f"{file} could not be written: {problem.strerror}")
        return 1
    return 0


COMMANDS = (schema, openapi, statements, settings_, manual)
