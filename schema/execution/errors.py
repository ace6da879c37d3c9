"""Errors at the top level of an answer: their codes, their shape, what is hidden of them."""

import uuid
from collections.abc import Sequence
from typing import Any

import structlog
from graphql import GraphQLError

from db.engine import DatabaseUnavailable

from ..domain.errors import BadInput, Forbidden, Problem, Unauthenticated, ValidationFailed
from ..operation.call import Call
from ..types.problems import path_of
from .wording import in_json

# Validation and coercion stop at this many errors, each cut at so many characters: an error
# repeats what was sent, and it may have been sent a thousand times.
MAX_ERRORS = 5
MAX_CHARACTERS = 300

log = structlog.get_logger("connect.graphql")


class RequestError(Exception):
    """The request cannot be executed: nothing of it ran."""

    def __init__(self, errors: list[dict[str, Any]], *, status: int = 400) -> None:
        super().__init__(errors[0]["message"])
        self.errors = errors
        self.status = status


def problem(message: str, code: str) -> dict[str, Any]:
    """Returns a top-level error without a place in the document."""
    return {"message": message, "extensions": {"code": code}}


def formatted(error: GraphQLError, code: str) -> dict[str, Any]:
    """Returns an error as the specification formats it, with its code, cut when it is long."""
    result: dict[str, Any] = dict(error.formatted)
    result["message"] = _cut(in_json(result["message"][: 2 * MAX_CHARACTERS]))
    result["extensions"] = {"code": code, **(error.extensions or {})}
    return result


def refusal(errors: list[GraphQLError], code: str) -> RequestError:
    """Returns the refusal of a document or of variables with at most `MAX_ERRORS` errors."""
    return RequestError([formatted(error, code) for error in errors[:MAX_ERRORS]])


def rendered(error: GraphQLError, call: Call | None) -> dict[str, Any]:
    """Returns an error of execution; what is not the caller's doing is logged and masked."""
    cause = error.original_error
    if cause is None or isinstance(cause, GraphQLError):
        return formatted(error, "BAD_USER_INPUT")
    if isinstance(cause, Problem):
        return _of_problem(error, cause)
    if isinstance(cause, DatabaseUnavailable):
        log.error("database_unavailable", reason=str(cause), path=error.path)
        unavailable = formatted(error, "UNAVAILABLE")
        unavailable["message"] = "The database cannot be reached at the moment. Try again."
        return unavailable
    error_id = uuid.uuid4().hex
    log.error(
        "operation_failed",
        error_id=error_id,
        request_id=call.request_id if call else None,
        path=error.path,
        exc_info=cause,
    )
    masked = formatted(error, "INTERNAL_SERVER_ERROR")
    masked["message"] = f"Something went wrong on our side. Quote the error id {error_id}."
    masked["extensions"]["errorId"] = error_id
    return masked


def ensure_available(errors: Sequence[GraphQLError], call: Call | None) -> None:
    """Raises DatabaseUnavailable when an error is one, unless the call has written before."""
    if call is None or call.snapshot.has_written:
        return
    for error in errors:
        if isinstance(error.original_error, DatabaseUnavailable):
            raise DatabaseUnavailable(str(error.original_error)) from error.original_error


def _of_problem(error: GraphQLError, cause: Problem) -> dict[str, Any]:
    result = formatted(error, _code_of(cause))
    if isinstance(cause, ValidationFailed):
        result["extensions"]["fields"] = [
            {"path": path_of(each.path), "code": each.code.name, "message": each.message}
            for each in cause.fields[:MAX_ERRORS]
        ]
    return result


def _code_of(cause: Problem) -> str:
    if isinstance(cause, Forbidden):
        return "FORBIDDEN"
    if isinstance(cause, Unauthenticated):
        return "UNAUTHENTICATED"
    is_input = isinstance(cause, BadInput | ValidationFailed)
    return "BAD_USER_INPUT" if is_input else cause.code.upper()


def _cut(message: str) -> str:
    return message if len(message) <= MAX_CHARACTERS else message[: MAX_CHARACTERS - 1] + "…"
