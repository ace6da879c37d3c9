"""Problems: what a caller can act on. Each face renders them in its own way.

Messages are English for developers and say what to do next.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from .codes import FieldProblemCode, ProblemCode

if TYPE_CHECKING:
    # Only named here: the settings come by on their way to the command line, which is to be quick.
    from db.models import AppointmentStatus

Path = tuple[str | int, ...]


class FieldError(NamedTuple):
    """One broken constraint: where, which, and the values that its sentence needs."""

    path: Path
    code: FieldProblemCode
    message: str
    values: dict[str, Any] = {}  # noqa: RUF012  (never changed)


class Problem(Exception):
    """Something that the caller can act on."""

    code: str = "problem"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Unauthenticated(Problem):
    """No token, or none that is good; `reason` names the case for the faces."""

    code = "unauthenticated"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Forbidden(Problem):
    """The token is good but lacks the scope."""

    code = "forbidden"

    def __init__(self, scope: str) -> None:
        super().__init__(f"This needs a token with the scope `{scope}`: ask your operator for one.")


class DeadlineExceeded(Problem):
    """The operation took longer than it may; what it had not begun to write is not written."""

    code = "deadline_exceeded"

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"This took longer than {seconds:g} seconds and was stopped. "
            "Ask for less at a time, or try again."
        )


class BadInput(Problem):
    """An argument cannot be used at all; a top-level error over GraphQL."""

    code = "bad_input"


class CursorExpired(Problem):
    """The events that follow a cursor are no longer kept."""

    code = "cursor_expired"

    def __init__(self, days: int) -> None:
        unit = "day" if days == 1 else "days"
        super().__init__(
            f"What follows this cursor is no longer kept: events stay for {days} {unit}. "
            "Read what you need anew, then go on from the oldest event (an empty `after`)."
        )


class LogReplaced(CursorExpired):
    """The event that a cursor names is not in the log: a backup was restored meanwhile."""

    def __init__(self) -> None:
        Problem.__init__(
            self,
            "This cursor is not of the event log as it is now, which was restored from a backup "
            "since. Read what you need anew, then go on from the oldest event (an empty `after`).",
        )


class ValidationFailed(Problem):
    """Values break constraints; all of them are listed at once."""

    code = ProblemCode.VALIDATION_FAILED

    def __init__(self, fields: Sequence[FieldError]) -> None:
        super().__init__("Some values are not accepted: `fields` says which and why.")
        self.fields = list(fields)


class NotFound(Problem):
    """The object does not exist or the caller may not see it."""

    code = ProblemCode.NOT_FOUND

    def __init__(self, kind: str, id: str) -> None:
        super().__init__(f"There is no {kind.lower()} with this id in your organization.")
        self.kind = kind
        self.id = id


class NotAllowedInStatus(Problem):
    """The state of the appointment does not allow this; `rule` names which rule said so."""

    code = ProblemCode.NOT_ALLOWED_IN_STATUS

    def __init__(self, status: AppointmentStatus, rule: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.rule = rule


class OutsideJoinWindow(Problem):
    """The appointment cannot be started before moderators can join, nor after its links close."""

    code = ProblemCode.OUTSIDE_JOIN_WINDOW

    def __init__(self, opens_at: datetime, closes_at: datetime) -> None:
        opens, closes = (text_of(each) for each in (opens_at, closes_at))
        super().__init__(f"This appointment can be started from {opens} until {closes}.")
        self.opens_at = opens_at
        self.closes_at = closes_at


class VersionConflict(Problem):
    """`expectedVersion` is not the current version."""

    code = ProblemCode.VERSION_CONFLICT

    def __init__(self, current_version: int) -> None:
        super().__init__(
            f"The appointment is at version {current_version}: read it again, then retry."
        )
        self.current_version = current_version


def text_of(instant: datetime) -> str:
    """Returns an instant in UTC as messages and events write it."""
    return instant.isoformat().replace("+00:00", "Z")
