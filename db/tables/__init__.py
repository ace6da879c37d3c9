"""The tables, for the statements in `db.statements` and for comparison with the migrations.

Imported only to compile statements and to migrate.
"""

from .appointment import Appointment
from .event import Event
from .histogram import AppointmentHistogram
from .idempotency import Idempotency
from .lease import Lease
from .organization import ApiToken, Organization
from .participant import Participant
from .room import RoomMessage, RoomSeat

__all__ = [
    "ApiToken",
    "Appointment",
    "AppointmentHistogram",
    "Event",
    "Idempotency",
    "Lease",
    "Organization",
    "Participant",
    "RoomMessage",
    "RoomSeat",
]
