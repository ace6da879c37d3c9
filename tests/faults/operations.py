"""The writes of the load: what each sends over either face, and which events it must leave."""

from typing import Any, NamedTuple

REST = "/api/v1/appointments/"

# Which mutation does it, with the types of its variables; what it answers; how REST says it.
MUTATIONS = {
    "create": ("createAppointment", "input: NewAppointment!"),
    "rename": ("updateAppointment", "id: ID!, changes: AppointmentChanges!"),
    "rename_if": (
        "updateAppointment",
        "id: ID!, changes: AppointmentChanges!, expectedVersion: Int",
    ),
    "move": ("updateAppointment", "id: ID!, changes: AppointmentChanges!"),
    "delete": ("deleteAppointment", "id: ID!"),
    "start": ("startAppointment", "id: ID!"),
    "complete": ("completeAppointment", "id: ID!"),
    "cancel": ("cancelAppointment", "id: ID!, reason: String"),
    "add": ("addParticipants", "appointmentId: ID!, participants: [NewParticipant!]!"),
    "remove": ("removeParticipants", "appointmentId: ID!, participantIds: [ID!]!"),
    "remove_one": ("removeParticipant", "id: ID!"),
    "rename_person": ("updateParticipant", "id: ID!, changes: ParticipantChanges!"),
    "rotate": ("rotateAccessLink", "id: ID!"),
}
PEOPLE = "participants(first: 100) { nodes { id uniqueId accessLink } }"
ANSWERED = {
    "create": f"... on AppointmentCreated {{ appointment {{ id {PEOPLE} }} }}",
    "add": "... on ParticipantsAdded { added { id uniqueId accessLink } }",
}
ONLY_GRAPHQL = frozenset({"rotate", "rename_if"})
ONLY_REST = frozenset({"join"})


class Operation(NamedTuple):
    """One write: of which kind, on what, with which values; `events` are the types it must leave.

    `values` are in the spelling of REST; `expected` is the version that the caller has seen.
    """

    kind: str
    events: tuple[str, ...]
    appointment: str = ""
    participant: str = ""
    values: Any = None
    expected: int | None = None

    def rest(self) -> tuple[str, str, Any]:
        """Returns method, path and body."""
        place = f"{REST}{self.appointment}/"
        person = f"{place}participants/{self.participant}/"
        return {
            "create": ("POST", REST, self.values),
            "rename": ("PATCH", place, self.values),
            "move": ("PATCH", place, self.values),
            "delete": ("DELETE", place, None),
            "start": ("POST", f"{place}start/", {}),
            "complete": ("POST", f"{place}complete/", {}),
            "cancel": ("POST", f"{place}cancel/", self.values),
            "add": ("POST", f"{place}participants/add/", self.values),
            "remove": ("POST", f"{place}participants/remove/", [{"id": self.participant}]),
            "remove_one": ("DELETE", person, None),
            "rename_person": ("PATCH", person, self.values),
            "join": ("POST", str(self.values), None),
        }[self.kind]

    def variables(self) -> dict[str, Any]:
        """Returns the variables of the mutation."""
        is_of_person = self.kind in ("remove_one", "rename_person", "rotate")
        given = {
            "id": self.participant if is_of_person else self.appointment,
            "appointmentId": self.appointment,
            "participantIds": [self.participant],
            "input": _camel(self.values),
            "changes": _camel(self.values),
            "participants": _camel(self.values),
            "expectedVersion": self.expected,
            "reason": self.values["reason"] if self.kind == "cancel" else None,
        }
        return {name: given[name] for name, _ in _declared(self.kind)}


def document(operations: list[Operation]) -> tuple[str, dict[str, Any]]:
    """Returns one mutation that does all of them, one field after another, and its variables."""
    declared, fields, variables = [], [], {}
    for place, each in enumerate(operations):
        field = MUTATIONS[each.kind][0]
        for name, type in _declared(each.kind):
            declared.append(f"${name}{place}: {type}")
        given = ", ".join(f"{name}: ${name}{place}" for name, _ in _declared(each.kind))
        answered = ANSWERED.get(each.kind, "")
        fields.append(
            f"f{place}: {field}({given}) {{ __typename {answered} ... on Problem {{ code }} }}"
        )
        variables |= {f"{name}{place}": value for name, value in each.variables().items()}
    return f"mutation({', '.join(declared)}) {{ {' '.join(fields)} }}", variables


def _declared(kind: str) -> list[tuple[str, str]]:
    pairs = (each.split(": ") for each in MUTATIONS[kind][1].split(", "))
    return [(name, type) for name, type in pairs]


def _camel(value: Any) -> Any:
    if isinstance(value, list):
        return [_camel(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        _name(key): below.upper() if key == "role" else _camel(below)
        for key, below in value.items()
    }


def _name(words: str) -> str:
    first, *rest = words.split("_")
    return first + "".join(word.capitalize() for word in rest)
