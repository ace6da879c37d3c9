"""The pages of docs/command-line.md: the help of each command, as the command prints it."""

from collections.abc import Iterator

import click

from ..terminal.command import WIDTH


def pages(top: click.Command) -> str:
    """Returns a heading and the help for each command."""
    return "\n".join(_page(context) for context in _contexts(_context(top, "connect", None)))


def _page(context: click.Context) -> str:
    text = click.unstyle(context.command.get_help(context))
    return f"## {context.command_path}\n\n```text\n{text}\n```\n"


def _contexts(context: click.Context) -> Iterator[click.Context]:
    yield context
    if isinstance(context.command, click.Group):
        for name, command in context.command.commands.items():
            if not command.hidden:
                yield from _contexts(_context(command, name, context))


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    return command.context_class(
        command, info_name=name, parent=parent, terminal_width=WIDTH, **command.context_settings
    )
