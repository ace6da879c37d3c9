"""The key that signs access links: checks configured keys, and creates the embedded one."""

import os
import re
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path

from db.location import Location
from db.migrate import holds_appointments

from .setting import WrongSetting

LEAST_CHARACTERS = 16
LEAST_DISTINCT = 5
REPLACE = (
    "set CONNECT_SECRET_KEYS to a new key (openssl rand -base64 48) and accept that every link "
    "sent before is dead"
)
MAKE_KEY = "create one with: openssl rand -base64 48"
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
        if _repeats(key):
            return f"key {place} repeats itself"
    return None


def _repeats(key: str) -> bool:
    """Whether the key is a shorter text, written at least twice."""
    return any(key[size:] == key[:-size] for size in range(1, len(key) // 2 + 1))


def given_keys(keys: tuple[str, ...], path: Path, database: Location) -> tuple[str, ...]:
    """Returns the keys that were given; raises WrongSetting where one is weak, or there is none.

    `path` is where the embedded database has its key.
    """
    if not keys:
        raise WrongSetting(
            "CONNECT_SECRET_KEYS is not set, but a database given by URL needs a key that signs "
            f"access links; {missing(path, database)}"
        )
    found = weakness(keys)
    if found:
        raise WrongSetting(f"CONNECT_SECRET_KEYS: {found}; {MAKE_KEY}")
    return keys


def own_keys(path: Path, database: Location) -> tuple[str, ...]:
    """Returns the key of the embedded database, created if needed; raises WrongSetting."""
    try:
        return (own_key(path, database),)
    except OSError as error:
        message = f"CONNECT_SECRET_KEYS is not set, and our own key cannot be used: {error}"
        raise WrongSetting(message) from error


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
    key = read(path)
    found = weakness([key])
    if found:
        raise OSError(f"{path} holds no key to rely on ({found}): restore it, or {REPLACE}")
    return key


def read(path: Path) -> str:
    """Returns the key in a file, empty where there is other data; raises OSError."""
    return path.read_bytes().decode("ascii", "ignore").strip()


def missing(path: Path, database: Location) -> str:
    """Returns what to do where no key is given for a database that is given by URL.

    `path` is where the embedded database has its key. A new key kills every link that was sent.
    """
    if path.exists():
        return (
            f"set it to the key in {path} if the database was moved from there, or links that were "
            f'sent are dead: CONNECT_SECRET_KEYS="$(cat {path})"'
        )
    try:
        has_sent_links = holds_appointments(database)
    except OSError:
        has_sent_links = False
    if has_sent_links:
        return (
            f"the database holds appointments, whose links an earlier key signed: set it to that "
            "key (the CONNECT_SECRET_KEYS of before, or the file secret.key of the machine that "
            f"the database was moved from), or {REPLACE}"
        )
    return MAKE_KEY


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
