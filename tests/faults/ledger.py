"""What the clients of a load were told, request by request."""

import time
from collections import Counter
from enum import StrEnum
from typing import NamedTuple

from .operations import Operation


class Outcome(StrEnum):
    """What a client knows of its request."""

    DONE = "done"
    REFUSED = "refused"
    CUT = "cut"
    UNAVAILABLE = "unavailable"
    # Some operations of the request were done, the others answered like UNAVAILABLE.
    PARTLY = "partly"


class Entry(NamedTuple):
    """One request: who asked for what, when, and what it was told.

    `told` holds, for each operation that was acknowledged, the ids in its answer by unique id; the
    appointment itself stands under the empty name. None stands for one that was not, though others
    of its request were.
    """

    organization: str
    operations: tuple[Operation, ...]
    outcome: Outcome
    sent_at: float
    ended_at: float
    told: tuple[dict[str, str] | None, ...] = ()

    @property
    def seconds(self) -> float:
        """How long the client waited."""
        return self.ended_at - self.sent_at

    def told_of(self, place: int) -> dict[str, str] | None:
        """What the answer told of one operation; None when that was not acknowledged."""
        return self.told[place] if place < len(self.told) else None


class Ledger:
    """Every request of a load that may have had an effect, by its request id."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        # Answers that no client should get, whatever is broken behind the service.
        self.odd: list[str] = []
        self.reads = 0
        # Writes that were acknowledged, so far.
        self.done = 0
        self.not_sent = 0

    def note(self, request_id: str, entry: Entry) -> None:
        """Adds a request that has ended."""
        self.entries[request_id] = entry
        self.done += sum(told is not None for told in entry.told)

    def protest(self, what: str) -> None:
        """Adds an answer that must not happen."""
        if len(self.odd) < 1_000:
            self.odd.append(what)

    def count(self, outcome: Outcome) -> int:
        """How many requests ended like this."""
        return sum(entry.outcome is outcome for entry in self.entries.values())

    def kinds(self) -> Counter[str]:
        """How many writes of each kind were answered as done."""
        return Counter(
            operation.kind
            for entry in self.entries.values()
            for place, operation in enumerate(entry.operations)
            if entry.told_of(place) is not None
        )

    def first_done(self, since: float) -> float | None:
        """Seconds from `since` until a write that was sent later was done; None when none was."""
        ended = [
            entry.ended_at
            for entry in self.entries.values()
            if entry.outcome is Outcome.DONE and entry.sent_at >= since
        ]
        return min(ended) - since if ended else None

    def last_refused(self, since: float) -> float:
        """Seconds from `since` until the last refused request was sent; 0 when there was none."""
        sent = [
            entry.sent_at
            for entry in self.entries.values()
            if entry.outcome is not Outcome.DONE and entry.sent_at >= since
        ]
        return max(sent) - since if sent else 0.0

    def longest(self) -> float:
        """Seconds that the slowest request took."""
        return max((each.seconds for each in self.entries.values()), default=0.0)

    def slower(self, seconds: float) -> list[str]:
        """What the requests were that took longer, with their ids."""
        return [
            f"{[operation.kind for operation in entry.operations]} of {id} took {entry.seconds:.1f} s"
            for id, entry in self.entries.items()
            if entry.seconds > seconds
        ]


def now() -> float:
    """The clock of the ledger."""
    return time.monotonic()
