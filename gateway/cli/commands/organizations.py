"""The commands for organizations."""

from functools import partial

import click

from ..terminal.command import Group, program
from .given import as_json, settings


@click.group(cls=Group, examples=["organization list", 'organization disable "Consulate General"'])
def organization() -> None:
    """Create, list, disable or enable organizations."""


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
