"""What a room service reports by webhook: who came in and who left."""

from datetime import datetime
from typing import NamedTuple, Protocol, runtime_checkable


class DeviceJoined(NamedTuple):
    """A person's device is connected, since `at` (UTC, whole seconds)."""

    appointment_id: str
    participant_id: str
    at: datetime
    event_id: str


class DeviceLeft(NamedTuple):
    """A person's device is gone, since `at` (UTC, whole seconds).

    Services send an event again until it is answered: `event_id` stays the same.
    """

    appointment_id: str
    participant_id: str
    at: datetime
    event_id: str


class WebhookRefused(Exception):
    """The request does not come from the room service; says why."""


class WebhookMalformed(Exception):
    """The request comes from the room service but cannot be used; says why."""


@runtime_checkable
class Reporting(Protocol):
    """Rooms whose service reports who left."""

    def webhook(self, body: bytes, authorization: str) -> DeviceLeft | DeviceJoined | None:
        """Returns what a signed webhook reports; None when it does not concern us.

        Raises WebhookRefused when it is not signed by the room service, WebhookMalformed when it
        is but cannot be used.
        """
