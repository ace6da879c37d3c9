"""Compares a ledger with a database: what is lost, half done, or came from nowhere.

Every request has an id, and its events carry it. The log gives the order in which the requests of
an organization were done; applied in this order they must lead to exactly the rows that stand there.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from .ledger import Entry, Ledger, Outcome
from .model import Appointment, Model
from .operations import Operation
from .state import Row, State

Runs = list[tuple[str, list[Row]]]
MOST = 20


def compare(ledger: Ledger, state: State) -> list[str]:
    """Returns what does not agree, worst first and at most twenty; empty when all is well."""
    found = [*state.broken, *ledger.odd]
    models = {row["id"]: Model() for row in state.organization}
    seen: Counter[str] = Counter()
    for organization in state.organization:
        events = [row for row in state.event if row["organization_id"] == organization["id"]]
        events.sort(key=lambda row: row["seq"])
        found += _numbered(organization, events)
        found += _replayed(ledger, organization["id"], events, models[organization["id"]], seen)
    found += _lost(ledger, seen)
    found += _rows(models, state)
    found += counted(state)
    return found[:MOST]


def _numbered(organization: Row, events: list[Row]) -> Iterator[str]:
    numbers = [row["seq"] for row in events]
    wanted = list(range(organization["event_floor"] + 1, organization["event_seq"] + 1))
    if numbers != wanted:
        gaps = sorted(set(wanted) ^ set(numbers))[:5]
        yield f"the log of {organization['name']} is not gap-free: {gaps}"


def _replayed(
    ledger: Ledger, organization: str, events: list[Row], model: Model, seen: Counter[str]
) -> Iterator[str]:
    """Applies the requests in the order of their events."""
    for request_id, run in _runs(events):
        if run[0]["source"] == "clock":
            yield from _moved_on(model, run)
            continue
        entry = ledger.entries.get(request_id)
        if entry is None or entry.organization != organization:
            yield f"events that nobody asked for: {[row['type'] for row in run]} of {request_id}"
            continue
        for operation, part in _parts(entry, run, seen[request_id]):
            place = seen[request_id]
            told = entry.told[place] if place < len(entry.told) else {}
            seen[request_id] += 1
            if tuple(row["type"] for row in part) != operation.events:
                types = [row["type"] for row in part]
                yield f"{operation.kind} of {request_id} left {types} instead of {operation.events}"
                continue
            try:
                model.apply(operation, part, told)
            except KeyError as error:
                yield f"{operation.kind} of {request_id} was done where it cannot be: {error}"


def _moved_on(model: Model, run: list[Row]) -> Iterator[str]:
    for row in run:
        try:
            model.move_on(row)
        except KeyError as error:
            yield f"the clock did what it must not: {error}"


def _runs(events: list[Row]) -> Runs:
    """Neighbouring events of one request."""
    runs: Runs = []
    for row in events:
        if not runs or runs[-1][0] != row["request_id"]:
            runs.append((row["request_id"], []))
        runs[-1][1].append(row)
    return runs


def _parts(entry: Entry, run: list[Row], done: int) -> Iterator[tuple[Operation, list[Row]]]:
    """Shares the events of a run among the operations of its request; the rest goes to the last."""
    for operation in entry.operations[done:]:
        if not run:
            return
        part, run = run[: len(operation.events)], run[len(operation.events) :]
        yield operation, part
    if run:
        yield entry.operations[-1], run


def _lost(ledger: Ledger, seen: Counter[str]) -> Iterator[str]:
    for request_id, entry in ledger.entries.items():
        kinds = [each.kind for each in entry.operations]
        if entry.outcome is Outcome.REFUSED and seen[request_id]:
            yield f"{kinds} of {request_id} was refused, and done all the same"
        elif seen[request_id] > len(kinds):
            yield f"twice: {kinds} of {request_id} left the events of {seen[request_id]} writes"
        elif entry.outcome is Outcome.DONE and seen[request_id] < len(kinds):
            yield f"lost: {kinds} of {request_id} were acknowledged, {seen[request_id]} are there"


def _rows(models: dict[str, Model], state: State) -> Iterator[str]:
    """Compares what the writes lead to with the rows."""
    people: dict[str, list[Row]] = defaultdict(list)
    for row in state.participant:
        people[row["appointment_id"]].append(row)
    wanted = {id: row for model in models.values() for id, row in model.appointments.items()}
    stored = {row["id"]: row for row in state.appointment}
    yield from (f"appointment {id} is gone" for id in wanted.keys() - stored.keys())
    yield from (f"appointment {id} has no event" for id in stored.keys() - wanted.keys())
    for id in wanted.keys() & stored.keys():
        if _seen(wanted[id], people[id]) != _stored(stored[id], people[id]):
            yield f"{id} is {_stored(stored[id], people[id])}, not {_seen(wanted[id], people[id])}"
        yield from _timed(stored[id])


def _seen(row: Appointment, stored: Iterable[Row]) -> tuple[Any, ...]:
    # The ids of those who came with the appointment are in no event.
    ids = {each["unique_id"]: each["id"] for each in stored}
    people = {
        (unique_id, each.id or ids.get(unique_id), each.display_name, each.role, each.link_version)
        for unique_id, each in row.people.items()
    }
    return (row.title, row.start, row.duration, row.status, row.version, row.reason, people)


def _stored(row: Row, people: Iterable[Row]) -> tuple[Any, ...]:
    found = {
        (each["unique_id"], each["id"], each["display_name"], each["role"], each["link_version"])
        for each in people
    }
    first = (row["title"], row["start_date_time"], row["duration_minutes"], row["status"])
    return (*first, row["version"], row["cancel_reason"], found)


TIMES = {
    "scheduled": set(),
    "active": {"started_at"},
    "completed": {"started_at", "ended_at"},
    "cancelled": {"cancelled_at", "ended_at"},
    "no_show": {"ended_at"},
}


def _timed(row: Row) -> Iterator[str]:
    """An appointment has the times of its status and no others."""
    names = {"started_at", "ended_at", "cancelled_at"}
    if {name for name in names if row[name] is not None} != TIMES.get(row["status"]):
        yield f"{row['id']} is {row['status']} with other times"


def counted(state: State) -> Iterator[str]:
    """Kept counts are what one counts."""
    appointments = Counter(row["organization_id"] for row in state.appointment)
    people = Counter(row["appointment_id"] for row in state.participant)
    for row in state.organization:
        if row["appointment_count"] != appointments[row["id"]]:
            yield f"{row['name']} counts {row['appointment_count']}, has {appointments[row['id']]}"
    for row in state.appointment:
        if row["participant_count"] != people[row["id"]]:
            yield f"{row['id']} counts {row['participant_count']}, has {people[row['id']]}"
