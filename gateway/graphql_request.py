"""Reads a GraphQL over HTTP request: its parameters, by POST or GET, and the accepted media types.

Anything else raises BadRequest, whose message says what to send.
"""

from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope

from rest.wire.body import read_body
from rest.wire.media import LONGEST, MediaType, ranges
from schema.decoding import MalformedJson, decode
from schema.domain.idempotency import InvalidKey, ensure_key, read_header
from schema.execution.persisted import canonical

RESPONSE = "application/graphql-response+json"
JSON = "application/json"
OFFERED = {RESPONSE: RESPONSE, JSON: JSON, "application/*": JSON, "*/*": JSON}
EVENT_STREAM = "text/event-stream"
MULTIPART = "multipart/mixed"

# In characters: identifiers are hashes.
LONGEST_ID = 256
DOCUMENT_ID = f"Give `documentId` as a string of 1 to {LONGEST_ID} characters."
PERSISTED = (
    "Give `extensions.persistedQuery` as an object with `version` 1 and `sha256Hash`, "
    f"a string of 1 to {LONGEST_ID} characters."
)

TWO_KEYS = "`extensions.idempotencyKey` and the header `Idempotency-Key` name two keys."

# In the order of `Headers`.
WANTED = (b"accept", b"content-type", b"graphql-cost", b"last-event-id")
KEY = b"idempotency-key"
READ = frozenset((*WANTED, KEY))


class Params(NamedTuple):
    """The parameters of a GraphQL request; `query` is empty where only an identifier was sent."""

    query: str
    variables: dict[str, Any]
    operation_name: str | None
    # Size of the whole request: bytes of a body; 0 for a query string, which is short.
    size: int = 0
    document_id: str | None = None
    # `extensions.idempotencyKey` as it was sent, and the header of that name.
    key: Any = None
    key_header: str | None = None

    def idempotency_key(self) -> str | None:
        """The key under which mutations are made once; raises BadRequest when it is not valid."""
        if self.key is None and self.key_header is None:
            return None
        keys: set[str] = set()
        try:
            if self.key is not None:
                keys.add(ensure_key(self.key))
            if self.key_header is not None:
                keys.add(read_header(self.key_header))
        except InvalidKey as invalid:
            raise BadRequest(400, invalid.message) from None
        if len(keys) > 1:
            raise BadRequest(400, TWO_KEYS)
        return keys.pop()


