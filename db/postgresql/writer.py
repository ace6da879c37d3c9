"""Writes: those of one organization one after another, those of different ones side by side."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from . import faults
from .lane import Lane
from .sessions import Sessions
from .write import WriteTransaction


class Writer:
    """Runs write transactions, each in the lane of its organization."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        # Those in use, with how many use them.
        self._lanes: dict[str, tuple[Lane, int]] = {}
        # Why the last commit found no room on the server's disk; None once a commit succeeds.
        self.lack_of_room: str | None = None

    @asynccontextmanager
    async def transaction(self, organization_id: str) -> AsyncIterator[WriteTransaction]:
        """Runs the block in a transaction; returns once its commit is durable.

        Raises DatabaseUnavailable when the commit fails; whether it happened is then unknown if
        the connection broke while it was under way.
        """
        if not organization_id:
            async with self._lane("").transaction() as transaction:
                yield transaction
            return
        lane, users = self._lanes.get(organization_id) or (self._lane(organization_id), 0)
        self._lanes[organization_id] = lane, users + 1
        try:
            async with lane.transaction() as transaction:
                yield transaction
        finally:
            lane, users = self._lanes.pop(organization_id)
            if users > 1:
                self._lanes[organization_id] = lane, users - 1

    def _lane(self, tenant: str) -> Lane:
        return Lane(self._sessions, tenant, self._note)

    def _note(self, error: BaseException | None) -> None:
        if error is None:
            self.lack_of_room = None
        elif any(map(faults.is_for_space, (error.__cause__, error.__context__))):
            self.lack_of_room = f"the last write failed: {error}"
