"""The order in which things are looked at: a check that breaks is a finding, not an end."""

import argparse
import sys
from collections.abc import Callable, Iterator

from ...settings import Settings
from ..progress import Progress
from . import configuration, database, machine, service
from .findings import Finding, as_json, as_text, fail, is_well

Check = Callable[[Settings], Iterator[Finding]]


def run(given: argparse.Namespace, settings: Settings) -> int:
    """Prints all findings; returns 0, or 1 when something must be repaired."""
    findings = []
    for finding in examined(settings, given.wrong_settings):
        findings.append(finding)
        if not given.json:
            print(as_text(finding), flush=True)
    if given.json:
        print(as_json(findings))
    return 0 if is_well(findings) else 1


def examined(settings: Settings, wrong: list[str]) -> Iterator[Finding]:
    """Yields what is found, as it is found; `wrong` has the settings that could not be read."""
    yield from configuration.settings(settings, wrong)
    if any("DATABASE_URL" in line.split()[0] or "DATA_DIR" in line.split()[0] for line in wrong):
        return  # Everything below would look at another database than is meant.
    progress = Progress()
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
        progress.told()


def _tried(check: Check, settings: Settings) -> Iterator[Finding]:
    try:
        yield from check(settings)
    except Exception as error:
        name = getattr(check, "__name__", "check").strip("<>")
        yield fail(name, f"this could not be looked at: {error!r}")
        sys.stderr.flush()
