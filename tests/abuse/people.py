"""Who is there when the attack begins: two tenants, their tokens, appointments to read."""

import asyncio
import json
import sqlite3
import uuid
from pathlib import Path
from typing import Any, NamedTuple

from db import migrate
from db.location import SqliteFile
from gateway.services import open_services
from gateway.settings import Settings
from schema.domain.token_text import digest, display_prefix, mint
from tests.people import Tenant, add_tenant

from .server import KEY, Server
from .wire import exchange, request

CROWD = 1_000
GUESTS = 100
# Enough full appointments for the widest page that a budget lets through.
FULL = 12
COPIES = 10_000
# Enough that no budget per token is used up by the cases that share one.
TOKENS = 200


class People(NamedTuple):
    """What the attacks are made with: the attacker's tokens and ids, and the polite client's."""

    tokens: tuple[str, ...]
    appointment: str
    crowded: str
    polite_token: str
    polite_appointment: str


def prepare(folder: Path) -> tuple[Tenant, Tenant, tuple[str, ...]]:
    """Makes the database with an attacker's and a polite tenant; returns both and more tokens."""
    path = folder / "connect.db"
    migrate.upgrade(SqliteFile(path))
    settings = Settings(given_database=SqliteFile(path), secret_keys=(KEY,))

    async def made() -> tuple[Tenant, Tenant]:
        async with open_services(settings) as services:
            attacker = await add_tenant(services, "Attacker")
            return attacker, await add_tenant(services, "Polite")

    attacker, polite = asyncio.run(made())
    return attacker, polite, more_tokens(path, attacker.write)


def more_tokens(path: Path, like: str) -> tuple[str, ...]:
    """Copies the row of a token under new digests."""
    texts = tuple(mint() for _ in range(TOKENS))
    changed = [
        {"id": str(uuid.uuid4()), "digest": digest(text), "prefix": display_prefix(text)}
        for text in texts
    ]
    with sqlite3.connect(path) as connection:
        copy_row(connection, "api_token", ("digest", digest(like)), changed)
    return texts


def furnish(server: Server, attacker: Tenant, polite: Tenant, tokens: tuple[str, ...]) -> People:
    """Books the appointments over REST and copies one until lists are long."""
    crowded = book(server, attacker.write, CROWD)
    appointment, *_ = [book(server, attacker.write, GUESTS) for _ in range(FULL)]
    plain = book(server, attacker.write, 0)
    with sqlite3.connect(server.database, timeout=10) as connection:
        copies = [
            {"id": str(uuid.uuid4()), "start_date_time": f"2032-01-01T00:{n % 60:02}:00.000000Z"}
            for n in range(COPIES)
        ]
        copy_row(connection, "appointment", ("id", plain), copies)
        connection.execute(
            "UPDATE organization SET appointment_count = appointment_count + ? WHERE id ="
            " (SELECT organization_id FROM appointment WHERE id = ?)",
            (COPIES, plain),
        )
    own = book(server, polite.write, 2)
    return People(tokens, appointment, crowded, polite.read, own)


def book(server: Server, token: str, guests: int) -> str:
    body = json.dumps(
        {
            "title": "Passport renewal",
            "start_date_time": "2032-06-01T09:00:00Z",
            "duration_minutes": 30,
            "participants": [
                {"unique_id": f"person-{n}@example.org", "role": "participant"}
                for n in range(guests)
            ],
        }
    ).encode()
    asked = request("POST", "/api/v1/appointments/", body, token, content_type="application/json")
    answer = exchange(server.port, asked, 60, 60)
    if answer.status != 201:
        raise RuntimeError(f"no appointment was made: {answer.status} {answer.body[:300]!r}")
    return str(answer.json()["id"])


def copy_row(
    connection: sqlite3.Connection, table: str, key: tuple[str, str], changes: list[dict[str, Any]]
) -> None:
    """Inserts copies of the row that `key` names, each with some columns changed."""
    names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    row = connection.execute(f"SELECT * FROM {table} WHERE {key[0]} = ?", (key[1],)).fetchone()
    if row is None:
        raise RuntimeError(f"there is no row in {table} to copy")
    original = dict(zip(names, row, strict=True))
    marks = ",".join(f":{name}" for name in names)
    rows = [{**original, **change} for change in changes]
    connection.executemany(f"INSERT INTO {table} ({','.join(names)}) VALUES ({marks})", rows)
