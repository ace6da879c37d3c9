"""`migrate` and `seed`: the tables of a database, and rows to try things on."""

import click

from ...settings.values import InvalidValue
from ..terminal.command import Command, program
from ..terminal.output import answer, mentioning
from ..terminal.values import Read
from .given import quiet, settings


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InvalidValue(f"is {text!r}, but must be a whole number") from None


WHOLE = Read("number", _whole)


@click.command(cls=Command, examples=["migrate"])
@quiet
def migrate(quiet: bool) -> int:
    """Migrate the database to this release.

    `run` does the same before it serves. A migration that is interrupted leaves what was there.
    """
    from .. import database

    given = settings()
    was_due = database.migrate_apart(given, is_quiet=quiet)
    line = f"{given.database} {'was migrated' if was_due else 'is up to date'}"
    with mentioning(line):
        answer(line)
    return 0


@click.command(cls=Command, examples=['seed --appointments 10000 --organization "Load test"'])
@click.option("--appointments", metavar="N", type=WHOLE, required=True, help="how many")
@click.option("--organization", metavar="NAME", default="Seeded", help="whose; Seeded when absent")
@click.option(
    "--random-seed", metavar="N", type=WHOLE, default=1, help="another one, another agenda"
)
@click.option("--add", is_flag=True, help="also to an organization that has appointments")
@quiet
def seed(appointments: int, organization: str, random_seed: int, add: bool, quiet: bool) -> int:
    """Make an organization with an invented agenda."""
    from ..upkeep import seed as cli_seed

    given = settings()
    wanted = cli_seed.Wanted(organization, appointments, random_seed, add)
    return cli_seed.seed(wanted, given, program(), is_quiet=quiet)


COMMANDS = (migrate, seed)
