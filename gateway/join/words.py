"""The texts of the join page for each state, and its times as rendered without scripts."""

from datetime import UTC, datetime
from typing import NamedTuple

from db.models import ParticipantRole
from schema.domain.admission import AdmissionCode


class Words(NamedTuple):
    """The texts of one state; the main sentence comes from the decision.

    `sign` names the picture. Without scripts the page reloads after `refresh_seconds`, unless 0.
    """

    headline: str
    note: str = ""
    sign: str = "over"
    refresh_seconds: int = 0


WORDS = {
    AdmissionCode.TOO_EARLY: Words(
        "You are early", "Keep this page open: it opens by itself.", "early", 60
    ),
    AdmissionCode.OPEN: Words("You can join now", sign="open"),
    AdmissionCode.WAITING_FOR_MODERATOR: Words(
        "Please wait here",
        "Keep this page open: you are let in as soon as somebody opens the appointment.",
        "waiting",
        20,
    ),
    AdmissionCode.ENDED: Words("Nothing left to join", "You can close this page."),
    AdmissionCode.CANCELLED: Words(
        "Called off", "Ask the organizer if you need a new appointment."
    ),
    AdmissionCode.REMOVED: Words("This link no longer works", sign="unknown"),
    AdmissionCode.UNKNOWN_LINK: Words("We cannot place this link", sign="unknown"),
}
OPENS_FOR_ALL = "Joining opens the appointment for everybody."
MISSED = Words("This appointment did not take place")
JOINED = Words("You are in", "Keep this page open.", "open", 20)
WILL_CONNECT = "The organizer will connect you."
THROTTLED = Words("Too many unknown links", sign="unknown")
TRY_LATER = (
    "Too many links that are not known here came from your network. Try again in {} seconds."
)
CROWDED = (
    "Too many event streams of this link, or from your network, are open. Close one, or ask for "
    "the decision every few seconds instead."
)
UNAVAILABLE = Words("One moment, please", "This page tries again by itself.", "early", 10)
CANNOT_LOOK = "This link cannot be looked up at the moment."
FAILED = Words("Something went wrong", "If it happens again, tell the organizer this number: {}")
OUR_FAULT = "That is our fault, not yours. Try again in a moment."

ROLES = {
    ParticipantRole.MODERATOR: "Moderator",
    ParticipantRole.PARTICIPANT: "Participant",
}


def day(instant: datetime) -> str:
    """Returns the day in UTC, such as `Monday, 2 March 2026`."""
    utc = instant.astimezone(UTC)
    return f"{utc:%A}, {utc.day} {utc:%B} {utc.year}"


def time(instant: datetime, near: datetime) -> str:
    """Returns the time in UTC, with the day if it differs from that of `near`."""
    utc = instant.astimezone(UTC)
    clock = f"{utc:%H:%M}"
    if utc.date() == near.astimezone(UTC).date():
        return clock
    return f"{utc:%a} {utc.day} {utc:%b}, {clock}"
