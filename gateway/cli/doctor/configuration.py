"""Settings, the keys that sign links, and the precompiled statements."""

import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from hmac import compare_digest
from pathlib import Path

from db import precompiled
from db.migrate import holds_appointments

from ...settings import KEY_FILE, Settings, WrongSetting, misspelt
from ...settings.installed import PROGRAM
from ...settings.secret_key import MAKE_KEY, REPLACE, missing, read, weakness
from .findings import Finding, fail, ok, warn

TABLE = f"correct it: `{PROGRAM} settings` prints the table of settings"


def settings(settings: Settings, wrong: list[str]) -> Iterator[Finding]:
    """Each setting that is wrong, alone or together with others."""
    for line in wrong:
        yield fail("settings.wrong", line, TABLE)
    for line in misspelt():
        yield warn("settings.misspelt", line, "correct the name, or unset it")
    if wrong:
        return
    from ...app import create_app

    try:
        create_app(settings)
    except WrongSetting as error:
        yield fail("settings.together", str(error), TABLE)
        return
    yield ok("settings", f"all can be used; clients use {settings.public_url}")


def key(settings: Settings) -> Iterator[Finding]:
    """Whether there is a key, and a good one; makes none."""
    path = settings.data_dir / KEY_FILE
    if settings.secret_keys:
        yield from _given_keys(settings, path)
    elif settings.is_embedded:
        yield _own_key(settings, path)
    else:
        yield fail(
            "key.missing",
            "CONNECT_SECRET_KEYS is not set, and a database given by URL needs it",
            missing(path, settings.database),
        )


def _given_keys(settings: Settings, path: Path) -> Iterator[Finding]:
    if weak := weakness(settings.secret_keys):
        yield fail("key.weak", f"CONNECT_SECRET_KEYS: {weak}", MAKE_KEY)
        return
    if _is_left_out(settings, path):
        yield warn(
            "key.other",
            f"the key in {path} is not in CONNECT_SECRET_KEYS: links that it signed are dead",
            f"append it, after a comma, if the database was ever served with it, or remove {path}",
        )
        return
    count = len(settings.secret_keys)
    yield ok("key", f"{count} in CONNECT_SECRET_KEYS; the first signs, links of all work")


def _is_left_out(settings: Settings, path: Path) -> bool:
    """Whether a key of before lies there, and links may have been signed with it."""
    try:
        own = read(path).encode()
        known = any(compare_digest(own, each.encode()) for each in settings.secret_keys)
        return (
            not known and weakness([own.decode()]) is None and holds_appointments(settings.database)
        )
    except OSError:
        return False


def _own_key(settings: Settings, path: Path) -> Finding:
    if not path.exists():
        if holds_appointments(settings.database):
            return fail("key.gone", f"{path} is gone", f"restore it, or {REPLACE}")
        return ok("key", f"{path} is created by the first start")
    if weak := weakness([read(path)]):
        return fail(
            "key.weak", f"{path} holds no key to rely on ({weak})", f"restore it, or {REPLACE}"
        )
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        message = f"other users may read {path} and forge links"
        return warn("key.open", message, f"chmod 600 {path}")
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return ok(
        "key",
        f"{path}, written {written:%Y-%m-%d %H:%MZ}; links are not stored, so that it signed those "
        "that were sent cannot be checked. Keep a copy of it apart from the backups",
    )


def statements(settings: Settings) -> Iterator[Finding]:
    """Whether the precompiled statements are those of this release."""
    if precompiled.is_current():
        yield ok("statements", "precompiled")
    else:
        yield warn(
            "statements.stale",
            "db/statements.json does not match the sources, which costs 40 MiB and half a second",
            f"{PROGRAM} statements {precompiled.FILE}",
        )
