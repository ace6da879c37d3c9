"""`completion`: the script that lets a shell complete commands and options."""

import click
from click.shell_completion import get_completion_class, shell_complete

from ..terminal.command import Command
from ..terminal.output import write
from ..terminal.values import OneOf

NAME = "connect"  # which shells know the command by, also as ./connect
VARIABLE = "_CONNECT_COMPLETE"
SHELLS = ("bash", "zsh", "fish")


@click.command(
    cls=Command,
    examples=[
        "completion bash > ~/.local/share/bash-completion/completions/connect",
        "completion fish > ~/.config/fish/completions/connect.fish",
    ],
)
@click.argument("shell", metavar="SHELL", type=OneOf(SHELLS), help="bash, zsh or fish")
def completion(shell: str) -> int:
    """Print a script that lets a shell complete this command line."""
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101  (Click has all of SHELLS)
    write(kind.source_template % _empty(kind).source_vars())
    return 0


def complete(command: click.Command, instruction: str) -> int:
    """Answers the script, which asks for what may come next."""
    return shell_complete(command, {}, NAME, VARIABLE, instruction)


def _empty(
    kind: "type[click.shell_completion.ShellComplete]",
) -> "click.shell_completion.ShellComplete":
    return kind(click.Command(NAME), {}, NAME, VARIABLE)
