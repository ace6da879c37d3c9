"""Tells which step of a migration is made, and how many rows of it are done."""

from collections.abc import Sequence

from .progress import Tell


class Steps:
    """The steps of one migration, by revision and name; nobody has to listen."""

    def __init__(self, steps: Sequence[tuple[str, str]] = (), tell: Tell | None = None) -> None:
        self._revisions = [revision for revision, _ in steps]
        self._names = [name for _, name in steps]
        self._tell = tell
        self._step = "migrating"

    def reach(self, revision: str | None) -> None:
        """Tells which step comes after a revision that was reached."""
        number = self._revisions.index(revision) + 1 if revision in self._revisions else 0
        if number < len(self._names):
            self._step = f"migrating, step {number + 1} of {len(self._names)}"
            self._say(f"{self._step} ({self._names[number]})", 0, 0)

    def count(self, table: str, done: int, total: int) -> None:
        """Tells how many rows of a table are done."""
        self._say(f"{self._step}, rows of {table}", done, total)

    def _say(self, what: str, done: int, total: int) -> None:
        if self._tell is not None:
            self._tell(what, done, total)
