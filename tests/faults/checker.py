"""Compares a ledger with a database: what is lost, half done, or came from nowhere.

Every request has an id, and its events carry it. The log gives the order in which the requests of
an organization were done; applied in this order they must lead to exactly the rows that stand there.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from .ledger import Entry, Ledger, Outcome
from .model import Appointment, Model
from .state import Row, State

Runs = list[tuple[str, list[Row]]]
# Which operations of a request left events, by request id.
Seen = defaultdict[str, list[int]]
MOST = 20


def compare(ledger: Ledger, state: State) -> list[str]:
    """Returns what does not agree, worst first and at most twenty; empty when all is well."""
    found = [*state.broken, *ledger.odd]
    models = {row["id"]: Model() for row in state.organization}
    seen: Seen = defaultdict(list)
    titles = {row["id"]: row["title"] for row in state.appointment}
    for organization in state.organization:
        events = [row for row in state.event if row["organization_id"] == organization["id"]]
        events.sort(key=lambda row: row["seq"])
        found += _numbered(organization, events)
        replay = Replay(ledger, organization["id"], models[organization["id"]], seen, titles)
        found += replay.run(events)
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


class Replay:
    """Applies the requests of one organization in the order of their events."""

    def __init__(
        self, ledger: Ledger, organization: str, model: Model, seen: Seen, titles: dict[str, str]
    ) -> None:
        self._ledger = ledger
        self._organization = organization
        self._model = model
        self._seen = seen
        self._titles = titles

    def run(self, events: list[Row]) -> Iterator[str]:
        """Yields what cannot have been as the events say."""
        for request_id, run in _runs(events):
            if run[0]["source"] == "clock":
                yield from self._moved_on(run)
                continue
            entry = self._ledger.entries.get(request_id)
            if entry is None or entry.organization != self._organization:
                types = [row["type"] for row in run]
                yield f"events that nobody asked for: {types} of {request_id}"
                continue
            at = 0
            while at < len(run):
                place = self._place(entry, self._seen[request_id], run[at]["appointment_id"])
                self._seen[request_id].append(place)
                end = at + len(entry.operations[place].events)
                yield from self._applied(entry, place, run[at:end], request_id)
                at = end

    def _applied(self, entry: Entry, place: int, part: list[Row], id: str) -> Iterator[str]:
        operation, types = entry.operations[place], tuple(row["type"] for row in part)
        if types != operation.events:
            yield f"{operation.kind} of {id} left {types} instead of {operation.events}"
            return
        try:
            self._model.apply(operation, part, entry.told_of(place) or {})
        except KeyError as error:
            yield f"{operation.kind} of {id} was done where it cannot be: {error}"

    def _moved_on(self, run: list[Row]) -> Iterator[str]:
        for row in run:
            try:
                self._model.move_on(row)
            except KeyError as error:
                yield f"the clock did what it must not: {error}"

    def _place(self, entry: Entry, seen: list[int], id: str) -> int:
        """Which operation of a request this is: by what was told, else by the title that stands."""
        left = [place for place in range(len(entry.operations)) if place not in seen]
        for place in left:
            if (entry.told_of(place) or {}).get("") == id:
                return place
        for place in left if len(left) > 1 else ():
            title = entry.operations[place].values["title"]
            if entry.told_of(place) is None and self._titles.get(id) == title:
                return place
        return left[0] if left else len(entry.operations) - 1


def _runs(events: list[Row]) -> Runs:
    """Neighbouring events of one request."""
    runs: Runs = []
    for row in events:
        if not runs or runs[-1][0] != row["request_id"]:
            runs.append((row["request_id"], []))
        runs[-1][1].append(row)
    return runs


def _lost(ledger: Ledger, seen: Seen) -> Iterator[str]:
    for request_id, entry in ledger.entries.items():
        kinds, done = [each.kind for each in entry.operations], seen[request_id]
        if entry.outcome is Outcome.REFUSED and done:
            yield f"{kinds} of {request_id} was refused, and done all the same"
        elif len(done) > len(kinds) or len(set(done)) < len(done):
            yield f"twice: {kinds} of {request_id} left the events of {len(done)} writes"
        for place, kind in enumerate(kinds):
            if entry.told_of(place) is not None and place not in done:
                yield f"lost: {kind} of {request_id} was acknowledged and is not there"


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
