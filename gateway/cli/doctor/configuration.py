"""Settings, the keys that sign links, and the precompiled statements."""

import stat
from collections.abc import Iterator
from datetime import UTC, datetime

from db import precompiled
from db.migrate import holds_appointments

from ...settings import KEY_FILE, Settings, WrongSetting, misspelt
from ...settings.installed import PROGRAM
from ...settings.secret_key import LEAST_CHARACTERS, REPLACE, weakness
from .findings import Finding, fail, ok, warn

MAKE_KEY = "create one with: openssl rand -base64 48"


def settings(settings: Settings, wrong: list[str]) -> Iterator[Finding]:
    """Each setting that is wrong, alone or together with others."""
    for line in wrong:
        yield fail("settings", line)
    for line in misspelt():
        yield warn("settings", line)
    if wrong:
        return
    from ...app import create_app

    try:
        create_app(settings)
    except WrongSetting as error:
        yield fail("settings", str(error))
        return
    yield ok("settings", f"all can be used; clients use {settings.public_url}")


def key(settings: Settings) -> Iterator[Finding]:
    """Whether there is a key, and a good one; makes none."""
    if settings.secret_keys:
        weak = weakness(settings.secret_keys)
        count = len(settings.secret_keys)
        listed = f"{count} in CONNECT_SECRET_KEYS; the first signs, links of all work"
        yield fail("key", f"CONNECT_SECRET_KEYS: {weak}; {MAKE_KEY}") if weak else ok("key", listed)
    elif settings.is_embedded:
        yield _own_key(settings)
    else:
        yield fail(
            "key",
            f"CONNECT_SECRET_KEYS is not set, and a database given by URL needs it; {MAKE_KEY}",
        )


def _own_key(settings: Settings) -> Finding:
    path = settings.data_dir / KEY_FILE
    if not path.exists():
        if holds_appointments(settings.database):
            return fail("key", f"{path} is gone: restore it, or {REPLACE}")
        return ok("key", f"{path} is created by the first start")
    if len(path.read_text(encoding="ascii", errors="replace").strip()) < LEAST_CHARACTERS:
        return fail("key", f"{path} holds no key: restore it, or {REPLACE}")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return warn("key", f"other users may read {path} and forge links: chmod 600 {path}")
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
            "statements",
            "db/statements.json does not match the sources, which costs 40 MiB and half a second: "
            f"{PROGRAM} statements {precompiled.FILE}",
        )
