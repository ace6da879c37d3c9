"""`./connect doctor`: finds what is wrong, says what to do, and changes nothing."""

import json
import sqlite3
import time
from contextlib import closing
from itertools import chain
from pathlib import Path

import pytest
from alembic import command

from db import migrate
from db.location import SqliteFile
from db.upkeep.examination import Examination
from db.upkeep.server import ServerExamination
from gateway.cli.doctor import server
from tests.postgresql import Databases
from tests.postgresql.databases import run as asked
from tests.service import EmbeddedService, Service
from tests.upkeep.shell import Said, Shell, book, client_of, writing

# What is so on many machines that run tests: folders in memory, clocks that nothing sets, few files.
OF_THE_MACHINE = ("files.memory", "clock.free", "limits.files")


def lines(said: Said) -> list[str]:
    return [each for each in said.out.splitlines() if each.split()[1] not in OF_THE_MACHINE]


def states(said: Said) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in lines(said):
        state, code, *_ = each.split()
        found.setdefault(code.partition(".")[0], []).append(state)
    return found


def line(said: Said, about: str) -> str:
    (found,) = (each for each in lines(said) if each.split()[1].partition(".")[0] == about)
    return found


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(each): (each.stat().st_mode, each.read_bytes())
        for each in folder.rglob("*")
        if each.is_file()
    }


@pytest.fixture
def stopped(connect: Shell, service: EmbeddedService) -> Shell:
    """A shell whose database was served, with somebody invited, until just now."""
    with client_of(service) as client:
        book(client, "anna")
    service.stop()
    return connect


def change(connect: Shell, sql: str) -> None:
    with closing(sqlite3.connect(connect.database)) as connection:
        connection.execute(sql)
        connection.commit()


def test_before_the_first_start_all_is_well_and_nothing_is_made(connect: Shell):
    said = connect("doctor")
    assert (said.status, said.err) == (0, ""), said
    assert set(chain.from_iterable(states(said).values())) == {"ok"}
    assert not connect.data.exists()


def test_beside_a_running_server_all_is_well_and_none_is_disturbed(
    connect: Shell, service: EmbeddedService
):
    with writing(service) as load:
        while len(load.acknowledged) < 20:
            time.sleep(0.01)
        said = connect("doctor", CONNECT_PORT=str(service.port))
    assert said.status == 0, said
    assert set(chain.from_iterable(states(said).values())) == {"ok"}, said.out
    assert f"ready at port {service.port}" in line(said, "service")
    assert "whole: 1 organizations" in line(said, "content")
    assert load.failures == []


def test_nothing_is_changed(stopped: Shell):
    before = everything(stopped.data)
    said = stopped("doctor")
    assert said.status == 0, said
    assert everything(stopped.data) == before
    assert "no process has the database open" in line(said, "service")


def test_every_wrong_setting_is_named(connect: Shell):
    said = connect(
        "doctor",
        CONNECT_PORT="many",
        CONNECT_PAGE_SIZE="900",
        CONNECT_ROOMS="jitsi",
        CONNECT_PAGESIZE="7",
        CONNECT_SECRET_KEYS="changeme-changeme-changeme",
    )
    assert said.status == 1
    for words in ("CONNECT_PORT is", "CONNECT_PAGE_SIZE is", "CONNECT_JITSI_URL is not set"):
        assert words in said.out
    assert states(said)["settings"] == ["FAIL", "FAIL", "FAIL", "warn"]
    assert "did you mean CONNECT_PAGE_SIZE?" in said.out
    assert "key 1 is a placeholder" in line(said, "key")
    assert "changeme" not in said.out


def test_settings_that_do_not_go_together_are_found(connect: Shell):
    said = connect("doctor", CONNECT_REST_PREFIX="/graphql")
    assert said.status == 1
    assert "the gateway answers there itself" in line(said, "settings")


def test_another_database_than_the_wrong_url_means_is_not_looked_at(connect: Shell):
    said = connect("doctor", CONNECT_DATABASE_URL="mysql://user:s3cret@host/name")
    assert said.status == 1
    assert set(states(said)) == {"settings"}
    assert "s3cret" not in said.out + said.err


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE appointment SET participant_count = 7", "number of participants is not the"),
        ("UPDATE organization SET appointment_count = 7", "number of appointments is not the"),
        ("DELETE FROM event WHERE seq = 2", "1 organizations whose events have gaps"),
        ("UPDATE organization SET event_seq = event_seq - 1", "whose events have gaps"),
        ("DELETE FROM appointment", "belongs to a row of appointment that is not there"),
    ],
)
def test_rows_that_contradict_each_other_are_found(stopped: Shell, sql: str, words: str):
    change(stopped, sql)
    said = stopped("doctor")
    assert said.status == 1
    assert words in said.out
    assert set(states(said)["content"]) == {"FAIL"}


