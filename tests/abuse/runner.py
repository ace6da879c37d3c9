"""Runs cases one after the other beside a polite client and measures the server's process."""

import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from . import people
from .case import Arena, Case, Outcome, Seen
from .polite import EVERY_SECONDS, Polite
from .report import Report, polite_bound
from .server import Server
from .warm import warm_up
from .watchdog import Watchdog

QUIET_SECONDS = 3.0
IDLE_LOOK_SECONDS = 0.012
# The polite client alone is a third of this.
IDLE_CPU_SECONDS = 0.004
REPEATS = 2
GONE = "gone"
# A server that keeps so much from one case would spoil the figures of the next.
SPOILT_MIB = 200.0

Say = Callable[[str], None]


class Runner:
    """A server, a polite client, and the cases that are run against them."""

    def __init__(
        self,
        folder: Path,
        seconds: float = 10.0,
        settings: Mapping[str, str] | None = None,
        say: Say = lambda line: None,
        least_quiet_ms: float = 0.0,
    ) -> None:
        self._folder = folder
        self._least_quiet_ms = least_quiet_ms
        self._settings = settings
        self._seconds = seconds
        self._say = say
        self._trouble: list[str] = []
        tenants = people.prepare(folder)
        self.server = Server(folder, settings)
        self._furnished = people.furnish(self.server, *tenants)
        self._restart()

    def _restart(self) -> None:
        """Starts a fresh server, without anything kept from furnishing or from an attack."""
        self.server.stop()
        self.server = Server(self._folder, self._settings)
        self.arena = Arena(self.server, self._furnished, self._seconds)
        warm_up(self.arena)
        self._log_read = 0
        who = self._furnished
        self.polite = Polite(self.server.port, who.polite_token, who.polite_appointment)
        self._measure_quiet()

    def _measure_quiet(self) -> None:
        time.sleep(0.5)
        began, cpu = time.monotonic(), self.server.cpu()
        time.sleep(QUIET_SECONDS)
        ended = time.monotonic()
        self.quiet_ms = max(self._least_quiet_ms, self.polite.p99_ms(began, ended))
        self._polite_cpu = (self.server.cpu() - cpu) / (ended - began)
        self._before = self.server.anonymous()

    def run(self, cases: Iterable[Case]) -> Report:
        """Runs every case, those that broke a bound up to two times more, and reports."""
        began = time.monotonic()
        outcomes = [self._measure(case) for case in cases]
        self._catch_up(outcomes)
        for place, outcome in enumerate(outcomes):
            outcomes[place] = self._again(outcome)
        ended = time.monotonic()
        whole = self.polite.p99_ms(began, ended)
        self._settle(time.monotonic() + 5)
        kept = self.server.anonymous() - self._before
        self._look_around()
        return Report(outcomes, self.quiet_ms, whole, kept, ended - began, tuple(self._trouble))

    def _again(self, outcome: Outcome) -> Outcome:
        """Repeats a case that broke a bound: a deterministic fault shows again, noise does not."""
        bound = polite_bound(self.quiet_ms)
        for _ in range(REPEATS):
            if outcome.is_certain(bound) or not outcome.broken(bound):
                break
            repeated = self._measure(outcome.case)
            self._catch_up([repeated])
            outcome = outcome.better_of(repeated)
        return outcome

    def _catch_up(self, outcomes: Sequence[Outcome]) -> None:
        """Asks the polite client once more: answers that a case held up may come after its end."""
        time.sleep(5 * EVERY_SECONDS)
        for outcome in outcomes:
            if outcome.seen.status != GONE:
                outcome.ask_polite()

    def _measure(self, case: Case) -> Outcome:
        server = self.server
        server.forget_peak()
        held, anonymous = server.resident(), server.anonymous()
        cpu, waited = server.cpu(), server.waited()
        began = time.monotonic()
        with Watchdog(server, case.longest) as watchdog:
            seen = self._attack(case)
            self._settle(time.monotonic() + case.longest)
        ended = time.monotonic()
        if watchdog.bitten:
            return self._buried(case, watchdog.bitten, began, ended)
        used = server.cpu() - cpu
        spent = used - self._polite_cpu * (ended - began)
        share = used / max(1e-9, used + server.waited() - waited)
        outcome = Outcome(
            case, seen, max(0.0, spent * 1_000), max(0.0, server.peak() - held),
            server.anonymous() - anonymous, began, ended, self.polite, share,
            trouble=self._complaints(),
        )  # fmt: skip
        if outcome.kept_mib > SPOILT_MIB:
            outcome.trouble += (f"{outcome.kept_mib:.0f} MiB kept",)
        self._told(outcome)
        if outcome.kept_mib > SPOILT_MIB:
            self.polite.stop()
            self._restart()
        return outcome

    def _attack(self, case: Case) -> Seen:
        try:
            return case.attack(self.arena)
        except OSError as error:
            return Seen("broken", (f"the attack itself failed: {error!r}",))

    def _settle(self, until: float) -> None:
        """Waits until the server does nothing but serve the polite client."""
        while self.server.is_alive() and time.monotonic() < until:
            cpu = self.server.cpu()
            time.sleep(IDLE_LOOK_SECONDS)
            if self.server.cpu() - cpu < IDLE_CPU_SECONDS:
                return

    def _told(self, outcome: Outcome) -> None:
        outcome.ask_polite()
        broken = outcome.broken(polite_bound(self.quiet_ms))
        if broken:
            self._say(f"{outcome.case.name}: {outcome.cpu_ms:.0f} ms, {', '.join(broken)}")

    def _buried(self, case: Case, reason: str, began: float, ended: float) -> Outcome:
        """The server is gone: the figures are what it had taken when it went."""
        taken = (ended - began) * 1_000
        self.polite.stop()
        self._say(f"{case.name}: {reason}")
        self._restart()
        return Outcome(
            case, Seen(GONE), taken, 0.0, 0.0, began, ended, self.polite, taken, (reason,)
        )

    def _complaints(self) -> tuple[str, ...]:
        found = self.server.complaints(self._log_read)
        self._log_read = self.server.log.stat().st_size
        return ("a traceback in the log",) if found else ()

    def _look_around(self) -> None:
        if not self.server.answers():
            self._trouble.append("the server does not answer newcomers after the run")
        refused = self.polite.refused()
        if refused:
            self._trouble.append(
                f"{len(refused)} polite requests failed, {refused[0].status} first"
            )

    def close(self) -> None:
        self.polite.stop()
        self.server.stop()


def complain(line: str) -> None:
    """Says a line while the run goes on."""
    sys.stderr.write(f"abuse: {line}\n")
    sys.stderr.flush()
