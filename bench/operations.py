"""What is measured: eight rows, each a way to make as many requests as are wanted.
`measure.py` times them and `check.py` compares their answers; both send the same requests."""

import random
import sqlite3
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson

from . import dataset, graphql
from .dataset import Organization, Size

PREFIX = "/api/v1/appointments/"
# A realistic filter leaves about this many rows: four pages.
WINDOW_ROWS = 77
# Reads and writes keep to different appointments, by id and by time: not every target is asked to
# write, and a page that holds what some of them have written would compare nothing.
READ_SHARE = 0.6
READ_DAYS = 300
CHANGED_FROM = f"{dataset.FIRST_START + timedelta(days=READ_DAYS):%Y-%m-%d}"
LATER = dataset.FIRST_START + timedelta(days=2 * dataset.DAYS)


class Request(NamedTuple):
    """One request, before it is written for a port."""

    method: str
    path: str
    token: str
    body: bytes = b""

    def encode(self, port: int) -> bytes:
        """Write the request as HTTP/1.1 for a server on this port of the loopback."""
        head = (
            f"{self.method} {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Authorization: Token {self.token}\r\n"
        )
        if self.body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(self.body)}\r\n"
        return head.encode() + b"\r\n" + self.body


class Subjects:
    """The rows that requests are about, chosen in the same way for every target."""

    def __init__(self, path: Path, size: Size) -> None:
        """Read ids and owners from a filled database of the gateway."""
        self.size = size
        tenants = {each.id: each for each in dataset.organizations(size)}
        self.tenants = list(tenants.values())
        with sqlite3.connect(path) as connection:
            rows = connection.execute(
                "SELECT organization_id, id, status = 'scheduled' AND start_date_time >= ?"
                " FROM appointment ORDER BY id",
                (CHANGED_FROM,),
            ).fetchall()
        connection.close()
        cut = int(len(rows) * READ_SHARE)
        self.read = [(tenants[owner], key) for owner, key, _ in rows[:cut]]
        self.changed = [(tenants[owner], key) for owner, key, free in rows[cut:] if free]


Make = Callable[[Subjects, random.Random, int], Request]


class Goal(NamedTuple):
    """The gateway's processor time per request, in multiples of the floor's."""

    least: float
    aim: float


class Operation(NamedTuple):
    name: str
    face: str
    writes: bool
    goal: Goal
    make: Make

    @property
    def label(self) -> str:
        """The name in the report and in `--only`."""
        return f"{self.face} {self.name}"

    def requests(self, subjects: Subjects, turn: int, count: int) -> list[Request]:
        """Return the requests of one turn: the same for every target, different in every turn."""
        source = random.Random(f"{subjects.size.seed} {self.label} {turn}")
        first = turn * 1_000_000
        return [self.make(subjects, source, first + number) for number in range(count)]


def window(size: Size, source: random.Random) -> dict[str, str]:
    """Draw a stretch of the year that holds about `WINDOW_ROWS`: two weeks at full size."""
    minutes = dataset.DAYS * 24 * 60 * WINDOW_ROWS * size.organizations // size.appointments
    minutes = min(minutes, (READ_DAYS - 30) * 24 * 60)
    latest = READ_DAYS * 24 * 60 - minutes
    begin = dataset.FIRST_START + timedelta(minutes=source.randrange(latest))
    end = begin + timedelta(minutes=minutes)
    return {"from": f"{begin:%Y-%m-%dT%H:%M:%S}Z", "until": f"{end:%Y-%m-%dT%H:%M:%S}Z"}


def graphql_body(query: str, variables: dict[str, Any]) -> bytes:
    return orjson.dumps({"query": query, "variables": variables})


def graphql_request(tenant: Organization, query: str, variables: dict[str, Any]) -> Request:
    return Request("POST", "/graphql", tenant.token, graphql_body(query, variables))


def retrieve(subjects: Subjects, source: random.Random, number: int) -> Request:
    tenant, key = source.choice(subjects.read)
    return Request("GET", f"{PREFIX}{key}/", tenant.token)


def filtered_page(subjects: Subjects, source: random.Random, number: int) -> Request:
    """Read the first page of a window of time."""
    drawn = window(subjects.size, source)
    query = urlencode({"end_date": drawn["until"], "start_date": drawn["from"]})
    return Request("GET", f"{PREFIX}?{query}", source.choice(subjects.tenants).token)


