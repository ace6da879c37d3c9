"""Whether a history is linearizable: Wing and Gong's search with Lowe's memory of what was tried.

A history is linearizable when its operations can be put into one order that the model allows,
in which each takes place between its call and its return. Nothing here knows what is modelled.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

O = TypeVar("O")  # noqa: E741  (an operation)
UNKNOWN = math.inf
# Configurations of a history that are looked at before giving up.
MOST = 500_000


class Entry(NamedTuple, Generic[O]):
    """One operation as its client saw it.

    `outcome` is None when nobody knows: its answer never came, and it may have taken place at any
    instant after its call, or not at all; not after `returned`, where that is known.
    """

    operation: O
    called: float
    returned: float = UNKNOWN
    outcome: Any = None
    client: str = ""

    @property
    def is_known(self) -> bool:
        """Whether its answer came."""
        return self.outcome is not None


class Model(NamedTuple):
    """What one object does when its operations come one after another.

    `step` returns the state after an operation, and what it answers; `fits` tells whether a client
    that saw an outcome can have seen that answer. Operations that `reads` accepts change nothing.
    """

    initial: Any
    step: Callable[[Any, Any], tuple[Any, Any]]
    fits: Callable[[Any, Any], bool]
    reads: Callable[[Any], bool]


class Verdict(NamedTuple):
    """What a search found: an order that explains the history, or the longest that explains some."""

    is_linearizable: bool
    order: list[Entry[Any]]
    state: Any
    looked_at: int
    # What could have come next, and what the model would have answered.
    refused: list[tuple[Entry[Any], Any]]

    def __str__(self) -> str:
        lines = [f"{len(self.order)} operations have an order, in {self.looked_at} steps; then"]
        lines += [f"  at {self.state}"]
        lines += [
            f"  {entry} cannot follow: the model answers {due}" for entry, due in self.refused
        ]
        return "\n".join(lines)


class Undecided(Exception):
    """The search went on for too long."""


class _Path(NamedTuple):
    done: int
    state: Any
    last: int = -1
    before: "_Path | None" = None
    length: int = 0


def check(history: Sequence[Entry[Any]], model: Model) -> Verdict:
    """Searches for an order that explains the history; raises Undecided after `MOST` steps."""
    return _Search(history, model).run()


class _Search:
    def __init__(self, history: Sequence[Entry[Any]], model: Model) -> None:
        self.entries = sorted(history, key=lambda entry: entry.called)
        self.model = model
        self.required = sum(1 << at for at, each in enumerate(self.entries) if each.is_known)
        self.seen: set[tuple[int, Any]] = set()

    def run(self) -> Verdict:
        best = _Path(0, self.model.initial)
        stack = [best]
        while stack:
            path = stack.pop()
            if path.done & self.required == self.required:
                return self._verdict(path, is_linearizable=True)
            if (path.done, path.state) in self.seen:
                continue
            self.seen.add((path.done, path.state))
            if len(self.seen) > MOST:
                raise Undecided(f"{len(self.entries)} operations, {MOST} steps")
            best = max(best, path, key=lambda each: each.length)
            stack += sorted(self._next(path), key=self._likelihood)
        return self._verdict(best, is_linearizable=False)

    def _likelihood(self, path: _Path) -> tuple[bool, float]:
        """What was seen to happen comes first, and of that what returned first."""
        entry = self.entries[path.last]
        return entry.is_known, -entry.returned

    def _next(self, path: _Path) -> Iterator[_Path]:
        found = []
        for at in self._open(path.done):
            entry = self.entries[at]
            state, due = self.model.step(path.state, entry.operation)
            if not self.model.fits(entry.outcome, due) if entry.is_known else state == path.state:
                continue  # What nobody saw and changes nothing need not have taken place.
            following = _Path(path.done | 1 << at, state, at, path, path.length + 1)
            if entry.is_known and self.model.reads(entry.operation):
                # It changes nothing: whatever order there is, it may as well come first.
                return iter([following])
            found.append(following)
        return iter(found)

    def _open(self, done: int) -> Iterator[int]:
        """The operations that may come next: no other one had returned before they were called."""
        first_return = UNKNOWN
        # They are sorted by their calls, so the highest bit is that of the last call.
        last_call = self.entries[done.bit_length() - 1].called if done else -UNKNOWN
        lowest = (~done & (done + 1)).bit_length() - 1
        for at in range(lowest, len(self.entries)):
            if done >> at & 1:
                continue
            entry = self.entries[at]
            if entry.called > first_return:
                return
            if entry.is_known:
                first_return = min(first_return, entry.returned)
            elif entry.returned < last_call:
                continue  # Over before something that has taken place was asked for.
            yield at

    def _verdict(self, path: _Path, *, is_linearizable: bool) -> Verdict:
        order: list[Entry[Any]] = []
        refused = []
        for at in () if is_linearizable else self._open(path.done):
            entry = self.entries[at]
            refused.append((entry, self.model.step(path.state, entry.operation)[1]))
        step: _Path | None = path
        while step is not None and step.last >= 0:
            order.append(self.entries[step.last])
            step = step.before
        return Verdict(is_linearizable, order[::-1], path.state, len(self.seen), refused)
