"""A request as the handlers see it: its path, query and body, each parsed when it is asked for."""

import re
from collections.abc import Callable, Container, MutableMapping
from typing import Any

from strawberry import ID

from schema.decoding import decode
from schema.domain.idempotency import read_header
from schema.operation.arrival import Arrival
from schema.operation.call import Call
from schema.operation.throttle import Allowance

from ..input.forms import Form, parse_fields, parse_multipart
from ..input.query import Query
from ..input.values import InvalidValue, uuid
from . import media
from .answer import Header, ignored_parameters
from .body import BodyTooLarge, Receive, read_body
from .conditions import Condition, Conditions, version_tag
from .problems import NoSuchPath, NotAcceptable, UnsupportedMediaType

JSON = media.JSON
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
# The form of ids in every answer; other forms must be converted.
CANONICAL_ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Scope = MutableMapping[str, Any]


class Request:
    """One request below the prefix of the REST face."""

    __slots__ = (
        "_body",
        "_query",
        "_receive",
        "_scope",
        "allowance",
        "call",
        "ids",
        "ignored",
        "indent",
        "method",
        "page_size",
        "site",
        "streams",
    )

    def __init__(self, scope: Scope, receive: Receive, site: str, page_size: int) -> None:
        self._scope = scope
        self._receive = receive
        self._query: Query | None = None
        self._body: bytes | BodyTooLarge = b""
        self.method: str = scope["method"].upper()
        # Set once the caller is authorized: what is left to spend, and who spends it.
        self.allowance: Allowance | None = None
        self.call: Call | None = None
        self.ids: tuple[str, ...] = ()
        # The header that names query parameters without effect, once the operation is known.
        self.ignored: tuple[Header, ...] = ()
        self.indent = 0
        # Whether a streaming response is asked for.
        self.streams = False
        self.site = site
        self.page_size = page_size

    @property
    def arrival(self) -> Arrival:
        """Who sent it, as the gateway identified them."""
        found: Arrival = self._scope["connect.arrival"]
        return found

    @property
    def conditions(self) -> Conditions | None:
        """What the request makes depend on the current state; None for most requests."""
        return Conditions.of(self._scope["headers"], self.is_read, self.indent)

    @property
    def is_read(self) -> bool:
        """Whether it asks for a representation: GET or HEAD."""
        return self.method in ("GET", "HEAD")

    def condition(self, tag_of: Callable[[Any], str] = version_tag) -> Condition | None:
        """What a write depends on; `tag_of` returns the tag of a row."""
        conditions = self.conditions
        return conditions and Condition(conditions, tag_of)

    @property
    def size(self) -> int:
        """How many bytes of body were read."""
        return len(self._body) if isinstance(self._body, bytes) else 0

    @property
    def address(self) -> str:
        """The absolute URL without the query string, on the configured public URL."""
        path: str = self._scope["path"]
        return self.site + path

    @property
    def query(self) -> Query:
        """The query string; raises MalformedForm when it has too many parameters."""
        if self._query is None:
            self._query = Query(self._scope["query_string"])
        return self._query

    @property
    def appointment_id(self) -> ID:
        """The first id of the path; raises NoSuchPath when it is not valid."""
        written = self.ids[0]
        if CANONICAL_ID.fullmatch(written):
            return ID(written)
        try:
            return ID(uuid(written))
        except InvalidValue:
            raise NoSuchPath from None

    @property
    def participant_id(self) -> ID:
        """The second id of the path, which has been matched as one."""
        return ID(self.ids[1])

    @property
    def idempotency_key(self) -> str | None:
        """The key under which a write is made once; None without one. Raises InvalidKey."""
        given = self.header(b"idempotency-key")
        return None if given is None else read_header(given)

    def note_unread(self, names: Container[str]) -> None:
        """Notes which query parameters have no effect, as those of the operation are `names`."""
        if self._scope["query_string"]:
            self.ignored = ignored_parameters(self.query.unread(names))

    def header(self, name: bytes) -> str | None:
        """The values of a header joined by commas; None when there is none."""
        found = [value for key, value in self._scope["headers"] if key == name]
        return b",".join(found).decode("latin-1") if found else None

    def negotiate(self, *, may_stream: bool = False) -> None:
        """Finds out how to render the answer; raises NoSuchPath or NotAcceptable."""
        if self._scope["query_string"] and self.query.values.get("format", "") not in ("", "json"):
            raise NoSuchPath
        accept = self.header(b"accept")
        if accept is None or accept == "*/*":
            return
        if may_stream and media.prefers_stream(accept):
            self.streams = True
            return
        indent = media.accepted(accept)
        if indent is None:
            raise NotAcceptable
        self.indent = indent

    async def load(self) -> None:
        """Waits for the bytes of the body; raises ClientGone when the client disconnects."""
        try:
            self._body = await read_body(self._scope["headers"], self._receive)
        except BodyTooLarge as too_large:
            self._body = too_large

    def body(self) -> Any:
        """The body as JSON values or as a Form; an empty body is an empty form or object.

        Raises BodyTooLarge, UnsupportedMediaType, MalformedJson or MalformedForm.
        """
        body = self._body
        if isinstance(body, BodyTooLarge):
            raise body
        content_type = self.header(b"content-type") or ""
        kind = media.read(content_type)
        if not body:
            return Form(()) if f"{kind.main}/{kind.sub}" in (FORM, MULTIPART) else {}
        charset = kind.parameters.get("charset", "utf-8")
        if kind.covers(JSON):
            return decode(body, charset)
        if kind.covers(FORM):
            return Form(parse_fields(body, charset))
        if kind.covers(MULTIPART):
            return parse_multipart(body, content_type, kind.parameters.get("boundary"))
        raise UnsupportedMediaType(content_type)
