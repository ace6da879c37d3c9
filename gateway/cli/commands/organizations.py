"""The commands for organizations."""

from functools import partial

import click

from ..terminal.command import Group, program
from .given import as_json, settings


@click.group(cls=Group, examples=["organization list", 'organization disable "Consulate General"'])
def organization() -> None:
    """Create, list, set up, disable or enable organizations."""


@organization.command("list", examples=["organization list", "organization list --json"])
@as_json
def list_(as_json: bool) -> int:
    """List all organizations."""
    from .. import organizations
    from ..admin import administer

    return administer(partial(organizations.list_, as_json), settings(), program())


@organization.command(examples=['organization create "Consulate General"'])
@click.argument("name", metavar="NAME")
def create(name: str) -> int:
    """Create an organization, and print its id."""
    from .. import organizations
    from ..admin import administer

    return administer(partial(organizations.create, name), settings(), program())


@organization.command(examples=['organization disable "Consulate General"'])
@click.argument("name", metavar="NAME")
def disable(name: str) -> int:
    """Disable an organization: all its tokens are refused."""
    from .. import organizations
    from ..admin import administer

    return administer(partial(organizations.switch, name, False), settings(), program())


@organization.command(examples=['organization enable "Consulate General"'])
@click.argument("name", metavar="NAME")
def enable(name: str) -> int:
    """Enable an organization: its tokens are accepted again."""
    from .. import organizations
    from ..admin import administer

    return administer(partial(organizations.switch, name, True), settings(), program())


@organization.command(
    "settings",
    examples=[
        'organization settings "Consulate General"',
        'organization settings "Consulate General" --language de --contact "+49 30 1234"',
    ],
)
@click.argument("name", metavar="NAME")
@click.option(
    "--language", metavar="TAG", help='of those who ask for none, such as de; "" for none'
)
@click.option("--contact", metavar="TEXT", help='how they reach the organization; "" for none')
@click.option(
    "--show-cancel-reason/--hide-cancel-reason",
    "shows_cancel_reason",
    default=None,
    help="whether they see why an appointment was cancelled",
)
def settle(name: str, **given: str | bool | None) -> int:
    """Show what visitors of an organization get, or change it."""
    from .. import organizations
    from ..admin import administer

    changes = {key: value for key, value in given.items() if value is not None}
    return administer(partial(organizations.settle, name, changes), settings(), program())
