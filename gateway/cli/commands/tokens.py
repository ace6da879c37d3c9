"""The commands for API tokens."""

from collections.abc import Callable
from functools import partial
from typing import Any

import click

from .. import secret_input
from ..terminal.command import Command, Group, Spreading, program
from ..terminal.values import OneOf
from .given import as_json, settings

SCOPES = ("read", "write", "admin")


@click.group(cls=Group, examples=["token list", "token create --help"])
def token() -> None:
    """Create, list, revoke or import API tokens.

    Only the digest of a token is stored: its text is shown once, when it is created.
    """


def _wanted(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        (
            click.option(
                "--organization",
                metavar="NAME",
                required=True,
                help="whose; it is made when there is none of that name",
            ),
            click.option(
                "--scope",
                metavar="S",
                multiple=True,
                type=OneOf(SCOPES),
                help="read, write or admin, one or more; write when none is given",
            ),
            click.option("--name", metavar="N", help="the name shown in the list of tokens"),
            click.option(
                "--expires", metavar="T", help="a duration such as 90d, or a date-time with offset"
            ),
        )
    ):
        command = option(command)
    return command


@token.command(
    cls=Spreading,
    examples=[
        'token create --organization "Consulate General" --scope read write',
        'token create --organization "Consulate General" --name Kiosk --expires 90d',
    ],
)
@_wanted
def create(organization: str, scope: tuple[str, ...], name: str | None, expires: str | None) -> int:
    """Print a new token, and nothing else.

    It is shown this one time. If it cannot be printed, it is revoked, and the exit status is 1.
    """
    from .. import tokens
    from ..admin import administer

    wanted = tokens.Wanted(organization, scope, name, expires)
    return administer(partial(tokens.create, wanted), settings(), program())


@token.command(
    "import",
    cls=Spreading,
    examples=['token import --organization "Consulate General" < old-tokens.txt'],
)
@_wanted
def import_(
    organization: str, scope: tuple[str, ...], name: str | None, expires: str | None
) -> int:
    """Import tokens from standard input, one in each line.

    Clients of another service go on working with the tokens they have. All lines are imported or
    none: what is refused is named by its line. Prints the id and the first characters of each.
    """
    from .. import tokens
    from ..admin import administer

    wanted = tokens.Wanted(organization, scope, name, expires)
    return administer(partial(tokens.import_, wanted), settings(), program())


@token.command("list", examples=["token list", "token list --json"])
@as_json
def list_(as_json: bool) -> int:
    """List all tokens."""
    from .. import tokens
    from ..admin import administer

    return administer(partial(tokens.list_, as_json), settings(), program())


@token.command(
    cls=Command,
    examples=["token revoke cct_aB3d", "token revoke -", "token revoke - < leaked-token.txt"],
)
@click.argument(
    "token", required=False, metavar="[ID|-]", help="its id or prefix, or the start of either"
)
def revoke(token: str | None) -> int:
    """Revoke a token; it ends within a second.

    With `-` the whole token is taken from standard input; a terminal asks for it and does not show
    it. A whole token as an argument works, but stays in the history of the shell.
    """
    if token is None and not secret_input.is_terminal():
        raise click.UsageError("name the token by its id or prefix, or pipe it in and say -")
    from .. import tokens
    from ..admin import administer

    given = settings()
    named = secret_input.line() if token in (None, "-") else token
    return administer(partial(tokens.revoke, named, token == named), given, program())
