"""Whether anybody has committed: SQLite numbers the changes that other connections make."""

import sqlite3
from pathlib import Path


class Changes:
    """Asks on a connection of its own, which is opened when it is first needed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._version: int | None = None

    def seen(self) -> bool:
        """Whether anything was committed since the last time; also when that is not known."""
        before = self._version
        try:
            self._connection = self._connection or self._opened()
            (self._version,) = self._connection.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error:
            self.close()
        return before is None or self._version != before

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
