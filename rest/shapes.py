"""Rows as the documented JSON, keys in the documented order.

Called by the handlers; date-times are left to `rest.answer`, which writes them in UTC.
"""

from collections.abc import Callable
from typing import Any

from db.models import AppointmentItem, AppointmentRow, ParticipantRow
from schema.call import Call

Json = dict[str, Any]
LinkTo = Callable[[str, int], str]


def appointment(call: Call, row: AppointmentRow) -> Json:
    """The detail of an appointment, with its participants."""
    link_to = call.services.links.url
    return {
        "id": row.id,
        "title": row.title,
        "start_date_time": row.start_date_time,
        "duration_minutes": row.duration_minutes,
        "status": row.status.value,
        "config": row.config,
        "participants": [_participant(person, link_to) for person in row.participants or ()],
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def appointment_item(call: Call, row: AppointmentItem) -> Json:
    """An appointment as the list shows it."""
    return {
        "id": row.id,
        "title": row.title,
        "start_date_time": row.start_date_time,
        "duration_minutes": row.duration_minutes,
        "status": row.status.value,
        "participant_count": row.participant_count,
        "organization_name": call.caller.organization_name,
        "created_at": row.created_at,
    }


def appointment_changed(row: AppointmentRow) -> Json:
    """What a change of an appointment answers."""
    return {
        "title": row.title,
        "start_date_time": row.start_date_time,
        "duration_minutes": row.duration_minutes,
        "config": row.config,
    }


def participant(call: Call, row: ParticipantRow) -> Json:
    """A participant with the access link."""
    return _participant(row, call.services.links.url)


def participant_changed(row: ParticipantRow) -> Json:
    """What a change of a participant answers."""
    return {"display_name": row.display_name, "role": row.role.value}


def _participant(row: ParticipantRow, link_to: LinkTo) -> Json:
    return {
        "id": row.id,
        "unique_id": row.unique_id,
        "display_name": row.display_name,
        "role": row.role.value,
        "access_link": link_to(row.id, row.link_version),
    }
