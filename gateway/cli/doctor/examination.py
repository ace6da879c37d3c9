"""The order in which things are looked at: a check that breaks is a finding, not an end."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from db.connect import import_engine
from db.location import SqliteFile
from db.upkeep.progress import Progress

from ...settings import Settings
from ..terminal import colour
from ..terminal.output import answer, flush
from . import (
    backups,
    certificate,
    clock,
    configuration,
    database,
    exposure,
    machine,
    public,
    rooms,
    service,
)
from .findings import Finding, State, as_text, is_well
from .findings import as_json as in_json
from .looking import SECONDS, Check, Look, in_a_row, looked_at

# Whether a process has the file open is known at once, where the file can be opened at all.
USE_SECONDS = 3.0


def run(
    settings: Settings, wrong: list[str], kept: Path | None, *, as_json: bool, is_quiet: bool
) -> int:
    """Prints all findings; returns 0, or 1 when something must be repaired.

    Looks at the backups in the folder `kept`, if one is given.
    """
    findings = []
    with Progress(is_quiet=is_quiet) as progress:
        for finding in examined(settings, wrong, kept, progress):
            findings.append(finding)
            if not as_json:
                with progress.paused():
                    _show(finding)
    if as_json:
        answer(in_json(findings))
    return 0 if is_well(findings) else 1


def _show(finding: Finding) -> None:
    line = as_text(finding)
    width = len(finding.state)
    answer(colour.of_state(line[:width], finding.state, sys.stdout) + line[width:])
    flush()


def examined(
    settings: Settings, wrong: list[str], kept: Path | None, progress: Progress
) -> Iterator[Finding]:
    """Yields what is found, as it is found; `wrong` has the settings that could not be read."""
    yield from configuration.settings(settings, wrong)
    if any("DATABASE_URL" in line.split()[0] or "DATA_DIR" in line.split()[0] for line in wrong):
        return  # Everything below would look at another database than is meant.
    progress.begin("looking")
    until = time.monotonic() + SECONDS
    import_engine(settings.database)
    look = Look(Check("database", service.use), settings)
    use = look.found(time.monotonic() + USE_SECONDS)[-1]
    if use.state is State.OK:
        looks = [*stored(settings, progress), *checks(use.message)]
    else:
        # What waits for the file may yet close it, and with it let go of the locks of other looks.
        yield use
        looks = checks(service.UNKNOWN)
    if kept is not None:
        looks.append(Check("backups", backups.backups(kept)))
    yield from looked_at(looks, settings, until - time.monotonic())


def stored(settings: Settings, progress: Progress) -> list[Check]:
    """Returns how the database is looked at, and what lies beside it."""
    # Who may read the files comes first: where nobody of ours may, the others break for it.
    found = [
        Check("files", database.permissions),
        Check("key", configuration.key),
        Check("database", lambda settings: database.content(settings, progress)),
    ]
    if isinstance(settings.database, SqliteFile):
        # One after the other: closing a file lets go of every lock that this process has on it.
        return [Check("database", in_a_row(found))]
    return found


def checks(use: str) -> list[Check]:
    """Returns what else is looked at, in the order in which it is reported.

    `use` says who uses the database.
    """
    return [
        Check("statements", configuration.statements),
        Check("address", exposure.address),
        Check("certificate", certificate.certificate),
        Check("public", public.public),
        Check("proxy", exposure.proxy),
        Check("cors", exposure.cors),
        Check("logging", exposure.logging),
        Check("rooms", rooms.rooms),
        Check("disk", machine.disk),
        Check("limits", machine.limits),
        Check("clock", clock.clock),
        Check("service", lambda settings: service.server(settings, use)),
        Check("duties", service.duties),
    ]
