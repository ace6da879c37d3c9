"""Every statement, with every common variant, answers the same on every engine."""

import random
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from db.compiler import statements
from db.connect import open_database
from db.engine import Database, Tenancy
from db.location import SqliteFile
from db.models import (
    AppointmentStatus,
    EventType,
    KeptOutcome,
    OrganizationRow,
    ParticipantRole,
    SeatRow,
    SeatState,
)
from db.queries import (
    appointments,
    events,
    histogram,
    idempotency,
    leases,
    participants,
    rooms,
    system,
)
from db.statement import Statement
from tests.postgresql import Databases

from .conftest import NOON, appointment, event, person

ROWS = 40
# Not in the order in which a language would sort them.
NAMES = ("Ångström", "Zebra", "apple", "Émile", "a b", "ab")


def id_of(kind: int, number: int) -> str:
    """An id that is the same in every database."""
    return str(UUID(int=(kind << 96) + (7 << 76) + (2 << 62) + number))


ORGANIZATIONS = [id_of(1, number) for number in range(len(NAMES))]
APPOINTMENTS = [id_of(2, number) for number in range(ROWS)]
PEOPLE = [id_of(3, number) for number in range(3 * ROWS)]
ONE = ORGANIZATIONS[0]
SEATS = [id_of(7, number) for number in range(4)]


class Engines(NamedTuple):
    """The same content in a file and on a server."""

    sqlite: Database
    postgresql: Database


@pytest.fixture
async def engines(postgresql: Databases, migrated: Any, tmp_path: Any) -> AsyncIterator[Engines]:
    path = tmp_path / "connect.db"
    path.write_bytes(migrated.read_bytes())
    with postgresql.one() as server:
        both = Engines(await open_database(SqliteFile(path)), await open_database(server))
        for database in both:
            await fill(database)
        yield both
        for database in both:
            await database.close()


async def fill(database: Database) -> None:
    """Writes organizations with appointments, people, events, tokens and the rest."""
    chance = random.Random(7)
    async with database.write() as tx:
        for number, (id, name) in enumerate(zip(ORGANIZATIONS, NAMES, strict=True)):
            await system.add_organization(tx, OrganizationRow(id, name, number != 2, NOON))
            await system.add_tokens(tx, token(number))
        await leases.add(tx, "clock", "somebody")
    for organization in ORGANIZATIONS[:2]:
        async with database.write(organization) as transaction:
            await fill_one(Tenancy(transaction, organization), chance)


async def fill_one(tx: Tenancy, chance: random.Random) -> None:
    is_first = tx.organization_id == ONE
    for number in range(ROWS):
        at = NOON + timedelta(minutes=chance.randrange(20), microseconds=chance.randrange(3))
        row = appointment(
            id=APPOINTMENTS[number], title=f"T{number}", start_date_time=at, created_at=at,
            updated_at=at, status=chance.choice(list(AppointmentStatus)), participant_count=3,
            config={"record": True} if number % 2 else None,
            clock_end_at=at if number % 3 == 0 else None,
        )  # fmt: skip
        await appointments.add(tx, row)
        people = PEOPLE[3 * number : 3 * number + 3] if is_first else []
        await participants.add(
            tx,
            [
                person(row.id, id=id, unique_id=f"u{place}", display_name=f"D{number}")
                for place, id in enumerate(people)
            ],
        )
    if is_first:
        await fill_rooms(tx)
    kept = KeptOutcome("create", b"d", b"{}", NOON)
    await idempotency.add(tx, "k", "", kept)
    kinds = [
        EventType.PARTICIPANT_JOINED,
        EventType.PARTICIPANT_LEFT,
        EventType.APPOINTMENT_CREATED,
    ]
    await events.append(
        tx,
        [
            event(
                id=id_of(4 if is_first else 5, number), type=kinds[number % 3],
                appointment_id=APPOINTMENTS[number % 5], participant_id=PEOPLE[number % 7],
                occurred_at=NOON + timedelta(seconds=number), data={"z": 1, "a": [None, "é"]},
            )
            for number in range(120)
        ],
    )  # fmt: skip


async def fill_rooms(tx: Tenancy) -> None:
    """Two rooms: three seats in one, of which one is absent and one waits; messages in both."""
    for number, room in enumerate((1, 1, 1, 2)):
        await rooms.add_seat(
            tx,
            SeatRow(
                tx.organization_id, APPOINTMENTS[room], SEATS[number], PEOPLE[3 * room], 1,
                SeatState.WAITING if number == 2 else SeatState.SEATED, "h" if number else "g",
                "0" * 64, NOON + timedelta(seconds=number), NOON,
                NOON if number == 1 else None, NOON + timedelta(seconds=number), 0,
            ),
        )  # fmt: skip
    for room, at in ((1, NOON), (3, NOON), (1, NOON + timedelta(days=1))):
        sent = [b"{}", b"\x00\xff"]
        await rooms.add_messages(tx, APPOINTMENTS[room], "g", sent, at)