def test_a_damaged_page_is_found(stopped: Shell):
    content = bytearray(stopped.database.read_bytes())
    content[9 * 4096 : 10 * 4096] = b"\xff" * 4096
    stopped.database.write_bytes(content)
    said = stopped("doctor")
    assert said.status == 1
    assert "FAIL" in states(said)["content"]


@pytest.mark.parametrize(
    ("revision", "state", "words"),
    [("9999", "FAIL", "start a release that is at least as new"), ("0007", "warn", "run migrate")],
)
def test_the_revision_is_compared_with_this_release(
    stopped: Shell, revision: str, state: str, words: str
):
    change(stopped, f"UPDATE alembic_version SET version_num = '{revision}'")
    said = stopped("doctor")
    assert states(said)["database"] == [state]
    assert words in line(said, "database")


def test_a_database_of_the_first_release_can_be_looked_at(connect: Shell):
    connect.data.mkdir(mode=0o700)
    command.upgrade(migrate.configured(SqliteFile(connect.database)), "0001")
    said = connect("doctor")
    assert said.status == 0, said
    assert "is at revision 0001" in line(said, "database")
    assert states(said)["content"] == ["ok"]


def test_a_lost_key_is_found(stopped: Shell):
    (stopped.data / "secret.key").unlink()
    said = stopped("doctor")
    assert said.status == 1
    assert "secret.key is gone: restore it" in line(said, "key")
    assert not (stopped.data / "secret.key").exists()


def test_a_short_key_and_an_open_one_are_found(stopped: Shell):
    key = stopped.data / "secret.key"
    key.chmod(0o644)
    assert "forge links: chmod 600" in line(stopped("doctor"), "key")
    key.write_text("short")
    assert "holds no key" in line(stopped("doctor"), "key")


def test_files_that_others_can_read_are_named(connect: Shell, tmp_path: Path):
    place = tmp_path / "open"
    place.mkdir(mode=0o755)
    own = {
        "CONNECT_DATABASE_URL": f"sqlite:///{place}/connect.db",
        "CONNECT_SECRET_KEYS": "Kq3vZ8d0Yt5LwXr2Bn7PcF4hJs9Ua6Ge",
    }
    assert "does not exist: run migrate" in line(connect("doctor", **own), "database")
    assert connect("migrate", **own).status == 0
    assert states(connect("doctor", **own))["files"] == ["ok"]
    (place / "connect.db").chmod(0o644)
    said = connect("doctor", **own)
    assert said.status == 0
    assert "connect.db (644), which holds names: chmod 600" in line(said, "files")
    assert (place / "connect.db").stat().st_mode & 0o777 == 0o644


def test_a_folder_that_cannot_be_created_is_found(connect: Shell, tmp_path: Path):
    (tmp_path / "file").touch()
    said = connect("doctor", CONNECT_DATA_DIR=str(tmp_path / "file" / "below"))
    assert said.status == 1
    (line,) = [each for each in lines(said) if "files.folder" in each]
    assert f"cannot create it in {tmp_path / 'file'}: set CONNECT_DATA_DIR" in line


def test_a_production_database_needs_a_key(connect: Shell, tmp_path: Path):
    said = connect("doctor", CONNECT_DATABASE_URL=f"sqlite:///{tmp_path}/production.db")
    assert said.status == 1
    assert "CONNECT_SECRET_KEYS is not set" in line(said, "key")


def test_an_event_of_the_future_shows_that_a_clock_is_wrong(stopped: Shell):
    change(stopped, "UPDATE event SET occurred_at = '2999-01-01T00:00:00.000000Z'")
    said = stopped("doctor")
    assert "warn" in states(said)["clock"]
    assert "happened at 2999-01-01 00:00:00Z, which lies ahead" in said.out


