"""Limits on what a connection sends, enforced while it arrives: heads, bodies, chunks.

The base class of `gateway.wire.patience`. uvicorn has no such limits, and the parser concatenates
the pieces of an incomplete line, which takes time quadratic in its length.
"""

from typing import Any

import structlog
from httptools import HttpParserError, HttpParserUpgrade
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ..middleware.guard import MAX_HEADER_BYTES, MAX_HEADERS, MAX_TARGET_BYTES, TOO_LARGE, TOO_LONG

# The faces read at most 1 MiB and answer 413: a client that goes on sending ignores that.
MOST_BODY_BYTES = 2 << 20
# Bytes without progress: an incomplete head, blank lines, chunk extensions.
MOST_IDLE_BYTES = MAX_HEADER_BYTES + MAX_TARGET_BYTES + 1_024
# Every chunk costs time, however small. A few may be small; many must be large on average.
MOST_CHUNKS = 1_000
LEAST_CHUNK_BYTES = 256
# Bytes passed to the parser at once, and so how far a head can exceed its limits unnoticed.
SLICE = 16_384
MOST_WAITING = 100

HEAD, BODY, BETWEEN = "head", "body", "between"
MALFORMED = "This is not a request of HTTP/1.1."

log = structlog.get_logger("connect.wire")


class Unacceptable(Exception):
    """The request is refused, with this status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Intake(HttpToolsProtocol):
    """Reads requests and enforces the limits; calls `_refuse` when one is exceeded."""

    _stage = BETWEEN
    _idle_bytes = 0
    _has_progressed = False
    _header_bytes = 0
    _header_lines = 0
    _body_bytes = 0
    _chunks = 0

    def data_received(self, data: bytes) -> None:
        """Reads what has arrived."""
        try:
            if len(data) <= SLICE:
                self._feed(data)
            else:
                whole = memoryview(data)
                for start in range(0, len(whole), SLICE):
                    self._feed(whole[start : start + SLICE])
        except HttpParserUpgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
        except Unacceptable as found:
            self._refuse(found)
        except HttpParserError as error:
            cause = error.__context__
            self._refuse(cause if isinstance(cause, Unacceptable) else Unacceptable(400, MALFORMED))

    def _feed(self, data: bytes | memoryview) -> None:
        self._has_progressed = False
        self.parser.feed_data(data)
        if self._has_progressed:
            self._idle_bytes = 0
            return
        self._idle_bytes += len(data)
        if self._idle_bytes > MOST_IDLE_BYTES:
            is_head = self._stage is HEAD
            raise Unacceptable(431, TOO_LARGE) if is_head else Unacceptable(400, MALFORMED)

    def _refuse(self, found: Unacceptable) -> None:
        raise NotImplementedError

    def on_message_begin(self) -> None:
        """Starts a request; raises Unacceptable when too many are waiting for their responses."""
        if len(self.pipeline) >= MOST_WAITING:
            raise Unacceptable(429, "Send fewer requests before reading their answers.")
        self._stage, self._has_progressed = HEAD, True
        self._header_bytes = self._header_lines = self._body_bytes = self._chunks = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Adds a piece of the request target; raises Unacceptable when it gets too long."""
        if len(self.url) + len(url) > MAX_TARGET_BYTES:
            raise Unacceptable(414, TOO_LONG)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Adds a header; raises Unacceptable when there are too many. Trailers are ignored."""
        self._header_lines += 1
        self._header_bytes += len(name) + len(value)
        if self._header_lines > MAX_HEADERS or self._header_bytes > MAX_HEADER_BYTES:
            raise Unacceptable(431, TOO_LARGE)
        if self._stage is HEAD:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Hands the request to the application."""
        self._stage, self._has_progressed = BODY, True
        super().on_headers_complete()

    def on_chunk_header(self) -> None:
        """Counts a chunk of the body; raises Unacceptable when there are many small ones."""
        self._chunks += 1
        if self._chunks > MOST_CHUNKS + self._body_bytes // LEAST_CHUNK_BYTES:
            raise Unacceptable(400, "Send larger chunks.")

    def on_body(self, body: bytes) -> None:
        """Adds a piece of the body; raises Unacceptable when the body gets too large."""
        self._has_progressed = True
        self._body_bytes += len(body)
        if self._body_bytes > MOST_BODY_BYTES:
            raise Unacceptable(413, f"The body is larger than {MOST_BODY_BYTES} bytes.")
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Marks the request as complete."""
        self._stage, self._has_progressed = BETWEEN, True
        super().on_message_complete()

    def _unsupported_upgrade_warning(self) -> Any:
        """Logs nothing: a request for an unsupported upgrade is handled like any other."""