def token(number: int) -> dict[str, Any]:
    return {
        "id": id_of(6, number), "organization_id": ORGANIZATIONS[number], "name": f"t{number}",
        "prefix": "p", "digest": f"{number}" * 64, "scopes": "read write", "created_at": NOON,
        "expires_at": None if number % 2 else NOON, "revoked_at": None, "last_used_at": None,
    }  # fmt: skip


# A value for each parameter; where one name means different things, by statement.
VALUES: dict[str, Any] = {
    "contact": None, "language": "de", "shows_cancel_reason": True,
    "absent_since": None, "at_holder": "h", "at_resumes": 0, "entered_at": NOON,
    "key_digest": "1" * 64, "nothing": b"", "now": NOON, "number": 9, "payload": b"\x00",
    "reader": "h", "resumes": 0, "seat_id": "g", "seated_at": NOON, "seen_at": NOON, "sender": "g",
    "state": SeatState.SEATED, "to_state": SeatState.SEATED,
    "active": False, "actor": "a", "after": 3, "after_id": APPOINTMENTS[9],
    "after_key": NOON + timedelta(minutes=9), "amount": 2, "appointment_count": 0,
    "appointment_id": APPOINTMENTS[1], "appointment_ids": APPOINTMENTS[:6], "appointments": 1,
    "at_id": APPOINTMENTS[3], "at_name": "clock", "at_version": 1,
    "before": NOON + timedelta(hours=1), "before_id": APPOINTMENTS[30],
    "before_key": NOON + timedelta(minutes=12), "cancel_reason": "ill", "cancelled_at": NOON,
    "changed_fields": ["title"], "clock_end_at": NOON, "config": {"b": True, "a": False},
    "created_at": NOON, "data": {"b": [1, {"a": None}]}, "digest": "1" * 64,
    "display_name": None, "duration_minutes": 45, "ended_at": None, "event_floor": 0,
    "event_seq": 0, "expires_at": None, "floor": 5, "from_holder": "somebody", "from_term": 1,
    "begins_at": NOON, "instant": NOON + timedelta(minutes=17), "most": 10,
    **{name: NOON.isoformat()[:length] for name, length in histogram.LENGTHS.items()},
    "holder": "h", "id": APPOINTMENTS[4], "ids": [*APPOINTMENTS[:3], id_of(9, 9)],
    "is_active": True, "key": "k", "last": 300, "last_used_at": None, "limit": 7,
    "link_version": 2, "name": "new", "occurred_at": NOON, "offset": 5, "operation": "o",
    "new_outcome": b"", "outcome": b"", "participant_count": 0, "participant_id": PEOPLE[2],
    "participant_ids": PEOPLE[:9], "participant_unique_id": "u1", "participants": 1,
    "place": "", "prefix": "p", "request_id": "r", "revoked_at": NOON,
    "role": ParticipantRole.MODERATOR, "scopes": "read", "seq": 10_000, "skipped": 2,
    "source": "cli", "start_date_time": NOON, "started_at": NOON,
    "starts_from": NOON + timedelta(minutes=2), "starts_until": NOON + timedelta(minutes=15),
    "status": AppointmentStatus.ACTIVE, "status_0": AppointmentStatus.ACTIVE,
    "status_1": AppointmentStatus.SCHEDULED, "term": 1, "title": "ü 😀",
    "to_holder": "other", "to_term": 2, "type": EventType.APPOINTMENT_UPDATED,
    "types": (EventType.PARTICIPANT_JOINED, EventType.APPOINTMENT_CREATED),
    "unique_id": "new", "until": 100, "updated_at": NOON,
    "updated_since": NOON + timedelta(minutes=3), "used_at": NOON, "version": 1,
}  # fmt: skip
OWN: dict[str, dict[str, Any]] = {
    "appointments.INSERT": {"id": id_of(8, 1)},
    "events.BY_ID": {"id": id_of(4, 3)},
    "events.INSERT": {"id": id_of(8, 2)},
    "events.back": {"skipped": 1},
    "histogram.hour": {"place": 3},
    "idempotency.NTH_OLDEST": {"skipped": 0},
    "idempotency.OUTCOMES": {"key": ""},
    "idempotency.REMOVE_UNTIL": {"until": NOON + timedelta(days=1)},
    "idempotency.INSERT": {"key": "new", "digest": b"\x00\xff", "outcome": b"\x00{}"},
    "leases.LEASE_OF": {"name": "clock"},
    "participants.BY_ID": {"id": PEOPLE[5]},
    "participants.BY_IDS": {"ids": [*PEOPLE[:4], id_of(9, 9)]},
    "participants.DELETE": {"ids": PEOPLE[3:5]},
    "participants.INSERT": {"id": id_of(8, 3)},
    "participants.OF_PERSON": {"unique_id": "u1"},
    "participants.OFFSET_PAGE": {"offset": 1},
    "participants.change": {"at_id": PEOPLE[3]},
    "participants.pages": {"after": PEOPLE[1], "before": PEOPLE[17], "limit": 2},
    "rooms.ADD": {"id": id_of(8, 6)},
    "rooms.ADMIT": {"ids": SEATS},
    "rooms.BY_IDS": {"ids": [SEATS[0], id_of(9, 9)]},
    "rooms.GIVEN_UP": {"nothing": b"{}"},
    "rooms.LOSE": {"at_id": SEATS[0]},
    "rooms.MESSAGES": {"after": 0},
    "rooms.REMOVE": {"ids": SEATS},
    "rooms.RESUME": {"at_id": SEATS[1]},
    "system.ADD_ORGANIZATION": {"id": id_of(8, 4)},
    "system.ADD_TOKEN": {"id": id_of(8, 5), "digest": "x" * 64},
    "system.HOME": {"id": PEOPLE[5]},
    "system.KNOWN_DIGESTS": {"digests": ["1" * 64, "x" * 64]},
    "system.LOG_ENDS": {"ids": ORGANIZATIONS[:3]},
    "system.MESSAGE_ENDS": {"ids": ORGANIZATIONS[:3]},
    "system.ORGANIZATION_BY_NAME": {"name": "Ångström"},
    "system.SETTLE": {"at_id": ONE},
    "system.SEAT_HOME": {"id": SEATS[3]},
    "system.REVOKE": {"at_id": id_of(6, 1)},
    "system.SWITCH": {"at_id": ONE},
    "system.TOKENS_BY_IDS": {"ids": [id_of(6, 1), id_of(6, 2)]},
    "system.USED": {"at_id": id_of(6, 1)},
}
# Statements without an order, whose rows are compared as a set.
IN_NO_ORDER = {
    "appointments.BY_IDS", "participants.BY_IDS", "system.LOG_ENDS", "system.TOKENS_BY_IDS",
    "rooms.BY_IDS", "rooms.GIVEN_UP", "rooms.OF_HOLDER", "rooms.OF_PEOPLE",
    "system.ABSENT_SEATS", "system.EXPIRED", "system.HOLDERS", "system.KNOWN_DIGESTS", "system.MESSAGE_ENDS", "system.STALE",
    "system.STALE_MESSAGES",
}  # fmt: skip