class BadRequest(Exception):
    """The request is not valid GraphQL over HTTP; answered with this status and message."""

    def __init__(
        self, status: int, message: str, headers: tuple[tuple[bytes, bytes], ...] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers


class Headers(NamedTuple):
    """The headers of a GraphQL request that matter; repeated ones are joined by commas."""

    accept: str = ""
    content_type: str = ""
    cost: str = ""
    last_event_id: str = ""
    # None where there is none: an empty one is wrong.
    idempotency_key: str | None = None


async def read_params(scope: Scope, headers: Headers, receive: Receive, most_bytes: int) -> Params:
    """Returns the parameters.

    Raises BodyTooLarge above `most_bytes`, and BadRequest when the request is malformed.
    """
    if scope["method"] == "POST":
        params = await _posted(scope, headers.content_type, receive, most_bytes)
        key = headers.idempotency_key
        return params if key is None else params._replace(key_header=key)
    return _queried(scope)


async def _posted(scope: Scope, content_type: str, receive: Receive, most_bytes: int) -> Params:
    if content_type != JSON and content_type.split(";", maxsplit=1)[0].strip().lower() != JSON:
        raise BadRequest(415, "Send the request as application/json.")
    try:
        body = await read_body(scope["headers"], receive, most_bytes)
        data = decode(body)
    except MalformedJson as error:
        raise BadRequest(400, error.message) from None
    if not isinstance(data, dict):
        raise BadRequest(400, "Send one JSON object with `query`; lists are not supported.")
    return checked(data, len(body))


def _queried(scope: Scope) -> Params:
    try:
        data: dict[str, Any] = dict(
            parse_qsl(scope["query_string"].decode(), keep_blank_values=True, errors="strict")
        )
    except (UnicodeDecodeError, ValueError):
        raise BadRequest(400, "The query string is not UTF-8.") from None
    for name in ("variables", "extensions"):
        if name in data:
            data[name] = _decoded(name, data[name])
    if data.get("operationName") == "":
        del data["operationName"]
    return checked(data)


def _decoded(name: str, text: str) -> Any:
    try:
        return decode(text.encode()) if text else None
    except MalformedJson as error:
        raise BadRequest(400, f"`{name}`: {error.message}") from None


def checked(data: dict[str, Any], size: int = 0) -> Params:
    """Returns the parameters that a request gives by name; raises BadRequest 400.

    `size` is that of the whole request in characters or bytes.
    """
    query, variables, name = data.get("query"), data.get("variables"), data.get("operationName")
    extensions = data.get("extensions")
    if extensions is not None and not isinstance(extensions, dict):
        raise BadRequest(400, "Give `extensions` as an object.")
    document_id, key = None, extensions.get("idempotencyKey") if extensions else None
    if extensions or "documentId" in data:
        document_id = _document_id(data.get("documentId"), (extensions or {}).get("persistedQuery"))
    if document_id is not None and (query is None or query == ""):
        query = ""
    elif not isinstance(query, str) or not query or query.isspace():
        raise BadRequest(400, "Give `query`, the GraphQL document, as a string.")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest(400, "Give `variables` as an object.")
    if name is not None and not isinstance(name, str):
        raise BadRequest(400, "Give `operationName` as a string.")
    return Params(query, variables or {}, name, size, document_id, key)


def _document_id(given: Any, persisted: Any) -> str | None:
    """The identifier of `documentId` or of `extensions.persistedQuery`, where there is one."""
    if persisted is None:
        return None if given is None else _checked_id(given, DOCUMENT_ID)
    if not isinstance(persisted, dict) or persisted.get("version") != 1:
        raise BadRequest(400, PERSISTED)
    found = _checked_id(persisted.get("sha256Hash"), PERSISTED)
    if given is not None and _checked_id(given, DOCUMENT_ID) != found:
        raise BadRequest(400, "`documentId` and `extensions.persistedQuery` name two documents.")
    return found


def _checked_id(value: Any, advice: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID:
        raise BadRequest(400, advice)
    return canonical(value)


def streamed(accept: str) -> str:
    """Chooses the media type of a stream; empty when none is acceptable.

    Only an explicit media type counts: `*/*` does not expect a stream.
    """
    if "event-stream" not in accept and "multipart" not in accept:
        return ""
    best, chosen = 0.0, ""
    for each in ranges(accept):
        if _is_stream(each) and each.weight > best:
            best, chosen = each.weight, each.name
    return chosen


def _is_stream(range: MediaType) -> bool:
    is_ours = range.parameters.get("subscriptionspec") == "1.0"
    return range.name == EVENT_STREAM or (range.name == MULTIPART and is_ours)


def negotiated(accept: str, stream: str = "") -> str:
    """Chooses the media type of the response; raises BadRequest 406 when none is acceptable.

    Empty when only a `stream` is acceptable. A header longer than `LONGEST` counts as absent.
    """
    if not accept or len(accept) > LONGEST:
        return JSON
    best, chosen = 0.0, ""
    for each in ranges(accept):
        offered = OFFERED.get(each.name)
        if offered and each.weight > best:
            best, chosen = each.weight, offered
    if not chosen and not stream:
        message = f"Accept {RESPONSE} or {JSON}; for subscriptions {EVENT_STREAM}."
        raise BadRequest(406, message)
    return chosen


def read_headers(scope: Scope) -> Headers:
    """Reads the headers that matter in one pass."""
    found: dict[bytes, str] = {}
    for name, value in scope["headers"]:
        if name in READ:
            text = value.decode("latin-1")
            found[name] = f"{found[name]},{text}" if name in found else text
    get = found.get
    headers, key = Headers(*[get(name, "") for name in WANTED]), get(KEY)
    return headers if key is None else headers._replace(idempotency_key=key)
