"""Problems as data: how GraphQL renders `schema.domain.errors`.

The handlers turn a raised Problem into its member of the field's result union.
"""

from datetime import datetime
from typing import Any

import strawberry
from strawberry import ID, ExceptionHandler
from strawberry.utils.str_converters import to_camel_case

from db.models import AppointmentStatus

from .. import scalars  # noqa: F401  (describes enumerations before a type names one)
from ..domain import errors
from ..domain.codes import FieldProblemCode, ProblemCode
from ..fields import ListSize

CODE = "Stable machine code, the same on every face."
MAX_FIELD_PROBLEMS = 100
MESSAGE = "English text for developers: what is wrong and what to do next."


def code_of(kind: type[errors.Problem]) -> Any:
    """Returns the field `code` of a problem, described by the value that it always has."""
    return strawberry.field(description=f"`{ProblemCode(kind.code).name}`.")


@strawberry.interface(description="What the caller can act on. Anything else is a top-level error.")
class Problem:
    """A problem as data."""

    code: ProblemCode = strawberry.field(description=CODE)
    message: str = strawberry.field(description=MESSAGE)


@strawberry.type(description="One broken constraint.")
class FieldProblem:
    """One broken constraint, as data."""

    path: list[str] = strawberry.field(
        description="Path into the arguments, for instance "
        '`["input", "participants", "1", "uniqueId"]`.'
    )
    code: FieldProblemCode = strawberry.field(description="What is wrong.")
    message: str = strawberry.field(description=MESSAGE)


@strawberry.type(description="Values break constraints; all of them are listed at once.")
class ValidationFailed(Problem):
    """Broken constraints, as data."""

    code: ProblemCode = code_of(errors.ValidationFailed)
    fields: list[FieldProblem] = strawberry.field(
        description="Every broken constraint, the first hundred of them.",
        directives=[ListSize(assumed_size=MAX_FIELD_PROBLEMS)],
    )


@strawberry.type(description="The object does not exist or the caller may not see it.")
class NotFound(Problem):
    """A missing object, as data."""

    code: ProblemCode = code_of(errors.NotFound)
    # Relay takes it for the id of a record; docs/clients.md tells it apart by the type.
    id: ID = strawberry.field(description="The id that was asked for.")


@strawberry.type(description="The state of the appointment does not allow this.")
class NotAllowedInStatus(Problem):
    """A broken state rule, as data."""

    code: ProblemCode = code_of(errors.NotAllowedInStatus)
    status: AppointmentStatus = strawberry.field(description="The status it is in.")


@strawberry.type(
    description="An appointment is started while its links are open for moderators, "
    "not before and not after."
)
class OutsideJoinWindow(Problem):
    """A start at the wrong time, as data."""

    code: ProblemCode = code_of(errors.OutsideJoinWindow)
    opens_at: datetime = strawberry.field(description="When moderators can join.")
    closes_at: datetime = strawberry.field(description="When the links close.")


@strawberry.type(description="`expectedVersion` is not the current version.")
class VersionConflict(Problem):
    """A lost race, as data."""

    code: ProblemCode = code_of(errors.VersionConflict)
    current_version: int = strawberry.field(description="The version it is at.")


def path_of(path: errors.Path) -> list[str]:
    """Returns a path as GraphQL spells it."""
    return [to_camel_case(step) if isinstance(step, str) else str(step) for step in path]


class DrawValidationFailed(ExceptionHandler[errors.ValidationFailed, ValidationFailed]):
    """Renders ValidationFailed."""

    def handle(self, exception: errors.ValidationFailed, *, field: Any, info: Any) -> Any:
        """Returns the problem as data."""
        fields = [
            FieldProblem(path=path_of(each.path), code=each.code, message=each.message)
            for each in exception.fields[:MAX_FIELD_PROBLEMS]
        ]
        return ValidationFailed(code=exception.code, message=exception.message, fields=fields)


class DrawNotFound(ExceptionHandler[errors.NotFound, NotFound]):
    """Renders NotFound."""

    def handle(self, exception: errors.NotFound, *, field: Any, info: Any) -> Any:
        """Returns the problem as data."""
        return NotFound(code=exception.code, message=exception.message, id=ID(exception.id))


class DrawNotAllowedInStatus(ExceptionHandler[errors.NotAllowedInStatus, NotAllowedInStatus]):
    """Renders NotAllowedInStatus."""

    def handle(self, exception: errors.NotAllowedInStatus, *, field: Any, info: Any) -> Any:
        """Returns the problem as data."""
        return NotAllowedInStatus(
            code=exception.code, message=exception.message, status=exception.status
        )


class DrawOutsideJoinWindow(ExceptionHandler[errors.OutsideJoinWindow, OutsideJoinWindow]):
    """Renders OutsideJoinWindow."""

    def handle(self, exception: errors.OutsideJoinWindow, *, field: Any, info: Any) -> Any:
        """Returns the problem as data."""
        return OutsideJoinWindow(
            code=exception.code,
            message=exception.message,
            opens_at=exception.opens_at,
            closes_at=exception.closes_at,
        )


class DrawVersionConflict(ExceptionHandler[errors.VersionConflict, VersionConflict]):
    """Renders VersionConflict."""

    def handle(self, exception: errors.VersionConflict, *, field: Any, info: Any) -> Any:
        """Returns the problem as data."""
        return VersionConflict(
            code=exception.code,
            message=exception.message,
            current_version=exception.current_version,
        )


HANDLERS: list[ExceptionHandler[Any, Any]] = [
    DrawValidationFailed(),
    DrawNotFound(),
    DrawNotAllowedInStatus(),
    DrawOutsideJoinWindow(),
    DrawVersionConflict(),
]
