"""The floor's writes: rows and their event in one transaction; waiting writers share a commit.
Called by `app.py`; a caller hears back only after the disk has the commit."""

import asyncio
import sqlite3
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
import uuid_utils

from .reads import ONE, PARTICIPANTS, SWITCHES
from .storage import now, stored

APPOINTMENT = """INSERT INTO appointment (organization_id, id, title, start_date_time,
duration_minutes, status, config, created_at, updated_at, version)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)"""
PARTICIPANT = """INSERT INTO participant (organization_id, appointment_id, created_at, updated_at,
id, unique_id, display_name, role, link_version) VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (organization_id, appointment_id, unique_id) DO NOTHING"""
NUMBER = """UPDATE organization SET event_seq = event_seq + ?2 WHERE id = ?1 RETURNING event_seq"""
EVENT = """INSERT INTO event (organization_id, seq, id, type, appointment_id, participant_id,
changed_fields, actor, source, request_id, occurred_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, '[]', 'token', ?7, ?8, ?9)"""
TOUCH = """UPDATE appointment SET version = version + 1, updated_at = ?3
WHERE organization_id = ?1 AND id = ?2 AND status NOT IN ('completed', 'cancelled')"""
Work = Callable[[], Any]
Row = tuple[Any, ...]
# An appointment and its participants, as `reads.one` answers them.
Rows = tuple[Row, list[Row]]


class Writes:
    """The writes, on one connection; statements run on the event loop, commits on a thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.execute = connection.execute
        self.waiting: list[tuple[Work, asyncio.Future[Any]]] = []
        self.flusher: asyncio.Task[None] | None = None

    async def transact(self, work: Work) -> Any:
        """Run `work` in a transaction; return its result once that is durable."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.waiting.append((work, future))
        if self.flusher is None:
            self.flusher = asyncio.create_task(self.flush())
        return await future

    async def flush(self) -> None:
        """Run and commit all waiting work together, until none is left."""
        loop = asyncio.get_running_loop()
        while self.waiting:
            batch, self.waiting = self.waiting, []
            self.execute("BEGIN IMMEDIATE")
            done = [(future, self.attempt(work)) for work, future in batch]
            await loop.run_in_executor(None, self.connection.commit)
            for future, (result, error) in done:
                if error is None:
                    future.set_result(result)
                else:
                    future.set_exception(error)
        self.flusher = None

    def attempt(self, work: Work) -> tuple[Any, Exception | None]:
        """Run one caller's work so that its failure undoes only itself."""
        self.execute("SAVEPOINT one")
        try:
            result = work()
        except sqlite3.Error as error:
            self.execute("ROLLBACK TO one")
            return None, error
        finally:
            self.execute("RELEASE one")
        return result, None

    async def create(self, organization: str, body: dict[str, Any], source: str) -> Rows:
        """Book an appointment given as REST gives it; return its rows."""
        config = body.get("config")
        at = now()
        row = (
            str(uuid_utils.uuid7()),
            body["title"],
            stored(body["start_date_time"]),
            body["duration_minutes"],
            "scheduled",
            None if config is None else orjson.dumps(config).decode(),
            at,
            at,
        )
        guests = new_guests(body["participants"])
        await self.transact(partial(self.insert, organization, row, guests, source))
        return row, guests

    async def create_from_graphql(self, organization: str, given: dict[str, Any]) -> Rows:
        """Book an appointment given as GraphQL gives it; return its rows."""
        config = given.get("config")
        body = {
            "title": given["title"],
            "start_date_time": given["startDateTime"],
            "duration_minutes": given["durationMinutes"],
            "participants": [
                {
                    "unique_id": guest["uniqueId"],
                    "display_name": guest.get("displayName"),
                    "role": guest["role"].lower(),
                }
                for guest in given["participants"]
            ],
            "config": config and {SWITCHES[name]: value for name, value in config.items()},
        }
        return await self.create(organization, body, "graphql")

    def insert(self, organization: str, row: Row, guests: list[Row], source: str) -> None:
        """Insert an appointment, its participants and the event."""
        self.execute(APPOINTMENT, (organization, *row))
        self.invite(organization, row[0], guests, row[6])
        self.record(organization, "appointment.created", row[0], [None], source, row[6])

    def invite(self, organization: str, key: str, guests: list[Row], at: str) -> list[str | None]:
        """Insert participants who are not there yet; return the ids of the new ones."""
        return [
            guest[0]
            for guest in guests
            if self.execute(PARTICIPANT, (organization, key, at, *guest)).rowcount
        ]

    def record(
        self,
        organization: str,
        kind: str,
        appointment: str,
        participants: list[str | None],
        source: str,
        at: str,
    ) -> None:
        """Write one event for each participant, numbered without gaps."""
        (last,) = self.execute(NUMBER, (organization, len(participants))).fetchone()
        request = uuid.uuid4().hex
        first = last - len(participants) + 1
        for seq, participant in enumerate(participants, first):
            values = (str(uuid_utils.uuid7()), kind, appointment, participant, source, request, at)
            self.execute(EVENT, (organization, seq, *values))

    async def add(self, organization: str, key: str, given: list[dict[str, Any]]) -> Rows | None:
        """Add participants to an appointment that can still change; return its rows."""
        guests = new_guests(given)
        found: Rows | None = await self.transact(partial(self.extend, organization, key, guests))
        return found

    def extend(self, organization: str, key: str, guests: list[Row]) -> Rows | None:
        """Insert participants, raise the version and write one event for each."""
        at = now()
        if not self.execute(TOUCH, (organization, key, at)).rowcount:
            return None
        added = self.invite(organization, key, guests, at)
        if added:
            self.record(organization, "participant.added", key, added, "rest", at)
        row = self.execute(ONE, (organization, key)).fetchone()
        return row, self.execute(PARTICIPANTS, (organization, key)).fetchall()


def new_guests(given: list[dict[str, Any]]) -> list[Row]:
    """Make rows of participants, with new ids, in the order of the columns that are read."""
    return [
        (
            str(uuid_utils.uuid7()),
            guest["unique_id"],
            guest.get("display_name"),
            guest["role"],
            1,
        )
        for guest in given
    ]
