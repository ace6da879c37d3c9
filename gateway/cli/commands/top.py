"""The command line as a whole: its commands, in the order of its help."""

from typing import Any

import click

from ...version import VERSION
from ..terminal.command import Group
from ..terminal.output import write
from . import completion, data, keeping, organizations, printing, serving, tokens


def _show_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        write(f"connect {VERSION}\n")
        ctx.exit()


@click.group(
    cls=Group,
    examples=[
        "run",
        'token create --organization "Consulate General" --scope read',
        "backup /var/backups/connect/",
        "token create --help",
    ],
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="print the version, and do nothing else",
)
def top(**given: Any) -> None:
    """Consularia Connect: video appointments and their participants.

    Settings are read from variables called CONNECT_…; `settings` lists them. What a command made is
    printed to standard output, everything else to standard error.
    """


for each in (
    *serving.COMMANDS,
    tokens.token,
    organizations.organization,
    *data.COMMANDS,
    *keeping.COMMANDS,
    *printing.COMMANDS,
    completion.completion,
):
    top.add_command(each)
