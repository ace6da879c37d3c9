"""Who calls: a token's organization, looked up by its digest and remembered for a second.
Used by `app.py` and by the Strawberry target, which reads the same file."""

import hashlib
import sqlite3
import time
from typing import NamedTuple

TOKEN_SECONDS = 1.0
SIGN_IN = """SELECT o.id, o.name FROM api_token t JOIN organization o ON o.id = t.organization_id
WHERE t.digest = ? AND t.revoked_at IS NULL AND o.is_active"""


class Caller(NamedTuple):
    """The organization of a token, and until when it is remembered."""

    organization_id: str
    name: str
    until: float


class Callers:
    """The callers seen lately, by their `Authorization` header."""

    def __init__(self, reader: sqlite3.Connection) -> None:
        self.reader = reader
        self.known: dict[bytes, Caller] = {}

    def named(self, header: bytes) -> Caller | None:
        """Return the caller of a header; None when its token is not valid."""
        known = self.known.get(header)
        if known is not None and known.until > time.monotonic():
            return known
        return self.look_up(header)

    def look_up(self, header: bytes) -> Caller | None:
        digest = hashlib.sha256(header.partition(b" ")[2]).hexdigest()
        row = self.reader.execute(SIGN_IN, (digest,)).fetchone()
        if row is None:
            return None
        found = Caller(row[0], row[1], time.monotonic() + TOKEN_SECONDS)
        self.known[header] = found
        return found
