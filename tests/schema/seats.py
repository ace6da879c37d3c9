"""Seats and settings of rooms for the tests of `schema.rooms`."""

from datetime import UTC, datetime, timedelta
from typing import Any

from db.models import AppointmentRow, AppointmentStatus, ParticipantRole, ParticipantRow
from schema.rooms import Seat
from schema.rooms.jitsi import JitsiSettings
from schema.rooms.livekit import LiveKitSettings

APPOINTMENT_ID = "0197c3a0-5d7e-7c31-9c5a-3f1b2a4d6e80"
PARTICIPANT_ID = "0197c3a0-5d7f-7a02-8f4e-1d2c3b4a5968"
MODERATOR, PARTICIPANT = ParticipantRole.MODERATOR, ParticipantRole.PARTICIPANT
SECRET = "wR7pYc2vKq9sTn4xZb6mLd8fHj3gQa5u"
ODD_NAMES = [
    'Zoë "Zo" O\'Neil',
    "👩‍⚖️ 裁判官 🎉",
    "a&b#c/d%20e?f=g+h;i",
    "\u200fשָׁלוֹם עולם\u200e",
    "عبد الله (المترجم)",
    "<script>alert(1)</script>",
    "back\\slash {role} %7Brole%7D",
    "..",
]


def seat(
    *,
    role: ParticipantRole = PARTICIPANT,
    display_name: str | None = "Ada Lovelace",
    unique_id: str = "ada@example.org",
    title: str = "Passport renewal",
    config: dict[str, bool] | None = None,
    now: datetime | None = None,
    closes_in: timedelta = timedelta(hours=1),
    appointment_id: str = APPOINTMENT_ID,
    participant_id: str = PARTICIPANT_ID,
) -> Seat:
    """A person about to enter a room whose window closes after `closes_in`."""
    at = now or datetime.now(UTC)
    appointment = AppointmentRow(
        id=appointment_id,
        title=title,
        start_date_time=at,
        duration_minutes=30,
        config=config,
        status=AppointmentStatus.ACTIVE,
        version=2,
        started_at=at,
        ended_at=None,
        cancelled_at=None,
        cancel_reason=None,
        clock_end_at=at + timedelta(minutes=30),
        created_at=at,
        updated_at=at,
        participant_count=1,
    )
    participant = ParticipantRow(
        id=participant_id,
        appointment_id=appointment_id,
        unique_id=unique_id,
        display_name=display_name,
        role=role,
        link_version=1,
        created_at=at,
        updated_at=at,
    )
    return Seat(appointment, participant, "org-1", "Consulate General", at, at + closes_in)


def jitsi(**values: Any) -> JitsiSettings:
    """Complete settings of Jitsi."""
    given = {
        "jitsi_url": "https://meet.example.org",
        "jitsi_app_id": "connect",
        "jitsi_app_secret": SECRET,
    }
    return JitsiSettings(**(given | values))


def livekit(**values: Any) -> LiveKitSettings:
    """Complete settings of LiveKit."""
    given = {
        "livekit_url": "wss://livekit.example.org",
        "livekit_api_key": "APIkey123",
        "livekit_api_secret": SECRET,
        "livekit_meet_url": "https://meet.example.org/custom",
    }
    return LiveKitSettings(**(given | values))
