"""One attack with its bounds, and what a run of it showed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from .people import People
from .polite import Polite
from .server import Server

STRANGER_CPU_MS = 100.0
STRANGER_MIB = 16.0
SIGNED_IN_CPU_MS = 1_000.0
SIGNED_IN_MIB = 64.0
# The deadline of an operation is 10 s; the rest is for a machine that does other things too.
LONGEST_SECONDS = 12.0
POLITE_FACTOR = 10.0
# A quiet machine answers in 1 ms, a shared one not always: below this nothing is concluded.
POLITE_FLOOR_MS = 5.0
KEPT_MIB = 10.0
# The noise of a shared machine doubles a figure at most.
CERTAIN_FACTOR = 2.0


@dataclass(frozen=True)
class Arena:
    """Where a case takes place; `seconds` is how long attacks that last go on."""

    server: Server
    people: People
    seconds: float
    tokens: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tokens", cycle(self.people.tokens))

    @property
    def port(self) -> int:
        return self.server.port


@dataclass(frozen=True)
class Seen:
    """What the attacker saw: the status in a word, and what must not have happened."""

    status: str
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """An attack; `cpu_ms` and `memory_mib` bound what the server spends on the whole of it."""

    name: str
    attack: Callable[[Arena], Seen]
    cpu_ms: float = STRANGER_CPU_MS
    memory_mib: float = STRANGER_MIB
    longest: float = LONGEST_SECONDS
    # Attacks that end in their own time would only be spoilt by a second run.
    may_repeat: bool = True


@dataclass
class Outcome:
    """What the server spent on a case; times in seconds of the monotonic clock."""

    case: Case
    seen: Seen
    cpu_ms: float
    peak_mib: float
    kept_mib: float
    began: float
    ended: float
    polite: Polite
    # The part of its time in which the machine had a processor for the server.
    share: float = 1.0
    polite_ms: float = 0.0
    trouble: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """How long it took until the server was idle again."""
        return self.ended - self.began

    def ask_polite(self) -> None:
        """Reads off the polite client's p99, without what other processes of the machine took."""
        self.polite_ms = self.polite.p99_ms(self.began, self.ended) * self.share

    def broken(self, polite_bound_ms: float) -> list[str]:
        """Returns the bounds that it broke, each in a few words."""
        found = [*self.seen.faults, *self.trouble]
        if self.cpu_ms > self.case.cpu_ms:
            found.append(f"CPU over {self.case.cpu_ms:.0f} ms")
        if self.peak_mib > self.case.memory_mib:
            found.append(f"memory over {self.case.memory_mib:.0f} MiB")
        if self.seconds > self.case.longest:
            found.append(f"longer than {self.case.longest:.0f} s")
        if self.polite_ms > polite_bound_ms:
            found.append(f"polite client over {polite_bound_ms:.0f} ms")
        return found

    def is_certain(self, polite_bound_ms: float) -> bool:
        """Whether what it broke is too much for noise; a cache could hide it the second time."""
        return bool(
            self.seen.faults
            or self.trouble
            or not self.case.may_repeat
            or self.cpu_ms > CERTAIN_FACTOR * self.case.cpu_ms
            or self.peak_mib > CERTAIN_FACTOR * self.case.memory_mib
            or self.polite_ms > CERTAIN_FACTOR * polite_bound_ms
        )

    def better_of(self, other: "Outcome") -> "Outcome":
        """Joins two runs of one case: noise of the machine only ever adds."""
        self.cpu_ms = min(self.cpu_ms, other.cpu_ms)
        self.peak_mib = min(self.peak_mib, other.peak_mib)
        self.kept_mib = min(self.kept_mib, other.kept_mib)
        self.polite_ms = min(self.polite_ms, other.polite_ms)
        self.ended = self.began + min(self.seconds, other.seconds)
        return self

    def figures(self, polite_bound_ms: float) -> dict[str, Any]:
        """Returns the line of the report as data."""
        return {
            "name": self.case.name,
            "status": self.seen.status,
            "cpu_ms": round(self.cpu_ms, 1),
            "peak_mib": round(self.peak_mib, 1),
            "kept_mib": round(self.kept_mib, 1),
            "seconds": round(self.seconds, 2),
            "polite_p99_ms": round(self.polite_ms, 1),
            "broken": self.broken(polite_bound_ms),
        }