def test_all_of_it_is_there_as_json(stopped: Shell):
    said = stopped("doctor", "--json")
    found = json.loads(said.out)
    assert (said.status, found["ok"]) == (0, True)
    checks = [each for each in found["checks"] if each["code"] not in OF_THE_MACHINE]
    assert {each["state"] for each in checks} == {"ok"}
    assert {each["code"] for each in checks} >= {"settings", "key", "database", "content"}
    (stopped.data / "secret.key").unlink()
    said = stopped("doctor", "--json")
    assert (said.status, json.loads(said.out)["ok"]) == (1, False)
    (gone,) = (each for each in json.loads(said.out)["checks"] if each["code"] == "key.gone")
    assert (gone["about"], gone["state"]) == ("key", "fail")
    assert gone["message"].endswith("is gone") and gone["advice"].startswith("restore it")


SERVED = {"CONNECT_SECRET_KEYS": "Kq3vZ8d0Yt5LwXr2Bn7PcF4hJs9Ua6Ge"}


def test_a_database_on_a_server_is_looked_at_with_its_clock_and_its_promises(
    connect: Shell, postgresql: Databases
):
    with postgresql.one() as place:
        own = SERVED | {"CONNECT_DATABASE_URL": place.dsn}
        connect("organization", "create", "Acme", **own)
        said = connect("doctor", **own)
        # The server of the tests is run without, because nobody needs what it holds.
        is_durable = asked(place.dsn, "SHOW fsync")[0]["fsync"] == "on"
        found = states(said)
        assert found.pop("server") == ["ok" if is_durable else "FAIL"]
        assert ("commits are durable" in said.out, "fsync" in said.out) == (
            is_durable,
            not is_durable,
        )
        assert set(chain.from_iterable(found.values())) == {"ok"}, said.out
        assert "that of the server differs by" in said.out
        assert "whole: 1 organizations" in line(said, "content")
        asked(place.dsn, "UPDATE organization SET appointment_count = 7")
        said = connect("doctor", **own)
        assert said.status == 1
        assert "number of appointments is not the stored one" in line(said, "content")


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes", "synchronous_commit"])
def test_a_server_that_may_lose_what_was_acknowledged_is_named(setting: str):
    content = Examination("0001", {}, [], None)
    found = ServerExamination(content, "15", 15, 1, 0.0, [setting])
    (said,) = server._promises(found)
    assert (said.code, said.state) == ("server.durability", "FAIL")
    assert setting in said.message


@pytest.mark.parametrize(
    ("version", "major", "codes"), [("12.20", 12, ["server.old"]), ("18beta2", 18, ["server"])]
)
def test_a_server_that_is_too_old_is_told_from_one_that_is_new(
    version: str, major: int, codes: list[str]
):
    found = ServerExamination(Examination("0001", {}, [], None), version, major, 1, 0.0, [])
    assert [each.code for each in server._promises(found)] == codes


@pytest.mark.parametrize(("seconds", "words"), [(5.0, "ahead of"), (-5.0, "behind")])
def test_a_server_whose_clock_differs_is_named(seconds: float, words: str):
    content = Examination("0001", {}, [], None)
    found = server._clock(ServerExamination(content, "15", 15, 1, seconds, []))
    assert (found.state, words in found.message) == ("warn", True)


def test_a_server_that_cannot_be_reached_and_one_without_tables_are_told(
    connect: Shell, postgresql: Databases
):
    nowhere = "postgresql://owner:s3cret@127.0.0.1:1/connect"
    said = connect("doctor", CONNECT_DATABASE_URL=nowhere, **SERVED)
    assert (said.status, states(said)["database"]) == (1, ["FAIL"])
    assert "s3cret" not in said.out + said.err
    with postgresql.one(migrated=False) as place:
        said = connect("doctor", CONNECT_DATABASE_URL=place.dsn, **SERVED)
        assert "is empty: run migrate" in line(said, "database")


def test_whether_the_process_that_has_the_clock_lives_is_told(
    connect: Shell, postgresql: Databases
):
    with postgresql.one() as place:
        own = SERVED | {"CONNECT_DATABASE_URL": place.dsn}
        assert "no process has the clock" in line(connect("doctor", **own), "duties")
        connect.data.mkdir(mode=0o700)
        running = Service(connect.data, own)
        running.wait()
        deadline = time.monotonic() + 20
        while not asked(place.dsn, "SELECT 1 FROM lease") and time.monotonic() < deadline:
            time.sleep(0.1)
        assert "and shows that it lives" in line(connect("doctor", **own), "duties")
        running.end()
        said = connect("doctor", **own)
        assert states(said)["duties"] == ["warn"]
        assert "another takes over within ten, if one runs" in line(said, "duties")
