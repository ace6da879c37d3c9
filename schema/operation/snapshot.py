"""What one operation reads: one snapshot of the database, shared by all its reads."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from db.engine import Database, Reading, Tenancy
from db.models import AppointmentRow

T = TypeVar("T")


class Snapshot:
    """Opened by the first read between `begin` and `end`; outside, each read has its own.

    A write of the same operation renews it, so that what is read below sees what was committed.
    """

    __slots__ = (
        "_database",
        "_is_over",
        "_is_shared",
        "_loaders",
        "_transaction",
        "_tx",
        "has_written",
        "kept",
        "organization_id",
        "steps",
    )

    def __init__(self, database: Database, organization_id: str) -> None:
        self._database = database
        self.organization_id = organization_id
        self._transaction: Reading | None = None
        self._tx: Tenancy | None = None
        self._is_shared = False
        self._is_over = False
        self._loaders: dict[str, Any] = {}
        # What the reads took so far, in thousands of operations of the database.
        self.steps = 0
        # Appointments as this operation read or wrote them; what lies below need not ask again,
        # and finds them also when somebody deletes them in between.
        self.kept: dict[str, AppointmentRow] = {}
        self.has_written = False

    def begin(self) -> None:
        """Lets all reads share one snapshot from now on."""
        self._is_shared = True

    async def read(self, run: Callable[[Tenancy], Awaitable[T]]) -> T:
        """Runs a read in the shared transaction, or in one of its own where none is shared."""
        tx = self.shared()
        if tx is not None:
            return await run(tx)
        transaction = self._database.read(self.organization_id)
        try:
            return await run(Tenancy(transaction, self.organization_id))
        finally:
            await transaction.end()
            self.steps += transaction.steps

    def shared(self) -> Tenancy | None:
        """Returns the shared transaction, seen from the organization; None where none is shared."""
        return self._tx or self._opened() if self._is_shared else None

    def _opened(self) -> Tenancy:
        if self._is_over:
            # A loader may outlive its operation; nobody would end what it opened now.
            raise RuntimeError("this operation has ended")
        self._transaction = self._database.read(self.organization_id)
        self._tx = Tenancy(self._transaction, self.organization_id)
        return self._tx

    def loader(self, name: str, make: Callable[[], T]) -> T:
        """Returns the loader of that name over this snapshot, made at the first use."""
        found: T = self._loaders.get(name) or self._loaders.setdefault(name, make())
        return found

    def forget(self) -> None:
        """Lets loaders read again what they have read, from the same snapshot."""
        self._loaders = {}

    async def renew(self, *, keep: bool = False) -> None:
        """Lets go of what was read, and of the rows that were kept unless told to `keep` them."""
        self._loaders = {}
        if not keep:
            self.kept = {}
        await self._give_back()

    async def end(self) -> None:
        """Ends the operation: its reader goes back, whatever still runs on it."""
        self._is_over = True
        if self._transaction is not None:
            await self._give_back()

    async def _give_back(self) -> None:
        transaction, self._transaction, self._tx = self._transaction, None, None
        if transaction is not None:
            await transaction.end()
            self.steps += transaction.steps
