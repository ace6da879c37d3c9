"""The floor's connection to the SQLite file, its texts of instants and its access links.
Used by `reads.py` and `writes.py`; durable like the gateway: WAL and a full sync per commit."""

import hmac
import sqlite3
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from pathlib import Path

KEY = b"the floor signs links so that it pays for a signature too"
PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 10000")


def connect(path: Path) -> sqlite3.Connection:
    """Open the file without the driver's own transactions; a commit may run on a thread."""
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def shown(instant: str) -> str:
    """Write a stored instant as both faces show it: six digits of fraction or none."""
    return instant[:19] + "Z" if instant.endswith(".000000Z") else instant


def stored(given: str) -> str:
    """Write an instant that a caller sent as it is stored."""
    instant = datetime.fromisoformat(given)
    aware = instant.astimezone(UTC) if instant.tzinfo else instant
    return aware.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def now() -> str:
    """Return the present instant as it is stored."""
    return datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def link(participant_id: str, version: int) -> str:
    named = f"{participant_id}.{version}".encode()
    signature = urlsafe_b64encode(hmac.digest(KEY, named, "sha256"))
    return f"http://127.0.0.1/join/{participant_id}.{version}.{signature.decode()}"
