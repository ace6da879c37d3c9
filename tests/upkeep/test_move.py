"""`./connect move`: everything arrives on a PostgreSQL server, once, whatever interrupts it."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx2
import pytest

from db.location import Server
from db.move.layout import DERIVED, LEFT, tables
from tests.postgresql import Databases
from tests.postgresql.databases import run as asked
from tests.service import EmbeddedService, Service
from tests.upkeep.shell import LIST, Said, Shell, book, client_of, killed

ORGANIZATION = "Consulate of Plenty"


@pytest.fixture
def server(postgresql: Databases) -> Iterator[Server]:
    """An empty database on a server."""
    with postgresql.one(migrated=False) as place:
        yield place


@pytest.fixture
def full(connect: Shell) -> Shell:
    """A shell whose database holds two thousand appointments."""
    said = connect("seed", "--organization", ORGANIZATION, "--appointments", 2000)
    assert said.status == 0, said.err
    return connect


def moved(connect: Shell, server: Server, *more: str) -> Said:
    return connect("move", "--to", server.dsn, *more)


def counts(connect: Shell) -> dict[str, int]:
    with closing(sqlite3.connect(connect.database)) as connection:
        ask = "SELECT count(*) FROM "
        return {each.name: connection.execute(ask + each.name).fetchone()[0] for each in tables()}


def counts_on(server: Server) -> dict[str, int]:
    ask = "SELECT count(*) AS n FROM "
    return {each.name: asked(server.dsn, ask + each.name)[0]["n"] for each in tables()}


def answers(client: httpx2.Client, ids: list[str]) -> list[Any]:
    """What callers see of the database."""
    paths = [LIST, f"{LIST}?ordering=created_at", *(f"{LIST}{id}/" for id in ids)]
    paths += ["/api/v1/events/?after=&limit=100"]
    return [client.get(path).raise_for_status().json() for path in paths]


def test_callers_notice_nothing(connect: Shell, service: EmbeddedService, server: Server):
    with client_of(service) as client:
        booked = book(
            client,
            "anna",
            "bert",
            title="Ünïcode “title” 🎉",
            start_date_time="2030-01-01T10:00:00Z",
        )
        keyed = {"Idempotency-Key": "k1"}
        body = {"title": "T", "start_date_time": "2030-01-01T10:00:00Z", "duration_minutes": 30}
        once = client.post(LIST, json=body | {"participants": []}, headers=keyed).json()
        before = answers(client, [booked["id"]])
        cursor = before[-1]["next_cursor"]
    service.stop()

    said = moved(connect, server)

    assert said.status == 0, said.err
    assert f"moved to {server}, and verified: 1 organizations" in said.out
    assert f'"$(cat {connect.data}/secret.key)"' in said.err
    key = (connect.data / "secret.key").read_text().strip()
    assert key not in said.out + said.err
    there = ServiceOn(connect, server, key)
    try:
        there.wait()
        headers = service.headers
        with httpx2.Client(base_url=there.url, headers=headers, trust_env=False) as client:
            after = answers(client, [booked["id"]])
            port, new_port = f":{service.port}/", f":{there.port}/"
            assert json.dumps(after).replace(new_port, port) == json.dumps(before)
            token = booked["participants"][0]["access_link"].rpartition("/")[2]
            assert client.get(f"/join/{token}").status_code == 200
            again = client.post(LIST, json=body | {"participants": []}, headers=keyed)
            assert (again.status_code, again.json()["id"]) == (201, once["id"])
            new = book(client, "cora")
            events = client.get(f"/api/v1/events/?after={cursor}").json()["results"]
            assert {each["appointment_id"] for each in events} == {new["id"]}
    finally:
        there.stop()


class ServiceOn(Service):
    """A service on a server, with the key of the file that was moved there."""

    def __init__(self, connect: Shell, server: Server, key: str) -> None:
        own = {
            "CONNECT_DATABASE_URL": server.dsn,
            "CONNECT_SECRET_KEYS": key,
            "CONNECT_DATA_DIR": str(connect.data),
        }
        super().__init__(connect.data, own)


OCCUPY = """
    INSERT INTO room_seat SELECT organization_id, appointment_id, id, id, 1, 'seated', 'h',
      printf('%064d', 0), created_at, created_at, NULL, created_at, 0 FROM participant LIMIT 3
"""
SAY = """
    INSERT INTO room_message SELECT organization_id, id, 1, 'h', x'00ff', created_at
      FROM appointment LIMIT 3
