"""The texts of the join page for each state, in English; they are ids in the catalogs."""

from datetime import timedelta
from typing import NamedTuple

from db.models import ParticipantRole
from schema.domain import admission
from schema.domain.admission import Admission, AdmissionCode

from ..languages.language import Language
from ..languages.marks import N_, NN_


class Words(NamedTuple):
    """The texts of one state; the main sentence is in SENTENCES.

    `sign` names the picture. Without scripts the page reloads after `refresh_seconds`, unless 0.
    """

    headline: str
    note: str = ""
    sign: str = "over"
    refresh_seconds: int = 0

    def said_in(self, language: Language, **values: object) -> "Words":
        """Returns the same in a language, with `{name}` filled in from `values`."""
        note = self.note and language.text(self.note, **values)
        return self._replace(headline=language.text(self.headline), note=note)


WORDS = {
    AdmissionCode.TOO_EARLY: Words(
        N_("You are early"), N_("Keep this page open: it opens by itself."), "early", 60
    ),
    AdmissionCode.OPEN: Words(N_("You can join now"), sign="open"),
    AdmissionCode.WAITING_FOR_MODERATOR: Words(
        N_("Please wait here"),
        N_("Keep this page open: you are let in as soon as somebody opens the appointment."),
        "waiting",
        20,
    ),
    AdmissionCode.ENDED: Words(N_("Nothing left to join"), N_("You can close this page.")),
    AdmissionCode.CANCELLED: Words(
        N_("Cancelled"), N_("Ask the organizer if you need a new appointment.")
    ),
    AdmissionCode.REMOVED: Words(N_("This link no longer works"), sign="unknown"),
    AdmissionCode.UNKNOWN_LINK: Words(N_("We cannot place this link"), sign="unknown"),
}
# What the page says for each message of a decision, which stays English in JSON.
SENTENCES = {
    admission.MISSED: N_(
        "Nobody started this appointment in time. Ask the organizer for a new one."
    ),
    admission.OVER: N_("This appointment has ended."),
    admission.CANCELLED: N_("This appointment was cancelled."),
    admission.EARLY: N_("It is too early: this link opens shortly before the appointment."),
    admission.WAITING: N_("The appointment has not been opened yet: wait for the moderator."),
    admission.COME_IN: N_("Come in."),
    admission.GONE: N_(
        "You are no longer invited to this appointment. Ask the organizer if this is a mistake."
    ),
    admission.REPLACED: N_(
        "This link was replaced by a newer one. Ask the organizer for your new link."
    ),
    admission.UNKNOWN: N_(
        "This link is not known here. Check that it is complete, or ask the organizer for it."
    ),
}
FAR = Words(
    N_("You are early"),
    N_("You can close this page. Come back with the same link shortly before the appointment."),
    "early",
)
OPENS_FOR_ALL = N_("Joining opens the appointment for everybody.")
MISSED = Words(N_("This appointment did not take place"))
JOINED = Words(N_("You are in"), N_("Keep this page open."), "open", 20)
WILL_CONNECT = N_("The organizer will connect you.")
ROOM_OPENS = N_("The room opens here in a moment.")
THROTTLED = Words(N_("Too many unknown links"), sign="unknown")
TRY_LATER = NN_(
    "Too many links that are not known here came from your network. Try again in one second.",
    "Too many links that are not known here came from your network. Try again in {n} seconds.",
)
CROWDED = (
    "Too many event streams of this link, or from your network, are open. Close one, or ask for "
    "the decision every few seconds instead."
)
UNAVAILABLE = Words(N_("One moment, please"), N_("This page tries again by itself."), "early", 10)
CANNOT_LOOK = N_("This link cannot be looked up at the moment.")
FAILED = Words(
    N_("Something went wrong"), N_("If it happens again, tell the organizer this number: {number}")
)
OUR_FAULT = N_("That is our fault, not yours. Try again in a moment.")

ROLES = {
    ParticipantRole.MODERATOR: N_("Moderator"),
    ParticipantRole.PARTICIPANT: N_("Participant"),
}

# Nobody keeps a page open for longer.
FAR_AHEAD = timedelta(days=1)


def is_far(admission: Admission) -> bool:
    """Whether the opening is so far ahead that the visitor had better come back for it."""
    opens_at = admission.opens_at
    if opens_at is None or admission.code is not AdmissionCode.TOO_EARLY:
        return False
    return opens_at - admission.server_time > FAR_AHEAD


def sentence_of(admission: Admission) -> str:
    """Returns the main sentence of the page for a decision, in English."""
    return SENTENCES.get(admission.message, admission.message)
