"""The operator's commands: they keep, check and change what is stored."""

from pathlib import Path

import click

from db.location import Server

from ...settings import read_settings
from ..terminal.command import Command, program
from ..terminal.values import File, Read, Target, server
from .given import as_json, quiet, settings


@click.command(
    cls=Command,
    examples=["backup /var/backups/connect/", "backup --force /var/backups/connect/today.db"],
)
@click.argument("path", metavar="PATH", type=Target(), help="a new file, or a folder for one")
@click.option("--force", is_flag=True, help="replace the file if it exists")
@quiet
def backup(path: Path, force: bool, quiet: bool) -> int:
    """Copy the database while it is used, and verify the copy.

    Prints the path of the copy. The key is not in it: keep a copy of that apart.
    """
    from ..upkeep import copies

    return copies.backup(path, settings(), replaces=force, is_quiet=quiet)


@click.command(cls=Command, examples=["restore /var/backups/connect/connect-20261121T020000Z.db"])
@click.argument("path", metavar="PATH", type=File(), help="what `backup` made")
@quiet
def restore(path: Path, quiet: bool) -> int:
    """Put a backup in the place of the database.

    Stop the service first. The backup is verified and migrated; the database that was there is kept
    beside it.
    """
    from ..upkeep import copies

    return copies.restore(path, settings(), is_quiet=quiet)


@click.command(
    cls=Command, examples=["doctor", "doctor --json", "doctor --backups /var/backups/connect/"]
)
@click.option(
    "--backups",
    metavar="FOLDER",
    type=File(),
    help="where backups are kept: look at their age, too",
)
@as_json
@quiet
def doctor(backups: Path | None, as_json: bool, quiet: bool) -> int:
    """Look for what is wrong, and say what to do.

    Changes nothing. The exit status is 1 if something must be repaired.
    """
    from ..doctor.examination import run

    # Wrong settings are among what it reports, so they do not stop it.
    wrong: list[str] = []
    given = read_settings(wrong=wrong)
    return run(given, wrong, backups, as_json=as_json, is_quiet=quiet)


@click.command(
    cls=Command,
    examples=[
        "erase --unique-id anna@example.org",
        'erase --unique-id anna@example.org --organization "Consulate General" --yes',
    ],
)
@click.option("--unique-id", metavar="X", required=True, help="the person's identifier")
@click.option("--organization", metavar="NAME", help="only there; everywhere without it")
@click.option("--yes", is_flag=True, help="do not ask")
@click.option("--later", is_flag=True, help="leave traces in the file until it is run without this")
@quiet
def erase(unique_id: str, organization: str | None, yes: bool, later: bool, quiet: bool) -> int:
    """Erase one person: name, identifier and links.

    Appointments and counts stay. Backups still hold the person: after restoring one, erase again.
    """
    from ..upkeep import erasure

    wanted = erasure.Wanted(unique_id, organization, yes, later)
    return erasure.run(wanted, settings(), program(), is_quiet=quiet)


@click.command(cls=Command, examples=["move --to postgresql://connect@db.example.org/connect"])
@click.option(
    "--to",
    metavar="URL",
    required=True,
    type=Read("url", server),
    help="an empty database: postgresql://user@host/name",
)
@click.option("--again", is_flag=True, help="begin an unfinished move anew")
@quiet
def move(to: Server, again: bool, quiet: bool) -> int:
    """Move the database from a file to a PostgreSQL server.

    Stop the service first. What was interrupted goes on when it is run again; no service starts on
    the server before all rows were compared.
    """
    from ..upkeep import moving

    return moving.run(to, settings(), again=again, is_quiet=quiet)


COMMANDS = (backup, restore, doctor, erase, move)
