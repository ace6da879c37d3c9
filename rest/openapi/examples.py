"""The documentation's own example, as it is sent and as each operation answers it."""

from ..event_fields import EVENT, LOGGED
from ..fields import (
    APPOINTMENT,
    CHANGED,
    DETAIL,
    ITEM,
    PARTICIPANT,
    PERSON,
    PERSON_CHANGED,
    Json,
    Table,
)
from ..routes import ADDED_BODIES


def _sent(table: Table) -> Json:
    """The example as it is sent to create one, in the order of the input."""
    values = {each.name: each.example for each in table.fields}
    return {name: values[name] for name in table.rules()}


def _shown(table: Table, answer: str) -> Json:
    return {each.name: each.example for each in table.shown(answer)}


def _page(item: Json) -> Json:
    return {"count": 1, "next": None, "previous": None, "results": [item]}


SOMEBODY = _shown(PARTICIPANT, PERSON)
MODERATOR = _sent(PARTICIPANT)
NEW = _sent(APPOINTMENT) | {"participants": [MODERATOR]}

ANSWERED: Json = {
    "Appointment": _shown(APPOINTMENT, DETAIL) | {"participants": [SOMEBODY]},
    "AppointmentChanged": _shown(APPOINTMENT, CHANGED),
    "AppointmentPage": _page(_shown(APPOINTMENT, ITEM)),
    "Participant": SOMEBODY,
    "ParticipantChanged": _shown(PARTICIPANT, PERSON_CHANGED),
    "ParticipantPage": _page(SOMEBODY),
    "EventPage": {
        "results": [_shown(EVENT, LOGGED)],
        "next_cursor": _shown(EVENT, LOGGED)["cursor"],
        "has_more": False,
    },
}

SENT: Json = {
    "NewAppointment": NEW,
    "AppointmentChanges": {"title": NEW["title"], "duration_minutes": 90},
    "AddedParticipants": [
        {"unique_id": "guest@example.com", "display_name": "Guest User", "role": "participant"}
    ],
    "RemovedParticipants": [{"id": SOMEBODY["id"]}],
    **{name: each.example for name, each in ADDED_BODIES.items()},
    "ParticipantChanges": {"display_name": MODERATOR["display_name"], "role": "participant"},
}

REQUIRED = ["This field is required."]
INVALID: Json = {
    "FilterErrors": {"start_date": ["Enter a valid date/time."]},
    "EventErrors": {"limit": ["Enter a whole number from 1 to 100."]},
    "NewAppointmentErrors": {"title": REQUIRED, "participants": [{}, {"role": REQUIRED}]},
    "AppointmentChangesErrors": {
        "duration_minutes": ["Ensure this value is greater than or equal to 15."]
    },
    "NewParticipantsErrors": [{}, {"unique_id": REQUIRED}],
    **{f"{name}Errors": each.refusal for name, each in ADDED_BODIES.items()},
    "RemovedParticipantsErrors": [{"id": ["Must be a valid UUID."]}],
    "ParticipantChangesErrors": {"role": ['"boss" is not a valid choice.']},
}
