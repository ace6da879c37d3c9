"""A seat, one person about to enter one room, and what an adapter does with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from db.models import AppointmentRow, ParticipantRow

# The switches of an appointment in their documented order, with their names over GraphQL.
SWITCHES = {
    "breakout_rooms_enabled": "breakoutRoomsEnabled",
    "whiteboard_enabled": "whiteboardEnabled",
    "chat_enabled": "chatEnabled",
    "join_screen_enabled": "joinScreenEnabled",
    "screenshare_enabled": "screenshareEnabled",
    "raise_hand_enabled": "raiseHandEnabled",
}
# What XML, and with it XMPP, cannot carry at all, and what no name needs.
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]+")


class Seat(NamedTuple):
    """One person about to enter one room; `closes_at` is the end of the link's window, UTC."""

    appointment: AppointmentRow
    participant: ParticipantRow
    organization_id: str
    organization_name: str
    now: datetime
    closes_at: datetime

    @property
    def is_moderator(self) -> bool:
        """Whether the person runs the room, by the current role."""
        return self.participant.role == "moderator"

    @property
    def shown_name(self) -> str:
        """What others read: the display name, or the role when none was given."""
        name = CONTROLS.sub(" ", self.participant.display_name or "").strip()
        return name or ("Moderator" if self.is_moderator else "Participant")

    def switch(self, name: str) -> bool | None:
        """A switch of the appointment; None when it was not set."""
        return (self.appointment.config or {}).get(name)


class Rooms(Protocol):
    """An adapter: what joining leads to at one kind of room service."""

    name: str

    def unsupported(self, config: dict[str, bool] | None) -> list[str]:
        """Returns the GraphQL names of switches that are set and cannot be expressed, in order."""

    def address(self, seat: Seat) -> str | None:
        """Returns the absolute URL that joining leads to, with a freshly minted vendor token.

        None: the person stays on the join page.
        """

    async def eject(self, seat: Seat) -> None:
        """Puts a removed person out of the room where the vendor can; logs failures, raises none.

        Takes seconds when the vendor does not answer: not to be awaited within a transaction.
        """

    async def close(self) -> None:
        """Lets go of what the adapter holds."""


def unsupported(config: Mapping[str, bool | None] | None, expressed: frozenset[str]) -> list[str]:
    """Returns the GraphQL names of the switches that are set, true or false, but not expressed."""
    given = config or {}
    return [
        shown
        for name, shown in SWITCHES.items()
        if given.get(name) is not None and name not in expressed
    ]
