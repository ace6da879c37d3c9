"""The key that signs access links: checks configured keys, and creates the embedded one."""

import os
import re
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path

from db.location import Location
from db.migrate import holds_appointments

LEAST_CHARACTERS = 16
LEAST_DISTINCT = 5
REPLACE = (
    "set CONNECT_SECRET_KEYS to a new key (openssl rand -base64 48) and accept that every link "
    "sent before is dead"
)
# Words from examples. `demo` must stand alone: as part of a random key it occurs by chance.
PLACEHOLDER = re.compile(r"change.?me|placeholder|insecure|example|(?<![a-z0-9])demo(?![a-z0-9])")


def weakness(keys: Sequence[str]) -> str | None:
    """Returns why one of the keys is too easy to guess; None when all are good."""
    for place, key in enumerate(keys, start=1):
        if PLACEHOLDER.search(key.lower()):
            return f"key {place} is a placeholder"
        if len(key) < LEAST_CHARACTERS:
            return f"key {place} has fewer than {LEAST_CHARACTERS} characters"
        if len(set(key)) < LEAST_DISTINCT:
            return f"key {place} repeats too few characters"
    return None


def own_key(path: Path, database: Location) -> str:
    """Returns the key in the file at `path`; creates the file, readable by its owner only.

    Raises OSError when it cannot be read or written, and when it is missing although the database
    holds appointments, whose links it signed.
    """
    if not path.exists():
        if holds_appointments(database):
            raise OSError(
                f"{path} is gone, and {database} holds appointments whose links it signed: "
                f"restore it from the backup, or {REPLACE}"
            )
        _make(path)
    # A copied file may have other permissions, and anyone who can read the key can forge links.
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    key = path.read_text(encoding="ascii").strip()
    if len(key) < LEAST_CHARACTERS:
        raise OSError(f"{path} holds no key: restore it, or {REPLACE}")
    return key


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".secret-")
    draft = Path(name)
    try:
        os.fchmod(handle, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(file.fileno())
        # A hard link never replaces the key of another process that started at the same time.
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
