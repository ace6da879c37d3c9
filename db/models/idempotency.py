"""The row of what a keyed write answered."""

from datetime import datetime
from typing import NamedTuple


class KeptOutcome(NamedTuple):
    """What the write under an `Idempotency-Key` answered, and when."""

    operation: str
    digest: bytes
    outcome: bytes
    created_at: datetime


class StoredOutcome(NamedTuple):
    """An outcome with its place in the table."""

    key: str
    place: str
    outcome: bytes
