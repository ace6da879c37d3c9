"""`./connect restore`: the backup or what was there, never something between, nothing thrown away."""

import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command

from db import migrate
from db.location import SqliteFile
from db.upkeep.examination import examine
from tests.service import EmbeddedService
from tests.upkeep.shell import LIST, Said, Shell, book, client_of, writing


def count(path: Path, table: str = "appointment") -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def aside_of(data: Path) -> list[Path]:
    return list(data.glob("connect.db.replaced-*Z"))


def refused(said: Said, words: str) -> bool:
    return (said.status, said.out) == (1, "") and words in said.err


@pytest.fixture
def saved(connect: Shell, tmp_path: Path) -> Path:
    """A backup of a database with one organization; the database has two."""
    connect("organization", "create", "Acme")
    assert connect("backup", tmp_path / "saved.db").status == 0
    connect("organization", "create", "Later")
    return tmp_path / "saved.db"


def test_what_was_backed_up_is_served_again_and_the_rest_is_kept_aside(
    connect: Shell, service: EmbeddedService, tmp_path: Path
):
    with client_of(service) as client:
        booked = book(client, "anna")
        connect("backup", tmp_path / "saved.db")
        lost = book(client, "bert")
    service.stop()

    said = connect("restore", tmp_path / "saved.db")

    assert (said.status, said.out) == (0, f"{connect.database}\n"), said.err
    (aside,) = aside_of(connect.data)
    assert f"the database that was here is {aside}" in said.err
    assert count(aside) == count(connect.database) + 1
    assert connect.database.stat().st_mode & 0o777 == 0o600
    again = EmbeddedServiceAgain(connect.data, service.token)
    try:
        with client_of(again) as client:
            assert client.get(f"{LIST}{booked['id']}/").json()["title"] == booked["title"]
            assert client.get(f"{LIST}{lost['id']}/").status_code == 404
            book(client, "cora")
    finally:
        again.stop()


class EmbeddedServiceAgain(EmbeddedService):
    """A service on a database that is there already, with a token that is known."""

    def __init__(self, folder: Path, token: str) -> None:
        self._known = token
        super().__init__(folder)

    def _read_token(self) -> str:
        return self._known


def test_nothing_is_restored_below_a_running_server(
    connect: Shell, service: EmbeddedService, tmp_path: Path
):
    connect("backup", tmp_path / "saved.db")
    with writing(service) as load:
        while len(load.acknowledged) < 10:
            time.sleep(0.01)
        assert refused(connect("restore", tmp_path / "saved.db"), "is served by process")
    assert load.failures == []
    service.stop()
    assert set(load.acknowledged) <= ids(connect.database)


def ids(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {id for (id,) in connection.execute("SELECT id FROM appointment")}


def test_a_log_that_a_killed_server_left_is_not_taken_for_that_of_the_backup(
    connect: Shell, service: EmbeddedService, tmp_path: Path
):
    connect("backup", tmp_path / "saved.db")
    before = count(tmp_path / "saved.db")
    with writing(service) as load:
        while len(load.acknowledged) < 20:
            time.sleep(0.01)
        service.end()
    assert connect.database.with_name("connect.db-wal").stat().st_size > 0

    assert connect("restore", tmp_path / "saved.db").status == 0

    assert count(connect.database) == before
    (aside,) = aside_of(connect.data)
    assert set(load.acknowledged) <= ids(aside)


def test_a_damaged_backup_is_refused(connect: Shell, saved: Path):
    content = bytearray(saved.read_bytes())
    content[3 * 4096 : 3 * 4096 + 2000] = b"\xff" * 2000
    saved.write_bytes(content)

    assert refused(connect("restore", saved), "is damaged")

    assert count(connect.database, "organization") == 2
    assert aside_of(connect.data) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "has no revision"), (b"only words, " * 999, "not a database"), (None, "does not exist")],
)
def test_what_is_no_backup_is_refused(
    connect: Shell, saved: Path, tmp_path: Path, content: bytes | None, words: str
):
    wrong = tmp_path / "wrong.db"
    if content is not None:
        wrong.write_bytes(content)
    assert refused(connect("restore", wrong), words)
    assert count(connect.database, "organization") == 2


