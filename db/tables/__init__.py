"""The tables: what migrations build and `db.statements` writes statements over.

Imported to compile statements and to migrate; a server whose statements are compiled needs none.
"""

from .appointment import Appointment
from .event import Event
from .organization import ApiToken, Organization
from .participant import Participant

__all__ = ["ApiToken", "Appointment", "Event", "Organization", "Participant"]