"""


def test_seats_come_along_and_messages_between_processes_stay(full: Shell, server: Server):
    with closing(sqlite3.connect(full.database)) as connection:
        for statement in (OCCUPY, SAY):
            assert connection.execute(statement).rowcount == 3
        connection.commit()
    assert moved(full, server).status == 0
    found = asked(server.dsn, "SELECT id::text, state, holder, absent_since FROM room_seat")
    with closing(sqlite3.connect(full.database)) as connection:
        ask = "SELECT id, state, holder, absent_since FROM room_seat"
        assert {tuple(row.values()) for row in found} == {*connection.execute(ask)}
    assert asked(server.dsn, "SELECT number FROM room_message") == []


def test_every_table_is_moved_or_left_on_purpose(full: Shell, server: Server):
    assert moved(full, server).status == 0
    with closing(sqlite3.connect(full.database)) as connection:
        ask = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        there = {name for (name,) in connection.execute(ask)}
    assert {each.name for each in tables()} == there - LEFT - {DERIVED, "alembic_version"}
    assert counts_on(server) == counts(full)
    assert asked(server.dsn, "SELECT to_regclass('unfinished_move') AS t")[0]["t"] is None


def test_a_move_that_is_killed_again_and_again_is_completed(full: Shell, server: Server):
    kills, seen = 0, 0
    for _ in range(40):
        process = full.begin("move", "--to", server.dsn)
        deadline = time.monotonic() + 40
        # Killed as soon as it has come further than the last one did.
        while process.poll() is None and copied(server) <= seen and time.monotonic() < deadline:
            time.sleep(0.002)
        if process.poll() is not None:
            break
        killed(process)
        kills, seen = kills + 1, copied(server)
        if not seen:  # It was killed behind its last step, and the next one would find all there.
            break
    out, err = process.communicate()
    if seen:
        assert process.returncode == 0, err
        assert "moved to" in out
    assert kills >= 3
    assert counts_on(server) == counts(full)


def copied(server: Server) -> int:
    """How many rows have arrived."""
    ask = "SELECT to_regclass('unfinished_move') IS NOT NULL AS is_there"
    if not asked(server.dsn, ask)[0]["is_there"]:
        return 0
    return sum(counts_on(server).values())


def interrupted(connect: Shell, server: Server) -> None:
    """Begins a move and kills it once some rows have arrived."""
    process = connect.begin("move", "--to", server.dsn)
    deadline = time.monotonic() + 40
    while copied(server) == 0 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    assert process.poll() is None
    killed(process)


def test_no_service_starts_on_half_a_database(full: Shell, server: Server):
    interrupted(full, server)
    own = {"CONNECT_DATABASE_URL": server.dsn, "CONNECT_SECRET_KEYS": "Kq3vZ8d0Yt5LwXr2Bn7PcF4h"}
    for command in (("run", "--port", "0"), ("migrate",), ("token", "list")):
        said = full(*command, **own)
        assert said.status == 1
        assert "holds a move that is not complete" in said.err


def test_a_file_that_changed_meanwhile_is_moved_anew_only_when_told_to(full: Shell, server: Server):
    interrupted(full, server)
    assert full("organization", "create", "Late").status == 0

    said = moved(full, server)
    assert (said.status, said.out) == (1, "")
    assert "the file has changed since, or is another one. Run this with --again" in said.err

    assert moved(full, server, "--again").status == 0
    assert counts_on(server) == counts(full)


def test_what_differs_in_the_end_is_found_and_not_served(full: Shell, server: Server):
    interrupted(full, server)
    asked(server.dsn, "UPDATE organization SET name = name || '!'")

    said = moved(full, server)

    assert (said.status, said.out) == (1, "")
    assert "what was copied differs from the file, and no service starts on it" in said.err
    assert (
        "holds a move that is not complete"
        in full(
            "token",
            "list",
            CONNECT_DATABASE_URL=server.dsn,
            CONNECT_SECRET_KEYS="Kq3vZ8d0Yt5LwXr2Bn7",
        ).err
    )


def test_a_database_that_holds_something_is_left_alone(full: Shell, server: Server):
    assert moved(full, server).status == 0
    said = moved(full, server)
    assert (said.status, said.out) == (1, "")
    assert "holds organizations already: if an earlier move made them, it is comp" in said.err
    assert "give the URL of an empty one" in said.err
    assert moved(full, server, "--again").status == 1
    assert counts_on(server) == counts(full)


def test_a_database_that_is_served_is_not_moved_away(
    connect: Shell, service: EmbeddedService, server: Server
):
    said = moved(connect, server)
    assert (said.status, said.out) == (1, "")
    assert "is served by process" in said.err
    assert "CONNECT_WORKERS" not in said.err


def test_text_that_the_server_cannot_store_is_named_before_anything_is_copied(
    full: Shell, server: Server
):
    with closing(sqlite3.connect(full.database)) as connection:
        connection.execute("UPDATE appointment SET title = 'a' || char(0) || 'b' WHERE rowid = 7")
        connection.commit()
        (id,) = connection.execute("SELECT id FROM appointment WHERE rowid = 7").fetchone()

    said = moved(full, server)

    assert said.status == 1
    assert (
        f"1 rows hold a null character, which PostgreSQL cannot store: appointment '{id}'"
        in said.err
    )
    assert asked(server.dsn, "SELECT to_regclass('organization') AS t")[0]["t"] is None


@pytest.mark.parametrize(
    ("url", "status", "words"),
    [
        ("sqlite:////tmp/x.db", 2, "it must be an address like postgresql://"),
        ("postgresql://user:s3cret@127.0.0.1:1/name", 1, "no server answers"),
        ("mysql://user:s3cret@host/name", 2, "not an address that this release knows"),
    ],
)
def test_a_wrong_target_is_refused_without_showing_a_password(
    full: Shell, url: str, status: int, words: str
):
    said = full("move", "--to", url)
    assert (said.status, said.out) == (status, "")
    assert words in said.err
    assert "s3cret" not in said.err


def test_there_is_nothing_to_move_before_the_first_start(connect: Shell, server: Server):
    said = moved(connect, server)
    assert said.status == 1
    assert "there is nothing to move" in said.err
