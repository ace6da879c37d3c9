"""What each operation answers: its success, and the errors that several have in common."""

from schema.domain.errors import CursorExpired
from schema.domain.idempotency import KeyInUse, KeyReused

from ..fields import Json
from ..operation import Operation
from ..wire.body import MAX_BYTES
from ..wire.problems import PreconditionFailed
from ..wire.request import JSON
from .examples import ANSWERED, INVALID
from .schemas import TEXT, ref

HEADERS: Json = {
    "Allow": {"description": "The methods of the path.", "schema": TEXT},
    "X-Request-Id": {
        "description": "Names this request in the log; your own is kept when you send one.",
        "required": True,
        "schema": {"type": "string", "pattern": r"^[A-Za-z0-9._-]{1,64}$"},
    },
    "ETag": {
        "description": "The version of the appointment; indented answers add their indent.",
        "required": True,
        "schema": {"type": "string", "pattern": r'^"[1-9][0-9]*(-[1-8])?"$'},
    },
    "EntityTag": {
        "description": "Another whenever what is read at this path is; indented answers add "
        "their indent.",
        "required": True,
        "schema": {"type": "string", "pattern": r'^"[0-9a-f]+(-[1-8])?"$'},
    },
    "X-Ignored-Fields": {
        "description": "What was sent and not used, separated by commas.",
        "schema": TEXT,
    },
    "X-Ignored-Parameters": {
        "description": "Query parameters that had no effect, separated by commas.",
        "schema": TEXT,
    },
    "WWW-Authenticate": {"description": "How to authenticate.", "required": True, "schema": TEXT},
    "RateLimit-Policy": {
        "description": "What the token may spend: points `q` in seconds `w`.",
        "schema": TEXT,
        "example": '"default";q=60000;w=60',
    },
    "RateLimit": {
        "description": "What is left of it: points `r`, all of them again in seconds `t`.",
        "schema": TEXT,
        "example": '"default";r=59990;t=1',
    },
    "Idempotency-Replayed": {
        "description": "`true` where the write had been made before, under the same "
        "`Idempotency-Key`: this is what it answered.",
        "schema": {"type": "string", "const": "true"},
    },
    "Retry-After": {
        "description": "Seconds to wait before the next attempt.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
}
DETAIL = ref("schemas", "Detail")
ALWAYS = ("X-Request-Id", "Allow", "RateLimit-Policy", "RateLimit", "X-Ignored-Parameters")

# Components of which a header has several.
NAMES = {"EntityTag": "ETag"}

UNKNOWN_HOST = "This host name is not ours: the operator sets CONNECT_ALLOWED_HOSTS."
LATER = ("Retry-After",)


def _answer(
    description: str,
    schema: Json | None = None,
    example: object = None,
    headers: tuple[str, ...] = (),
) -> Json:
    response: Json = {
        "description": description,
        "headers": {NAMES.get(name, name): ref("headers", name) for name in (*ALWAYS, *headers)},
    }
    if schema is not None:
        content = {"schema": schema} | ({"example": example} if example is not None else {})
        response["content"] = {JSON: content}
    return response


def _sentence(description: str, detail: str, headers: tuple[str, ...] = ()) -> Json:
    return _answer(description, DETAIL, {"detail": detail}, headers)


# Status, component, and what it says. Names are those of the statuses.
SHARED = {
    304: "NotModified",
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    406: "NotAcceptable",
    409: "Conflict",
    410: "Gone",
    412: "PreconditionFailed",
    413: "ContentTooLarge",
    414: "UriTooLong",
    415: "UnsupportedMediaType",
    422: "UnprocessableContent",
    429: "TooManyRequests",
    431: "HeadersTooLarge",
    500: "ServerError",
    503: "Unavailable",
}
OF_BODIES = {413, 415}
OF_CURSORS = {410}
OF_READS = {304}
OF_CONDITIONS = {304, 412}
OF_KEYS = {409, 422}
ERRORS: Json = {
    "BadRequest": _sentence("The request cannot be used, or a rule forbids it now.", UNKNOWN_HOST),
    "Unauthorized": _sentence(
        "No token, or none that is good; looked at before the method and the body.",
        "Authentication credentials were not provided.",
        ("WWW-Authenticate",),
    ),
    "Forbidden": _sentence(
        "The token lacks the scope.", "You do not have permission to perform this action."
    ),
    "NotFound": _sentence(
        "There is no such object in the caller's organization, no such page, or no such format.",
        "No Appointment matches the given query.",
    ),
    "NotAcceptable": _sentence(
        "The Accept header excludes JSON.", "Could not satisfy the request Accept header."
    ),
    "Conflict": _sentence(
        "The first request under this `Idempotency-Key` is still running.",
        KeyInUse().message,
        LATER,
    ),
    "Gone": _sentence("What follows the cursor is no longer kept.", CursorExpired(30).message),
    "NotModified": _answer(
        "What you hold, by `If-None-Match`, is current; there is no body.", headers=("EntityTag",)
    ),
    "PreconditionFailed": _sentence(
        "The state is not what the conditions name; nothing was done. `ETag` is the current tag.",
        PreconditionFailed("If-Match", "").message,
        ("EntityTag",),
    ),
    "ContentTooLarge": _sentence(
        "The body is too large.",
        f"The body is larger than {MAX_BYTES} bytes: send less in one request.",
    ),
    "UriTooLong": _answer("The address is too long.", DETAIL),
    "UnsupportedMediaType": _sentence(
        "The media type of the body is not supported.",
        'Unsupported media type "text/plain" in request.',
    ),
    "UnprocessableContent": _sentence(
        "The `Idempotency-Key` was used with another request.", KeyReused().message
    ),
    "TooManyRequests": _sentence(
        "The limit of the token is reached.",
        "Request was throttled. Expected available in 12 seconds.",
        LATER,
    ),
    "HeadersTooLarge": _answer("The headers are too many or too long.", DETAIL),
    "ServerError": _answer(
        "Something went wrong on our side; the log has the request id.",
        ref("schemas", "ServerError"),
        {"detail": "A server error occurred.", "request_id": "5f0c9d2e7a41b863"},
    ),
    "Unavailable": _sentence(
        "The database cannot be reached, or the operation took too long.",
        "The database cannot be reached at the moment. Try again.",
        LATER,
    ),
}


class NoExample(Exception):
    """An operation names errors of a body that nothing describes."""


def responses(operation: Operation) -> Json:
    """All answers of one operation by status."""
    found: Json = {str(operation.status): _success(operation)}
    left_out = set() if operation.body else {*OF_BODIES}
    left_out |= set() if operation.can_expire else OF_CURSORS
    left_out |= set() if operation.method == "GET" else OF_READS
    left_out |= set() if operation.takes_conditions else OF_CONDITIONS
    left_out |= set() if operation.writes else OF_KEYS
    for status, name in SHARED.items():
        if status not in left_out:
            found[str(status)] = ref("responses", name)
    if operation.errors_name:
        found["400"] = _errors(operation.errors_name)
    return found


def _success(operation: Operation) -> Json:
    names = (
        ("ETag", operation.has_version),
        ("EntityTag", operation.has_digest),
        ("X-Ignored-Fields", bool(operation.body)),
        ("Idempotency-Replayed", operation.writes),
    )
    headers = tuple(name for name, is_sent in names if is_sent)
    if operation.answer is None:
        return _answer("Done; the body is empty.", headers=headers)
    schema = ref("schemas", operation.answer)
    return _answer("Done.", schema, ANSWERED[operation.answer], headers)


def _errors(name: str) -> Json:
    if name not in INVALID:
        raise NoExample(
            f"rest/routes.py names the errors {name!r}, which are not described: give the entry an"
            " AddedBody as its `body`, as `lifecycle.CANCELLATION` is, and no `errors`"
        )
    schema = {"anyOf": [DETAIL, ref("schemas", name)]}
    return _answer(
        "Values are not accepted: each sentence stands at the place of its value. Or `detail`: "
        "the body cannot be read, or a rule forbids this now.",
        schema,
        INVALID[name],
    )
