"""Keeps the files of the service private to its user, whatever the umask.

`keep` runs before anything else uses the data folder.
"""

import stat
import sys
from pathlib import Path

from db import location

from .settings import KEY_FILE, Settings

FOLDER_MODE, FILE_MODE = 0o700, 0o600
OTHERS = 0o077


def keep(settings: Settings) -> None:
    """Creates the data folder of an embedded database; makes it and its files private.

    Prints a warning where permissions cannot be changed. A database given by URL is left as it
    is. Raises OSError when the folder does not exist and cannot be created.
    """
    if not settings.is_embedded:
        return
    folder, database = settings.data_dir, settings.embedded_file
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    _close(folder, FOLDER_MODE)
    for file in location.files(database):
        _close(file, FILE_MODE)
    _close(database.with_name(KEY_FILE), FILE_MODE)


def _close(path: Path, least: int) -> None:
    """Removes all permissions of other users; gives the owner at least `least`."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        # The sticky bit marks a shared folder, such as /tmp, which must stay open to others.
        wanted = mode if mode & stat.S_ISVTX else mode & ~OTHERS | least
        if mode != wanted:
            path.chmod(wanted)
    except FileNotFoundError:
        return
    except PermissionError as error:
        sys.stderr.write(f"connect: {path} cannot be made private: {error.strerror}\n")
