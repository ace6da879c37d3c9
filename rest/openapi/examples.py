"""The documentation's own example, as it is sent and as each operation answers it.

Used by `rest.openapi.document` and its siblings.
"""

from typing import Any

from .schemas import ANSWERS

Json = dict[str, Any]

ID = "0199fb9e-9160-72a8-bd1b-98b633ffb7ca"
PERSON_ID = "0199fb9e-9161-73f9-88ec-fc44ec86139d"

MODERATOR: Json = {
    "unique_id": "admin@example.com",
    "display_name": "Admin User",
    "role": "moderator",
}
NEW: Json = {
    "title": "Consultation Meeting",
    "start_date_time": "2025-10-30T15:26:22.539536Z",
    "duration_minutes": 60,
    "participants": [MODERATOR],
    "config": {"chat_enabled": True, "screenshare_enabled": True},
}
PERSON: Json = {
    **MODERATOR,
    "id": PERSON_ID,
    "access_link": "http://127.0.0.1:8000/join/personal-and-secret",
}
APPOINTMENT: Json = {
    **NEW,
    "id": ID,
    "status": "scheduled",
    "participants": [PERSON],
    "participant_count": 1,
    "organization_name": "Consulate General",
    "created_at": "2025-10-29T09:00:00.482913Z",
    "updated_at": "2025-10-29T09:00:00.482913Z",
}


def _as(answer: str, values: Json) -> Json:
    """The part of the values that an answer shows, in its order."""
    return {name: values[name] for name in ANSWERS[answer]["properties"]}


def _page(item: Json) -> Json:
    return {"count": 1, "next": None, "previous": None, "results": [item]}


PERSON = _as("Participant", PERSON)
APPOINTMENT["participants"] = [PERSON]

ANSWERED: Json = {
    "Appointment": _as("Appointment", APPOINTMENT),
    "AppointmentChanged": _as("AppointmentChanged", APPOINTMENT),
    "AppointmentPage": _page(_as("AppointmentItem", APPOINTMENT)),
    "Participant": PERSON,
    "ParticipantChanged": _as("ParticipantChanged", PERSON),
    "ParticipantPage": _page(PERSON),
}

SENT: Json = {
    "NewAppointment": NEW,
    "AppointmentChanges": {"title": NEW["title"], "duration_minutes": 90},
    "AddedParticipants": [
        {"unique_id": "guest@example.com", "display_name": "Guest User", "role": "participant"}
    ],
    "RemovedParticipants": [{"id": PERSON_ID}],
    "Cancellation": {"reason": "The interpreter is ill."},
    "ParticipantChanges": {"display_name": MODERATOR["display_name"], "role": "participant"},
}

REQUIRED = ["This field is required."]
REFUSED: Json = {
    "FilterErrors": {"start_date": ["Enter a valid date/time."]},
    "NewAppointmentErrors": {"title": REQUIRED, "participants": [{}, {"role": REQUIRED}]},
    "AppointmentChangesErrors": {
        "duration_minutes": ["Ensure this value is greater than or equal to 15."]
    },
    "NewParticipantsErrors": [{}, {"unique_id": REQUIRED}],
    "CancellationErrors": {"reason": ["Ensure this field has no more than 1000 characters."]},
    "RemovedParticipantsErrors": [{"id": ["Must be a valid UUID."]}],
    "ParticipantChangesErrors": {"role": ['"boss" is not a valid choice.']},
}
