"""What keeps this user from writing a database that is a file: told apart, with what to do."""

import os
import pwd
from pathlib import Path

from ..location import Location, SqliteFile, files


def obstacle(location: Location, *, leaves_own: bool = False) -> str | None:
    """Returns in one line what is in the way, and what to do; None if nothing is, or on a server.

    Looks at the files of the database, and at their folder, where SQLite makes and removes some.
    `leaves_own` passes over what this user may mend, where that is done anyway.
    """
    if not isinstance(location, SqliteFile):
        return None
    folder = location.path.absolute().parent
    for above in (*reversed(folder.parents), folder):
        if _is_closed(above) and not (leaves_own and _is_own(above)):
            return _kept_out(above)
    for path in (*files(location.path), folder):
        # `Path.exists` raises an error below a folder that is closed.
        if not os.path.exists(path) or _is_writable(path):  # noqa: PTH110
            continue
        if _is_mounted_read_only(path) or not (leaves_own and _is_own(path)):
            return _sentence(path)
    return None


def _is_closed(folder: Path) -> bool:
    return os.path.isdir(folder) and not os.access(folder, os.X_OK)  # noqa: PTH112


def _kept_out(folder: Path) -> str:
    me, owner = _name(os.geteuid()), _name(folder.stat().st_uid)
    return (
        f"the folder {folder} of {owner} cannot be entered by {me}: run this as {owner}, or choose "
        "another place for the database"
    )


def _is_writable(path: Path) -> bool:
    return os.access(path, os.R_OK | os.W_OK | (os.X_OK if path.is_dir() else 0))


def _is_mounted_read_only(path: Path) -> bool:
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def _is_own(path: Path) -> bool:
    return path.stat().st_uid == os.geteuid()


def _sentence(path: Path) -> str:
    if _is_mounted_read_only(path):
        return (
            f"{path} is on a file system that is mounted read-only: mount it for writing, or "
            "choose another place for the database"
        )
    me, owner = _name(os.geteuid()), _name(path.stat().st_uid)
    what = "the folder" if path.is_dir() else "the file"
    mended = f"chmod u+rw{'x' if path.is_dir() else ''}" if me == owner else f"chown {me}"
    why = ", where SQLite keeps files beside the database" if path.is_dir() else ""
    return f"{what} {path} of {owner} cannot be written by {me}{why}: {mended} {path}"


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
