"""The command line: `run`, `token create` and the others, after `./connect` or `connect`.

Each command imports what it needs, so that `token create` does not wait for GraphQL.
"""

import sys
from collections.abc import Sequence

import click

from ..settings import WrongSetting, shell
from ..settings.installed import PROGRAM
from .commands.completion import VARIABLE, complete
from .commands.top import top
from .database import Unusable
from .terminal import mistakes, output
from .terminal.output import OutputLost, complain
from .terminal.refusal import sentence

FAILED, MISUSED, INTERRUPTED = 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status, as docs/command-line.md lists them.

    Without `arguments` this is the process of a command, and takes those of the process.
    """
    if arguments is None:
        mistakes.catch()
        output.prepare()
    instruction = shell(VARIABLE)
    if instruction:
        return complete(top, instruction)
    try:
        status = run(sys.argv[1:] if arguments is None else arguments)
        output.flush()
    except OutputLost as lost:
        return output.give_up(lost)
    return status


def run(arguments: Sequence[str]) -> int:
    """Runs one command, and says in one line what kept it from its work."""
    unreadable = [each for each in arguments if not is_text(each)]
    if unreadable:
        complain(f"{unreadable[0]!r} is not UTF-8: give names and paths in that encoding")
        return MISUSED
    try:
        with top.make_context(PROGRAM, list(arguments)) as context:
            return int(top.invoke(context) or 0)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        sys.stderr.write(f"{click.unstyle(error.message)}\n")
        return MISUSED
    except click.UsageError as error:
        complain(sentence(error))
        return MISUSED
    except WrongSetting as wrong:
        complain(str(wrong))
        return MISUSED
    except Unusable as unusable:
        complain(str(unusable))
        return FAILED
    except (KeyboardInterrupt, click.Abort):
        output.clear()
        complain("interrupted")
        return INTERRUPTED


def is_text(argument: str) -> bool:
    """Whether an argument is characters, and not bytes that mean nothing here."""
    try:
        argument.encode()
    except UnicodeEncodeError:
        return False
    return True
