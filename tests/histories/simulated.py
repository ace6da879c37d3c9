"""A store in memory whose clients take turns as a schedule says; some stores have a race in them."""

import random
from collections.abc import Generator, Iterator, Sequence

from tests.histories.checker import UNKNOWN, Entry
from tests.histories.model import DONE, Answer, Operation, Outcome, State, step

Steps = Generator[None, None, Answer | None]
SHOWN = ("title", "duration_minutes", "status", "version", "people")


class Store:
    """A store that is right: each operation takes place at one instant."""

    def __init__(self) -> None:
        self.state: State = None

    def perform(self, operation: Operation) -> Steps:
        """Runs an operation; others may run wherever it yields. None means that it was given up."""
        yield
        self.state, answer = step(self.state, operation)
        yield
        return answer


class LosesUpdates(Store):
    """Reads, decides, and writes all that it read."""

    def perform(self, operation: Operation) -> Steps:
        seen = self.state
        after, answer = step(seen, operation)
        yield
        if after != seen:
            self.state = after
        yield
        return answer


class ReadsStale(Store):
    """Reads from a copy that is one write behind."""

    def __init__(self) -> None:
        super().__init__()
        self.copy: State = None

    def perform(self, operation: Operation) -> Steps:
        yield
        if operation.kind == "read" and self.copy is not None:
            return step(self.copy, operation)[1]
        before = self.state
        self.state, answer = step(before, operation)
        self.copy = before if before != self.state else self.copy
        yield
        return answer


class ReadsDirty(Store):
    """Shows what is taken back: every third write is rolled back after others saw it."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0

    def perform(self, operation: Operation) -> Steps:
        yield
        before = self.state
        self.state, answer = step(before, operation)
        if operation.kind in ("read", "create") or self.state == before:
            return answer
        self.writes += 1
        yield
        if self.writes % 3 == 0:
            self.state = before
            return None
        return answer


class RepeatsEffects(Store):
    """Makes a write again, as a retry whose first attempt had succeeded."""

    def perform(self, operation: Operation) -> Steps:
        yield
        self.state, answer = step(self.state, operation)
        yield
        if operation.kind not in ("read", "create"):
            self.state, _ = step(self.state, operation)
        return answer


class ForgetsAcknowledged(Store):
    """Loses the last write when it crashes, after it was acknowledged."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0

    def perform(self, operation: Operation) -> Steps:
        yield
        before = self.state
        self.state, answer = step(before, operation)
        self.writes += self.state != before
        if self.writes % 7 == 6 and operation.kind != "create":
            self.state = before
        yield
        return answer


def outcome_of(answer: Answer) -> Outcome:
    """What a client sees of an answer."""
    state = answer.state
    return Outcome(answer.code, {name: getattr(state, name) for name in SHOWN} if state else {})


def record(
    store: Store, programs: Sequence[Sequence[Operation]], turns: Iterator[int]
) -> list[Entry[Operation]]:
    """Runs the programs, each by a client of its own; each turn says which one goes on."""
    history: list[Entry[Operation]] = []
    clients = [_client(store, program, history, str(at)) for at, program in enumerate(programs)]
    clock = 0.0
    for client in clients:
        next(client)
    while clients:
        clock += 1
        client = clients[next(turns) % len(clients)]
        try:
            client.send(clock)
        except StopIteration:
            clients.remove(client)
    return history


def _client(
    store: Store, program: Sequence[Operation], history: list[Entry[Operation]], name: str
) -> Generator[None, float, None]:
    clock = yield
    for operation in program:
        called, steps = clock, store.perform(operation)
        while True:
            try:
                next(steps)
            except StopIteration as stopped:
                answer = stopped.value
                break
            clock = yield
        clock = yield
        if answer is not None:
            history.append(Entry(operation, called, clock, outcome_of(answer), name))


def crashed(history: list[Entry[Operation]], every: int) -> list[Entry[Operation]]:
    """The same history where the answers to some writes never came."""
    lost = [
        entry._replace(returned=UNKNOWN, outcome=None)
        if at % every == every - 1 and entry.operation.kind not in ("read", "create")
        else entry
        for at, entry in enumerate(history)
    ]
    return [each for each in lost if each.outcome is None or each.outcome.code in CODES]


CODES = (DONE, "missing", "stale", "forbidden")


def programs(seed: int, clients: int = 4, length: int = 8) -> list[list[Operation]]:
    """Programs for so many clients; the first one books the appointment before all else."""
    chance = random.Random(seed)
    return [[_operation(chance, at) for at in range(length)] for _ in range(clients)]


def _operation(chance: random.Random, at: int) -> Operation:
    kind = chance.choices(
        ["read", "patch", "add", "remove", "start", "complete", "delete"],
        [8, 12, 4, 3, 1 if at > 4 else 0, 1 if at > 4 else 0, 1 if at > 6 else 0],
    )[0]
    if kind == "patch":
        field = chance.choice(["title", "duration_minutes"])
        value = chance.choice("abc") if field == "title" else chance.choice([15, 30, 45])
        expected = chance.choice([None, None, 1, 2, 3, 4])
        return Operation(kind, ((field, value),), expected=expected)
    people = frozenset(chance.sample("pqr", 1)) if kind in ("add", "remove") else frozenset()
    return Operation(kind, people=people)
