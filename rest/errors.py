"""Problems in the words of the original service: status, headers and body of a refusal.

Used by `rest.face`; messages of broken constraints are drawn from their codes.
"""

from typing import Any, NamedTuple

from schema.decoding import MalformedJson
from schema.domain.errors import (
    DeadlineExceeded,
    FieldError,
    Forbidden,
    NotFound,
    Path,
    Problem,
    Unauthenticated,
    ValidationFailed,
)
from schema.operation.throttle import Throttled
from schema.resolvers.pages import InvalidPage

from .input.reader import WHOLE, Refusal
from .wire.body import BodyTooLarge
from .wire.limits import throttled

RETRY_SECONDS = b"5"
WORDS = {
    "null": "This field may not be null.",
    "blank": "This field may not be blank.",
    "too_long": "Ensure this field has no more than {limit} characters.",
    "too_small": "Ensure this value is greater than or equal to {limit}.",
    "too_large": "Ensure this value is less than or equal to {limit}.",
    "too_many": "Ensure this field has no more than {limit} elements.",
    "duplicate": "This participant is listed more than once.",
    "out_of_range": "Datetime value out of range.",
}
# The names of query parameters where they differ from those of the filter they become.
PARAMETERS = {"starts_from": "start_date", "starts_until": "end_date"}
# Arguments that are the whole body over REST.
BODIES = frozenset({("participants",)})
FILTERS = ("participant_unique_id", *PARAMETERS.values())


class NoSuchPath(Problem):
    """Nothing stands at this path, or its id is none."""

    def __init__(self) -> None:
        super().__init__("Not found.")


class NotAcceptable(Problem):
    """The Accept header refuses JSON."""

    def __init__(self) -> None:
        super().__init__("Could not satisfy the request Accept header.")


class MethodNotAllowed(Problem):
    """The path has no operation of this method."""

    def __init__(self, method: str) -> None:
        super().__init__(f'Method "{method}" not allowed.')


class UnsupportedMediaType(Problem):
    """The body is of a type that is not read."""

    def __init__(self, content_type: str) -> None:
        super().__init__(f'Unsupported media type "{content_type}" in request.')


STATUSES: dict[type[Problem], int] = {
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    NoSuchPath: 404,
    InvalidPage: 404,
    MethodNotAllowed: 405,
    NotAcceptable: 406,
    BodyTooLarge: 413,
    UnsupportedMediaType: 415,
    Throttled: 429,
    DeadlineExceeded: 503,
}


class Refused(NamedTuple):
    """How a problem is answered."""

    status: int
    content: Any
    headers: tuple[tuple[bytes, bytes], ...] = ()


def draw(problem: Problem) -> Refused:
    """Returns the answer to a problem; 400 unless the table says otherwise."""
    status = STATUSES.get(type(problem), 400)
    if isinstance(problem, ValidationFailed):
        return Refused(status, _fields(problem))
    if isinstance(problem, Unauthenticated):
        return Refused(status, {"detail": problem.message}, ((b"www-authenticate", b"Token"),))
    if isinstance(problem, DeadlineExceeded):
        return Refused(status, {"detail": problem.message}, ((b"retry-after", RETRY_SECONDS),))
    if isinstance(problem, Throttled):
        return Refused(status, {"detail": problem.message}, throttled(problem))
    return Refused(status, {"detail": _detail(problem)})


def _detail(problem: Problem) -> str:
    if isinstance(problem, NotFound):
        return f"No {problem.kind} matches the given query."
    if isinstance(problem, Forbidden):
        return "You do not have permission to perform this action."
    if isinstance(problem, MalformedJson):
        return f"JSON parse error - {problem.message}"
    return problem.message


def sentence(error: FieldError) -> str:
    """Returns the documented words for a broken constraint."""
    character = error.values.get("character")
    if character == "\x00":
        return "Null characters are not allowed."
    if character is not None:
        return f"Surrogate characters are not allowed: U+{ord(character):04X}."
    words = WORDS.get(error.code)
    return error.message if words is None else words.format(**error.values)


def _fields(problem: ValidationFailed) -> Any:
    """The errors at their places in what was sent; items without one are `{}`."""
    if isinstance(problem, Refusal):
        return _placed(problem.fields, problem.sent)
    # The gate and the resolvers name the argument first, which no caller of REST has seen.
    return _placed([each._replace(path=_parameter(each.path)) for each in problem.fields], None)


def _parameter(path: Path) -> Path:
    if path in BODIES:
        return (WHOLE,)
    first, *rest = path[1:] or path
    return (PARAMETERS.get(first, first) if isinstance(first, str) else first, *rest)


def _placed(errors: list[FieldError], sent: Any) -> Any:
    tree: dict[str | int, Any] = {}
    for error in errors:
        *steps, last = error.path
        node = tree
        for step in steps:
            node = node.setdefault(step, {})
        node.setdefault(last, []).append(sentence(error))
    return _drawn(tree, sent)


def _drawn(node: Any, sent: Any) -> Any:
    if isinstance(node, list):
        return node
    if isinstance(next(iter(node)), int):
        length = len(sent) if isinstance(sent, list) else max(node) + 1
        inside = sent if isinstance(sent, list) else [None] * length
        return [_drawn(node[at], inside[at]) if at in node else {} for at in range(length)]
    values = sent if isinstance(sent, dict) else {}
    return {name: _drawn(inner, values.get(name)) for name, inner in node.items()}
