"""The order in which things are looked at: a check that breaks is a finding, not an end."""

import sys
from collections.abc import Callable, Iterator

from db.upkeep.progress import Progress

from ...settings import Settings
from ..terminal import colour
from ..terminal.output import answer, flush
from . import configuration, database, machine, service
from .findings import Finding, as_text, fail, is_well
from .findings import as_json as in_json

Check = Callable[[Settings], Iterator[Finding]]


def run(settings: Settings, wrong: list[str], *, as_json: bool, is_quiet: bool) -> int:
    """Prints all findings; returns 0, or 1 when something must be repaired."""
    findings = []
    with Progress(is_quiet=is_quiet) as progress:
        for finding in examined(settings, wrong, progress):
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


def examined(settings: Settings, wrong: list[str], progress: Progress) -> Iterator[Finding]:
    """Yields what is found, as it is found; `wrong` has the settings that could not be read."""
    yield from configuration.settings(settings, wrong)
    if any("DATABASE_URL" in line.split()[0] or "DATA_DIR" in line.split()[0] for line in wrong):
        return  # Everything below would look at another database than is meant.
    progress.begin("looking")
    checks: tuple[Check, ...] = (
        configuration.key,
        configuration.statements,
        database.permissions,
        lambda settings: database.content(settings, progress),
        machine.disk,
        machine.clock,
        service.server,
        service.duties,
    )
    for check in checks:
        yield from _tried(check, settings)


def _tried(check: Check, settings: Settings) -> Iterator[Finding]:
    try:
        yield from check(settings)
    except Exception as error:
        name = getattr(check, "__name__", "check").strip("<>")
        yield fail(name, f"this could not be looked at: {error!r}")