def test_the_backup_of_a_later_release_is_refused(connect: Shell, saved: Path):
    with closing(sqlite3.connect(saved)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()

    assert refused(connect("restore", saved), "is at revision 9999, this release at")
    assert count(connect.database, "organization") == 2


def test_the_backup_of_an_earlier_release_is_migrated(connect: Shell, tmp_path: Path):
    command.upgrade(migrate.configured(SqliteFile(tmp_path / "old.db")), "0004")
    with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
        connection.execute("INSERT INTO organization VALUES ('o', 'A', 1, 0, '2026-01-01')")
        connection.commit()
    kept = (tmp_path / "old.db").read_bytes()

    said = connect("restore", tmp_path / "old.db")

    assert said.status == 0, said.err
    assert "migrated to this release" in said.err
    assert migrate.is_current(SqliteFile(connect.database))
    assert count(connect.database, "organization") == 1
    assert (tmp_path / "old.db").read_bytes() == kept


def test_a_damaged_database_makes_room_and_is_kept(connect: Shell, saved: Path):
    connect.database.write_bytes(b"only words, " * 999)

    assert connect("restore", saved).status == 0

    assert count(connect.database, "organization") == 1
    (aside,) = aside_of(connect.data)
    assert aside.read_bytes() == b"only words, " * 999


def test_a_restore_killed_before_any_of_its_steps_leaves_the_old_or_the_new_database(
    connect: Shell, saved: Path
):
    kept, outcomes = connect.database.read_bytes(), []
    for step in range(1, 100):
        said = connect.dying(step, "restore", saved)
        assert examine(connect.database).problems == []
        outcomes.append(count(connect.database, "organization"))
        if said.status == 0:
            break
        connect.database.write_bytes(kept)
    # Old ones up to a step, then new ones.
    assert outcomes == sorted(outcomes, reverse=True)
    assert (outcomes[0], outcomes[-1]) == (2, 1)
    assert step > 10
    assert list(connect.data.glob(".connect*")) == []


def test_a_restore_into_an_empty_folder_says_that_the_key_is_missing(connect: Shell, saved: Path):
    shutil.rmtree(connect.data)

    said = connect("restore", saved)

    assert said.status == 0, said.err
    assert f"{connect.data}/secret.key is missing" in said.err
    assert count(connect.database, "organization") == 1
    assert connect.data.stat().st_mode & 0o777 == 0o700


def test_cursors_from_beyond_a_backup_say_that_something_was_missed(
    connect: Shell, service: EmbeddedService, tmp_path: Path
):
    events = "/api/v1/events/"
    with client_of(service) as client:
        book(client, "anna")
        before = client.get(f"{events}?after=&limit=100").json()
        connect("backup", tmp_path / "saved.db")
        for _ in range(3):
            book(client, "bert")
        beyond = client.get(f"{events}?after=&limit=100").json()
    service.stop()
    assert connect("restore", tmp_path / "saved.db").status == 0
    again = EmbeddedServiceAgain(connect.data, service.token)
    try:
        with client_of(again) as client:
            shorter = client.get(events, params={"after": beyond["next_cursor"]})
            for _ in range(5):
                new = book(client, "cora")
            longer = client.get(events, params={"after": beyond["next_cursor"]})
            # The log is longer again: only what stands at that place tells the logs apart.
            assert [shorter.status_code, longer.status_code] == [410, 410]
            assert "restored from a backup since" in longer.json()["detail"]
            # Who has seen nothing from beyond the backup misses nothing.
            kept = client.get(events, params={"after": before["next_cursor"], "limit": 100})
            assert kept.json()["results"][-1]["appointment_id"] == new["id"]
            asked = {"query": "query($after: String) { events(after: $after) { nodes { id } } }"}
            answer = client.post(
                "/graphql", json=asked | {"variables": {"after": beyond["next_cursor"]}}
            )
            assert answer.json()["errors"][0]["extensions"]["code"] == "CURSOR_EXPIRED"
    finally:
        again.stop()
