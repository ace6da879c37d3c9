"""Checks side by side, within one limit: what hangs is a finding, and holds nobody up."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ...settings import Settings
from .findings import Finding, fail, warn

# Of all checks together. A name server, a disk or a proxy may say nothing for much longer.
SECONDS = 9.0


class Check(NamedTuple):
    """Something to look at."""

    about: str
    look: Callable[[Settings], Iterator[Finding]]

    def findings(self, settings: Settings) -> Iterator[Finding]:
        """Yields what is found, and in the end that it broke if it did."""
        try:
            yield from self.look(settings)
        except Exception as error:
            yield fail(
                f"{self.about}.error",
                f"this could not be looked at ({type(error).__name__}: {error})",
                "repair what it names; if nothing is wrong there, report it",
            )


def in_a_row(checks: list[Check]) -> Callable[[Settings], Iterator[Finding]]:
    """Returns one look that takes one check after the other, also after one that breaks."""
    return lambda settings: (finding for each in checks for finding in each.findings(settings))


def looked_at(
    checks: list[Check], settings: Settings, seconds: float = SECONDS
) -> Iterator[Finding]:
    """Yields what all checks find, in their order, after at most `seconds`."""
    until = time.monotonic() + seconds
    for each in [Look(check, settings) for check in checks]:
        yield from each.found(until)


class Look:
    """A check on a thread of its own, which the end of the process does not wait for."""

    def __init__(self, check: Check, settings: Settings) -> None:
        self._check = check
        self._settings = settings
        self._findings: list[Finding] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        for finding in self._check.findings(self._settings):
            self._findings.append(finding)

    def found(self, until: float) -> list[Finding]:
        """Returns what was found until then, and that it is not all if the check goes on."""
        self._thread.join(max(0.0, until - time.monotonic()))
        if not self._thread.is_alive():
            return self._findings
        late = warn(
            f"{self._check.about}.late",
            "this could not be looked at in time",
            "see whether the disk, the network or the name server answers, and try again",
        )
        return [*self._findings, late]
