"""Erasing one person: name and identifier, wherever they are stored, and their links.

What they did stays counted. Works for the operator and bypasses the gate, in bounded transactions:
what was interrupted is completed by running it again.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from db.engine import Database, Tenancy
from db.ids import new_id
from db.models import (
    EventSource,
    EventType,
    OrganizationRow,
    ParticipantRow,
    SeatState,
    StoredOutcome,
)
from db.queries import appointments, events, idempotency, participants, rooms, system

from ..domain.attendance import SEAT
from ..operation.idempotency.outcomes import rewritten
from .organizations import UnknownOrganization

# Changed by one transaction: what else is written waits some milliseconds for it.
BATCH = 50
ERASED = "erased-"
FIELDS = ("access_link", "display_name", "unique_id")


class Erased(NamedTuple):
    """What was erased in one organization."""

    organization: OrganizationRow
    participants: int
    outcomes: int


class Person(NamedTuple):
    """Who is to be erased, and when that happens."""

    unique_id: str
    now: datetime


async def organizations_of(database: Database, name: str | None) -> list[OrganizationRow]:
    """Returns the organization of this name, or all; raises UnknownOrganization."""
    async with database.read() as tx:
        known = await system.organizations(tx)
    found = [each for each in known if name is None or each.name == name.strip()]
    if name is not None and not found:
        names = ", ".join(f"“{each.name}”" for each in known)
        raise UnknownOrganization(
            f"There is no organization “{name}”; there is {names or 'none yet'}."
        )
    return found


async def count_of(database: Database, organization: OrganizationRow, unique_id: str) -> int:
    """Returns to how many appointments of an organization a person is invited."""
    async with database.read() as tx:
        return await participants.count_of_person(Tenancy(tx, organization.id), unique_id)


async def erase(
    database: Database,
    organization: OrganizationRow,
    person: Person,
    tell: Callable[[int], None],
) -> Erased:
    """Erases a person in one organization; tells how many rows each transaction took."""
    changed = 0
    while count := await _erase_some(database, organization.id, person):
        changed += count
        tell(count)
    outcomes = await _rewrite_outcomes(database, organization.id, person.unique_id, tell)
    return Erased(organization, changed, outcomes)


async def _erase_some(database: Database, organization_id: str, person: Person) -> int:
    async with database.write(organization_id) as transaction:
        tx = Tenancy(transaction, organization_id)
        found = await participants.of_person(tx, person.unique_id, BATCH)
        happened: list[dict[str, Any]] = []
        for row in found:
            happened += await _put_out(tx, row, person.now)
            await _erase_one(tx, row, person.now)
            happened.append(_event(row, person.now))
        if found:
            await events.append(tx, happened)
    return len(found)


async def _put_out(tx: Tenancy, row: ParticipantRow, now: datetime) -> list[dict[str, Any]]:
    """Gives up the seats that the person has in a room: their link is dead.

    Returns the events of those who joined.
    """
    seats = await rooms.seats_of_people(tx, row.appointment_id, [row.id])
    if not seats:
        return []
    await rooms.remove_seats(tx, row.appointment_id, [seat.id for seat in seats])
    return [
        _event(row, now)
        | {
            "type": EventType.PARTICIPANT_LEFT,
            "changed_fields": [],
            "data": {SEAT: seat.id},
            "occurred_at": seat.absent_since or now,
        }
        for seat in seats
        if seat.state is SeatState.SEATED and await events.exists(tx, seat.id)
    ]


async def _erase_one(tx: Tenancy, row: ParticipantRow, now: datetime) -> None:
    values: dict[str, Any] = {
        "unique_id": await _free_name(tx, row),
        "display_name": None,
        # The link says nothing about the person, and is theirs alone.
        "link_version": row.link_version + 1,
        "updated_at": now,
    }
    await participants.change(tx, row.id, values)
    # They may hold what the person said in a room that is open now.
    await rooms.empty_messages(tx, row.appointment_id)
    await appointments.touch(tx, row.appointment_id, now)


async def _free_name(tx: Tenancy, row: ParticipantRow) -> str:
    """Returns what stands in for the identifier: another one for each appointment."""
    name = erased_name(row.id)
    is_taken = await participants.count_of_person(tx, name)
    return erased_name(new_id()) if is_taken else name


def erased_name(participant_id: object) -> str:
    """Returns the identifier of a participant who was erased."""
    return f"{ERASED}{participant_id}"


def _event(row: ParticipantRow, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "type": EventType.PARTICIPANT_ERASED,
        "appointment_id": row.appointment_id,
        "participant_id": row.id,
        "changed_fields": list(FIELDS),
        "data": None,
        "actor": "system",
        "source": EventSource.CLI,
        "request_id": "erase",
        "occurred_at": now,
    }


async def _rewrite_outcomes(
    database: Database, organization_id: str, unique_id: str, tell: Callable[[int], None]
) -> int:
    """Erases the person from answers that are kept for retries, a few at a time.

    Comes after the rows: whatever is answered from then on no longer names the person.
    """
    after, count = ("", ""), 0
    while True:
        async with database.read(organization_id) as transaction:
            stored = await idempotency.outcomes(Tenancy(transaction, organization_id), after, BATCH)
        changed = list(_changed(stored, unique_id))
        if changed:
            async with database.write(organization_id) as transaction:
                tx = Tenancy(transaction, organization_id)
                for each in changed:
                    await idempotency.change(tx, each)
        count += len(changed)
        tell(len(changed))
        if len(stored) < BATCH:
            return count
        after = (stored[-1].key, stored[-1].place)


def _changed(stored: list[StoredOutcome], unique_id: str) -> Iterator[StoredOutcome]:
    for each in stored:
        outcome = rewritten(each.outcome, lambda content: forgotten(content, unique_id))
        if outcome != each.outcome:
            yield each._replace(outcome=outcome)


def forgotten(content: Any, unique_id: str) -> Any:
    """Returns JSON without a person: in rows of theirs, and wherever the identifier stands."""
    if isinstance(content, dict):
        named = {name: forgotten(value, unique_id) for name, value in content.items()}
        if content.get("unique_id") == unique_id:
            named |= {"unique_id": erased_name(content.get("id") or new_id()), "display_name": None}
        return named
    if isinstance(content, list):
        return [forgotten(each, unique_id) for each in content]
    return ERASED.rstrip("-") if content == unique_id else content