def by_participant(subjects: Subjects, source: random.Random, number: int) -> Request:
    """Read the first page of one person's appointments."""
    tenant = source.choice(subjects.tenants)
    who = dataset.person(tenant, source.randrange(subjects.size.people_each))
    query = urlencode({"participant_unique_id": who})
    return Request("GET", f"{PREFIX}?{query}", tenant.token)


def graphql_one(subjects: Subjects, source: random.Random, number: int) -> Request:
    tenant, key = source.choice(subjects.read)
    return graphql_request(tenant, graphql.ONE, {"id": key})


def graphql_page(subjects: Subjects, source: random.Random, number: int) -> Request:
    """Read the first twenty of a window, with participants, over GraphQL."""
    return graphql_request(
        source.choice(subjects.tenants), graphql.PAGE, window(subjects.size, source)
    )


def booking(source: random.Random, number: int) -> dict[str, Any]:
    """Draw a new appointment with two participants, later than every window that is read."""
    start = LATER + timedelta(minutes=15 * source.randrange(30_000))
    return {
        "title": f"Booked {number}",
        "start": f"{start:%Y-%m-%dT%H:%M:%S}Z",
        "duration": source.choice((30, 45, 60)),
        "people": [(f"new-{number}-{seat}@example.com", seat == 0) for seat in range(2)],
    }


def create(subjects: Subjects, source: random.Random, number: int) -> Request:
    drawn = booking(source, number)
    body = {
        "title": drawn["title"],
        "start_date_time": drawn["start"],
        "duration_minutes": drawn["duration"],
        "participants": [new_participant(who, first) for who, first in drawn["people"]],
        "config": {"chat_enabled": True, "whiteboard_enabled": False},
    }
    return Request("POST", PREFIX, source.choice(subjects.tenants).token, orjson.dumps(body))


def new_participant(who: str, moderates: bool) -> dict[str, str]:
    """Describe one participant as REST takes it."""
    role = "moderator" if moderates else "participant"
    return {"unique_id": who, "display_name": "New Guest", "role": role}


def add_ten(subjects: Subjects, source: random.Random, number: int) -> Request:
    """Add ten participants to an appointment that has none of them."""
    tenant, key = subjects.changed[number % len(subjects.changed)]
    guests = [
        new_participant(f"added-{number}-{seat}@example.com", moderates=False) for seat in range(10)
    ]
    path = f"{PREFIX}{key}/participants/add/"
    return Request("POST", path, tenant.token, orjson.dumps(guests))


def graphql_create(subjects: Subjects, source: random.Random, number: int) -> Request:
    drawn = booking(source, number)
    variables = {
        "title": drawn["title"],
        "startDateTime": drawn["start"],
        "durationMinutes": drawn["duration"],
        "participants": [
            {
                "uniqueId": who,
                "displayName": "New Guest",
                "role": "MODERATOR" if first else "PARTICIPANT",
            }
            for who, first in drawn["people"]
        ],
        "config": {"chatEnabled": True, "whiteboardEnabled": False},
    }
    tenant = source.choice(subjects.tenants)
    return graphql_request(tenant, graphql.CREATE, {"input": variables})


OPERATIONS: Sequence[Operation] = (
    Operation("one", "REST", False, Goal(1.8, 1.2), retrieve),
    Operation("filtered page", "REST", False, Goal(1.5, 1.2), filtered_page),
    Operation("by participant", "REST", False, Goal(1.3, 1.1), by_participant),
    Operation("create", "REST", True, Goal(1.7, 1.3), create),
    Operation("add ten", "REST", True, Goal(1.7, 1.3), add_ten),
    Operation("one", "GraphQL", False, Goal(2.2, 1.3), graphql_one),
    Operation("20 nested", "GraphQL", False, Goal(1.8, 1.2), graphql_page),
    Operation("create", "GraphQL", True, Goal(1.9, 1.4), graphql_create),
)


def named(words: Sequence[str], rows: Sequence[Operation] = OPERATIONS) -> list[Operation]:
    """Return the rows whose label holds one of the words in any case; all without words."""
    lowered = [word.lower() for word in words] or [""]
    return [each for each in rows if any(word in each.label.lower() for word in lowered)]
