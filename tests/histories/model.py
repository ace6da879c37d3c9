"""What one appointment does when its operations come one after another."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.histories.checker import Model

SCHEDULED, ACTIVE, COMPLETED, CANCELLED = "scheduled", "active", "completed", "cancelled"
STEPS = {
    "start": (SCHEDULED, ACTIVE),
    "complete": (ACTIVE, COMPLETED),
    "cancel": (SCHEDULED, CANCELLED),
}
DONE, MISSING, STALE, FORBIDDEN = "done", "missing", "stale", "forbidden"


class Appointment(NamedTuple):
    """The state of an appointment, as far as the histories touch it."""

    title: str
    duration_minutes: int
    status: str = SCHEDULED
    version: int = 1
    people: frozenset[str] = frozenset()

    @property
    def participant_count(self) -> int:
        """How many participants it has."""
        return len(self.people)


class Operation(NamedTuple):
    """What a client asked for; `expected` is the version that a conditional write names."""

    kind: str
    values: tuple[tuple[str, Any], ...] = ()
    people: frozenset[str] = frozenset()
    expected: int | None = None


class Answer(NamedTuple):
    """What the model answers: a code, and the state that is shown with it."""

    code: str
    state: Appointment | None = None


class Outcome(NamedTuple):
    """What a client saw: a code, and the fields that the answer showed."""

    code: str
    shown: Mapping[str, Any] = {}


State = Appointment | None


def step(state: State, operation: Operation) -> tuple[State, Answer]:
    """Takes one operation; returns the state after it, and its answer."""
    if operation.kind == "create":
        made = Appointment(people=operation.people, **dict(operation.values))
        return made, Answer(DONE, made)
    if state is None:
        return None, Answer(MISSING)
    if operation.kind == "read":
        return state, Answer(DONE, state)
    if operation.kind in STEPS:
        return _moved(state, operation)
    if operation.expected not in (None, state.version):
        return state, Answer(STALE, state)
    if operation.kind == "delete":
        return None, Answer(DONE)
    return _changed(state, operation)


def _moved(state: Appointment, operation: Operation) -> tuple[State, Answer]:
    source, target = STEPS[operation.kind]
    if state.status == target:
        return state, Answer(DONE, state)
    if state.status != source:
        return state, Answer(FORBIDDEN, state)
    if operation.expected not in (None, state.version):
        return state, Answer(STALE, state)
    return _written(state, status=target)


def _changed(state: Appointment, operation: Operation) -> tuple[State, Answer]:
    if operation.kind == "patch":
        allowed, wanted = state.status == SCHEDULED, dict(operation.values)
    else:
        allowed = state.status in (SCHEDULED, ACTIVE)
        join = frozenset.union if operation.kind == "add" else frozenset.difference
        wanted = {"people": join(state.people, operation.people)}
    if not allowed:
        return state, Answer(FORBIDDEN, state)
    return _written(state, **wanted)


def _written(state: Appointment, **wanted: Any) -> tuple[State, Answer]:
    after = state._replace(**wanted)
    if after != state:
        after = after._replace(version=state.version + 1)
    return after, Answer(DONE, after)


def fits(outcome: Outcome, answer: Answer) -> bool:
    """Whether a client that saw `outcome` can have been given `answer`."""
    if outcome.code != answer.code:
        return False
    return all(getattr(answer.state, name) == value for name, value in outcome.shown.items())


APPOINTMENT = Model(None, step, fits, lambda operation: operation.kind == "read")
