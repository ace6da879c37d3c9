"""The built-in room: taking a seat, coming back to it, leaving it, and what moderators do.

Everything happens under the write turn of the organization, so that of two who want the last seat
one gets it.
"""

from ...domain.seating import SeatCode, SeatRefused
from .keeping import keep, sweep
from .leaving import leave, lose
from .messages import ends, fetch, post
from .moderating import admit, end, remove
from .roster import Roster, SeatedPerson, roster
from .taking import Taken, resume, take, ticket

__all__ = [
    "Roster",
    "SeatCode",
    "SeatRefused",
    "SeatedPerson",
    "Taken",
    "admit",
    "end",
    "ends",
    "fetch",
    "keep",
    "leave",
    "lose",
    "post",
    "remove",
    "resume",
    "roster",
    "sweep",
    "take",
    "ticket",
]
