"""The files of the service are its owner's alone, whatever the umask and whoever came first.

`keep` runs before anything else touches the data folder.
"""

import stat
import sys
from pathlib import Path

from db import location

from .settings import KEY_FILE, Settings

FOLDER_MODE, FILE_MODE = 0o700, 0o600
OTHERS = 0o077


def keep(settings: Settings) -> None:
    """Makes the data folder of an embedded database, and closes it and its files to others.

    A folder that is not ours to close is complained of on standard error; where a database is
    given by URL everything stays as the operator made it. Raises OSError when there is no folder
    and none can be made.
    """
    if not settings.is_embedded:
        return
    folder, database = settings.data_dir, settings.database
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    _close(folder, FOLDER_MODE)
    for file in location.files(database):
        _close(file, FILE_MODE)
    _close(database.with_name(KEY_FILE), FILE_MODE)


def _close(path: Path, least: int) -> None:
    """Takes every permission from others, and leaves the owner at least what is needed."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        # A folder with the sticky bit is shared by everybody: /tmp is not ours to close.
        wanted = mode if mode & stat.S_ISVTX else mode & ~OTHERS | least
        if mode != wanted:
            path.chmod(wanted)
    except FileNotFoundError:
        return
    except PermissionError as error:
        sys.stderr.write(f"connect: {path} cannot be closed to others: {error.strerror}\n")
