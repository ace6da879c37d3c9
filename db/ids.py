"""UUIDv7 identifiers (RFC 9562): sorted by creation, monotonic within the process."""

import re
import uuid

import uuid_utils

# The form of ids in every answer, and so in nearly every request; other forms are converted.
CANONICAL = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def new_id() -> str:
    """Returns a new UUIDv7 as canonical text."""
    return str(uuid_utils.uuid7())


def canonical(text: str) -> str | None:
    """Returns the canonical text of a UUID in any common form; None when it is not a UUID."""
    if CANONICAL.fullmatch(text):
        return text
    if len(text) > 64 or not text.isascii():
        return None
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return None
