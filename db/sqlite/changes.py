"""Whether anybody has committed: SQLite numbers the changes that other connections make."""

import asyncio
import sqlite3
from pathlib import Path

# How often it is asked where other processes commit all the time; a question takes microseconds.
ASK_SECONDS = 0.025


class Changes:
    """Asks on a connection of its own, which is opened when it is first needed.

    `is_eager` for what several processes write to; otherwise only commands do, now and then.
    """

    def __init__(self, path: Path, *, is_eager: bool = False) -> None:
        self._path = path
        self._is_eager = is_eager
        self._connection: sqlite3.Connection | None = None
        self._version: int | None = None

    def seen(self) -> bool:
        """Whether anything was committed since the last time; also when that is not known."""
        before = self._version
        self._version = self._asked()
        return before is None or self._version != before

    async def wait(self, seconds: float) -> None:
        """Returns after `seconds`, or soon after another process has committed."""
        if not self._is_eager or self._version is None:
            await asyncio.sleep(seconds)
            return
        now = asyncio.get_running_loop().time
        until = now() + seconds
        while (left := until - now()) > 0:
            await asyncio.sleep(min(ASK_SECONDS, left))
            if self._asked() not in (None, self._version):
                return

    def _asked(self) -> int | None:
        """Returns the number of the last change; None when it cannot be known."""
        try:
            self._connection = self._connection or self._opened()
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error:
            self.close()
            return None
        return int(version)

    def _opened(self) -> sqlite3.Connection:
        # Without waiting: it is asked on the event loop.
        return sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True, timeout=0)

    def forget(self) -> None:
        """Lets the next question be the first."""
        self._version = None

    def close(self) -> None:
        """Closes the connection; the next question opens another."""
        connection, self._connection, self._version = self._connection, None, None
        if connection is not None:
            connection.close()
