"""What the operations on appointments and on participants share.

Called by the other modules of `schema.resolvers`.
"""

from datetime import datetime

from db.ids import new_id
from db.models import ParticipantRow

from ..inputs import NewParticipant


def new_participants(
    inputs: list[NewParticipant], now: datetime, appointment_id: str = ""
) -> list[ParticipantRow]:
    """Returns the rows of participants to add, in the order in which they were sent."""
    return [
        ParticipantRow(
            id=new_id(),
            appointment_id=appointment_id,
            unique_id=each.unique_id,
            display_name=each.display_name if isinstance(each.display_name, str) else None,
            role=each.role,
            link_version=1,
            created_at=now,
            updated_at=now,
        )
        for each in inputs
    ]
