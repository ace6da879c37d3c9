"""Problems in the words of the original service: status, headers and body of an error.

Messages of broken constraints follow from their codes.
"""

from typing import Any

from schema.decoding import MalformedJson
from schema.domain.errors import (
    CursorExpired,
    DeadlineExceeded,
    FieldError,
    Forbidden,
    LogReplaced,
    NotFound,
    Path,
    Problem,
    Unauthenticated,
    ValidationFailed,
)
from schema.domain.idempotency import AnswerGone, KeyInUse, KeyReused
from schema.operation.throttle import Throttled
from schema.resolvers.pages import InvalidPage

from .input.objects import WHOLE, InvalidInput
from .wire.answer import NOTHING, Answer, Header
from .wire.body import BodyTooLarge
from .wire.limits import throttled
from .wire.problems import (
    MethodNotAllowed,
    NoSuchPath,
    NotAcceptable,
    NotModified,
    PreconditionFailed,
    UnsupportedMediaType,
)
from .wire.stream import TooManyConnections

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
# Query parameters whose names differ from those of the filter.
PARAMETERS = {"starts_from": "start_date", "starts_until": "end_date"}
# Arguments that are a whole body over REST.
BODIES = frozenset({("participants",)})


STATUSES: dict[type[Problem], int] = {
    NotModified: 304,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    NoSuchPath: 404,
    InvalidPage: 404,
    MethodNotAllowed: 405,
    NotAcceptable: 406,
    KeyInUse: 409,
    CursorExpired: 410,
    LogReplaced: 410,
    PreconditionFailed: 412,
    BodyTooLarge: 413,
    UnsupportedMediaType: 415,
    KeyReused: 422,
    AnswerGone: 422,
    Throttled: 429,
    TooManyConnections: 429,
    DeadlineExceeded: 503,
}


def render(problem: Problem) -> Answer:
    """Returns the answer to a problem; 400 unless the table says otherwise."""
    status = STATUSES.get(type(problem), 400)
    if isinstance(problem, ValidationFailed):
        return Answer(status, _fields(problem))
    if isinstance(problem, NotModified):
        return Answer(status, NOTHING, tag=problem.tag)
    if isinstance(problem, PreconditionFailed):
        return Answer(status, {"detail": problem.message}, tag=problem.tag)
    return Answer(status, {"detail": _detail(problem)}, _headers(problem))


def _headers(problem: Problem) -> tuple[Header, ...]:
    if isinstance(problem, Unauthenticated):
        return ((b"www-authenticate", b"Token"),)
    if isinstance(problem, DeadlineExceeded):
        return ((b"retry-after", RETRY_SECONDS),)
    if isinstance(problem, KeyInUse):
        return ((b"retry-after", b"%d" % problem.retry_seconds),)
    return throttled(problem) if isinstance(problem, Throttled) else ()


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
    """The errors at their positions in what was sent; items without one are `{}`."""
    if isinstance(problem, InvalidInput):
        return _arranged(problem.fields, problem.sent)
    # The gate and the resolvers name the argument first, which REST clients do not know.
    return _arranged([each._replace(path=_parameter(each.path)) for each in problem.fields], None)


def _parameter(path: Path) -> Path:
    if path in BODIES:
        return (WHOLE,)
    first, *rest = path[1:] or path
    return (PARAMETERS.get(first, first) if isinstance(first, str) else first, *rest)


def _arranged(errors: list[FieldError], sent: Any) -> Any:
    tree: dict[str | int, Any] = {}
    for error in errors:
        *steps, last = error.path
        node = tree
        for step in steps:
            node = node.setdefault(step, {})
        node.setdefault(last, []).append(sentence(error))
    return _rendered(tree, sent)


def _rendered(node: Any, sent: Any) -> Any:
    if isinstance(node, list):
        return node
    if isinstance(next(iter(node)), int):
        length = len(sent) if isinstance(sent, list) else max(node) + 1
        inside = sent if isinstance(sent, list) else [None] * length
        return [_rendered(node[at], inside[at]) if at in node else {} for at in range(length)]
    values = sent if isinstance(sent, dict) else {}
    return {name: _rendered(inner, values.get(name)) for name, inner in node.items()}
