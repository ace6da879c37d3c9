"""What a run showed: a line a case, the worst, the bounds that were broken."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .case import KEPT_MIB, POLITE_FACTOR, POLITE_FLOOR_MS, Outcome

WORST = 5
HEADING = f"{'case':<52} {'status':>8} {'CPU ms':>9} {'peak MiB':>9} {'p99 ms':>8}  broken"


class Report(NamedTuple):
    """All outcomes of a run; `trouble` is what concerns no single case."""

    outcomes: Sequence[Outcome]
    quiet_p99_ms: float
    whole_p99_ms: float
    kept_mib: float
    seconds: float
    trouble: tuple[str, ...] = ()

    @property
    def polite_bound_ms(self) -> float:
        """What the polite client's p99 may be during a case."""
        return polite_bound(self.quiet_p99_ms)

    def broken(self) -> list[str]:
        """Returns every broken bound, with the case that broke it."""
        found = list(self.trouble)
        if self.kept_mib > KEPT_MIB:
            found.append(f"{self.kept_mib:.1f} MiB more after the run than before")
        for outcome in self.outcomes:
            broken = outcome.broken(self.polite_bound_ms)
            found += [f"{outcome.case.name}: {', '.join(broken)}"] if broken else []
        return found

    def lines(self) -> list[str]:
        """Returns the table and what follows from it."""
        rows = [line(each, self.polite_bound_ms) for each in self.outcomes]
        return [HEADING, *rows, "", *self._worst(), "", *self._summary()]

    def _worst(self) -> list[str]:
        lines = []
        for label, measure in (
            ("CPU ms", "cpu_ms"),
            ("peak MiB", "peak_mib"),
            ("p99 ms", "polite_ms"),
        ):
            ordered = sorted(self.outcomes, key=lambda each: getattr(each, measure), reverse=True)
            told = (f"{each.case.name} {getattr(each, measure):.1f}" for each in ordered[:WORST])
            lines.append(f"most {label}: {'; '.join(told)}")
        return lines

    def _summary(self) -> list[str]:
        broken = self.broken()
        return [
            f"{len(self.outcomes)} cases in {self.seconds:.0f} s; polite client's p99: "
            f"quiet {self.quiet_p99_ms:.1f} ms, whole run {self.whole_p99_ms:.1f} ms, "
            f"bound {self.polite_bound_ms:.0f} ms; memory kept {self.kept_mib:.1f} MiB.",
            *(f"BROKEN {each}" for each in broken),
            f"{len(broken)} bounds broken." if broken else "Every bound holds.",
        ]

    def write(self, path: Path) -> None:
        content: dict[str, Any] = {
            "quiet_p99_ms": self.quiet_p99_ms,
            "whole_p99_ms": self.whole_p99_ms,
            "kept_mib": self.kept_mib,
            "seconds": self.seconds,
            "broken": self.broken(),
            "cases": [each.figures(self.polite_bound_ms) for each in self.outcomes],
        }
        path.write_text(json.dumps(content, indent=1) + "\n")


def polite_bound(quiet_p99_ms: float) -> float:
    """Returns ten times the quiet value, which counts as 5 ms at least."""
    return POLITE_FACTOR * max(POLITE_FLOOR_MS, quiet_p99_ms)


def line(outcome: Outcome, polite_bound_ms: float) -> str:
    return (
        f"{outcome.case.name:<52} {outcome.seen.status:>8} {outcome.cpu_ms:>9.1f} "
        f"{outcome.peak_mib:>9.1f} {outcome.polite_ms:>8.1f}  "
        f"{', '.join(outcome.broken(polite_bound_ms))}"
    ).rstrip()
