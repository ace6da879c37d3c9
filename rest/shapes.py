"""Rows as the documented JSON, keys in the documented order.

Called by the handlers; date-times and words are left to `rest.wire.answer`.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from db.models import AppointmentItem, AppointmentRow, ParticipantRow
from schema.operation.call import Call

Json = dict[str, Any]


def appointment(call: Call, row: AppointmentRow) -> Json:
    """The detail of an appointment, with its participants."""
    return {
        "id": row.id,
        "title": row.title,
        "start_date_time": row.start_date_time,
        "duration_minutes": row.duration_minutes,
        "status": row.status,
        "config": row.config,
        "participants": participants(call, row.participants or ()),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def appointment_items(call: Call, rows: Sequence[AppointmentItem]) -> list[Json]:
    """Appointments as the list shows them."""
    organization_name = call.caller.organization_name
    return [
        {
            "id": id,
            "title": title,
            "start_date_time": start,
            "duration_minutes": minutes,
            "status": status,
            "participant_count": people,
            "organization_name": organization_name,
            "created_at": created,
        }
        for id, title, start, minutes, status, created, people, _ in rows
    ]


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
    return participants(call, (row,))[0]


def participants(call: Call, rows: Iterable[ParticipantRow]) -> list[Json]:
    """Participants with their access links."""
    link_to = call.services.links.url
    return [
        {
            "id": id,
            "unique_id": unique_id,
            "display_name": name,
            "role": role,
            "access_link": link_to(id, link_version),
        }
        for id, _, unique_id, name, role, link_version, _, _ in rows
    ]


def participant_changed(row: ParticipantRow) -> Json:
    """What a change of a participant answers."""
    return {"display_name": row.display_name, "role": row.role}
