"""Commands and groups of them as Click has them, with examples in their help."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click

from . import colour
from .output import write

HELP_NAMES = {"help_option_names": ["-h", "--help"]}
WIDTH = 80  # of a page of the manual; on a terminal at most so many columns


class Formatter(click.HelpFormatter):
    """Lays out help, with headings that stand out."""

    def write_heading(self, heading: str) -> None:
        """Writes a heading, which loses its style where there are no colours."""
        super().write_heading(click.style(heading, bold=True))


class Context(click.Context):
    """The context of one command."""

    formatter_class = Formatter


class Explained(click.Command):
    """A command whose help shows `examples`: its lines without the name of the program."""

    context_class = Context

    def __init__(self, *given: Any, examples: Iterable[str] = (), **named: Any) -> None:
        super().__init__(*given, **{"context_settings": HELP_NAMES} | named)
        self.examples = tuple(examples)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parses the arguments; what is wrong with them names the command."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the examples."""
        if self.examples:
            program = ctx.find_root().command_path
            with formatter.section("Examples"):
                for line in self.examples:
                    formatter.write(f"{'':>{formatter.current_indent}}{program} {line}\n")

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Returns the option that explains the command."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "explain this command, and do nothing else"
            option.callback = _explain
        return option


class Command(Explained):
    """One command."""


class Group(Explained, click.Group):
    """Commands under one name, listed in the order in which they were declared."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names of the commands."""
        return list(self.commands)


class Spreading(Command):
    """A command whose option `--scope` takes several words, and may come several times."""

    spread = "--scope"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Names the option before each of its words, which is how Click wants them."""
        return super().parse_args(ctx, list(self._spread_out(args)))

    def _spread_out(self, args: Sequence[str]) -> Iterable[str]:
        is_spreading = has_word = False
        for index, each in enumerate(args):
            if each == "--":
                yield from args[index:]
                return
            if each.startswith("-"):
                is_spreading, has_word = each == self.spread, False
            elif is_spreading and has_word:
                yield self.spread
            else:
                has_word = True
            yield each


def _explain(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        text = ctx.get_help()
        write((text if colour.is_wanted(sys.stdout) else click.unstyle(text)) + "\n")
        ctx.exit()


def program() -> str:
    """Returns how the program was called, for advice such as `./connect migrate`."""
    return click.get_current_context().find_root().command_path