class Undone(Exception):
    """Ends a transaction without its changes."""


def values_of(statement: Statement[Any]) -> dict[str, Any]:
    given = VALUES | OWN.get(statement.name, {})
    wanted = statement.described("sqlite")
    names = set(wanted.names) - set(wanted.defaults) - {"organization_id"}
    assert names <= given.keys(), f"{statement.name} needs a value for {names - given.keys()}"
    return {name: given[name] for name in names}


def all_statements() -> Iterator[Statement[Any]]:
    seen = set()
    for each in statements():
        if (each.name, each.arguments) not in seen:
            seen.add((each.name, each.arguments))
            yield each


async def outcome(database: Database, statement: Statement[Any]) -> Any:
    """Returns the rows of a statement, or how many it changed; undoes what it changed."""
    values = {"organization_id": ONE, **values_of(statement)}
    description = statement.described(database.dialect)
    found: Any = None
    if description.only_reads:
        async with database.read(ONE) as tx:
            found = await tx.fetch(statement, values)
        return sorted(found, key=repr) if statement.name in IN_NO_ORDER else found
    try:
        async with database.write() as tx:
            returns = bool(description.reads)
            found = await (tx.fetch if returns else tx.execute)(statement, values)
            raise Undone
    except Undone:
        return found


async def test_every_statement_answers_the_same_on_every_engine(engines: Engines) -> None:
    # A cascade sits on every delete, and the plan of every read: all at once, for the time.
    differences, empty, count = [], set(), 0
    for statement in all_statements():
        count += 1
        ours, theirs = [await outcome(database, statement) for database in engines]
        if ours != theirs or [type(row) for row in rows(ours)] != [
            type(row) for row in rows(theirs)
        ]:
            differences.append((statement.name, statement.arguments, ours, theirs))
        if not ours:
            empty.add(statement.name)
    assert differences == []
    assert count > 700
    # What finds nothing shows nothing. The histogram is kept for long lists only.
    assert {name for name in empty if not name.startswith("histogram.")} == set()


def rows(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [found]
