"""`./connect backup`: complete, verified and private, also while the server is written to."""

import errno
import fcntl
import os
import re
import shlex
import sqlite3
import subprocess
import threading
import time
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from db.upkeep import backup
from db.upkeep.backup import link
from db.upkeep.examination import examine
from tests.postgresql import Databases
from tests.postgresql.databases import run as asked
from tests.service import EmbeddedService
from tests.upkeep.shell import Shell, killed, writing


def ids(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {id for (id,) in connection.execute("SELECT id FROM appointment")}


def test_a_backup_under_write_load_holds_all_that_was_acknowledged_before(
    connect: Shell, service: EmbeddedService, tmp_path: Path
):
    with writing(service) as load:
        while len(load.acknowledged) < 50:
            time.sleep(0.01)
        for name in ("first.db", "second.db", "third.db"):
            before = set(load.acknowledged)
            said = connect("backup", tmp_path / name)
            assert (said.status, said.out) == (0, f"{tmp_path / name}\n"), said.err
            assert "verified: 1 organizations" in said.err
            assert before <= ids(tmp_path / name)
            assert examine(tmp_path / name).problems == []
    assert load.failures == []
    assert len(load.acknowledged) > len(before)


def test_a_backup_is_private_from_its_first_byte_on(connect: Shell, tmp_path: Path):
    connect("organization", "create", "Acme")
    folder, over, modes = tmp_path / "copies", threading.Event(), set()
    folder.mkdir()

    def look() -> None:
        while not over.is_set():
            with suppress(FileNotFoundError):  # Named otherwise meanwhile.
                modes.update(each.stat().st_mode & 0o777 for each in os.scandir(folder))

    looking = threading.Thread(target=look)
    looking.start()
    old = os.umask(0)
    try:
        said = connect("backup", folder)
    finally:
        os.umask(old)
        over.set()
        looking.join()
    assert said.status == 0, said.err
    (made,) = folder.iterdir()
    assert re.fullmatch(r"connect-\d{8}T\d{6}Z\.db", made.name)
    assert modes == {0o600}


def test_a_backup_names_the_key_and_does_not_hold_it(
    connect: Shell, service: EmbeddedService, tmp_path: Path
):
    said = connect("backup", tmp_path / "copy.db")
    key = connect.data / "secret.key"
    assert f"not in it: the key {key}" in said.err
    assert key.read_bytes().strip() not in (tmp_path / "copy.db").read_bytes()
    assert list(tmp_path.glob("*.key")) == []


def test_a_backup_replaces_a_file_only_when_told_to(connect: Shell, tmp_path: Path):
    connect("organization", "create", "Acme")
    kept = tmp_path / "kept.db"
    kept.write_text("last week's")

    said = connect("backup", kept)

    assert (said.status, said.out) == (1, "")
    assert "exists: choose another name, or replace it with --force" in said.err
    assert kept.read_text() == "last week's"
    assert connect("backup", kept, "--force").status == 0
    assert examine(kept).rows["organization"] == 1


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("nowhere/copy.db", "cannot be written: No such file or directory"),
        ("data/connect.db", "is the database itself"),
        ("pipe", "is not a file"),
    ],
)
def test_a_backup_to_a_wrong_place_is_refused(
    connect: Shell, tmp_path: Path, place: str, words: str
):
    connect("organization", "create", "Acme")
    os.mkfifo(tmp_path / "pipe")

    said = connect("backup", tmp_path / place, "--force")

    assert (said.status, said.out) == (1, "")
    assert words in said.err
    assert examine(connect.database).rows["organization"] == 1


def test_there_is_nothing_to_back_up_before_the_first_start(connect: Shell, tmp_path: Path):
    said = connect("backup", tmp_path / "copy.db")
    assert (said.status, said.out) == (1, "")
    assert f"{connect.database} does not exist" in said.err
    assert not (tmp_path / "copy.db").exists()


def test_a_damaged_database_yields_no_backup(connect: Shell, tmp_path: Path):
    connect("organization", "create", "Acme")
    with closing(sqlite3.connect(connect.database)) as connection:
        connection.execute("UPDATE organization SET appointment_count = 3")
        connection.commit()
    kept = tmp_path / "kept.db"
    kept.write_text("last week's")

    said = connect("backup", kept, "--force")

    assert (said.status, said.out) == (1, "")
    assert "1 organizations whose number of appointments is not the stored one" in said.err
    assert kept.read_text() == "last week's"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["data", "kept.db"]


def test_a_killed_backup_leaves_no_half_of_one(
    connect: Shell, service: EmbeddedService, tmp_path: Path
):
    with writing(service):
        for pause in (0.1, 0.2, 0.3, 0.4, 0.5):
            process = connect.begin("backup", tmp_path / "copy.db")
            time.sleep(pause)
            killed(process)
            assert not (tmp_path / "copy.db").exists() or not examine(tmp_path / "copy.db").problems
            (tmp_path / "copy.db").unlink(missing_ok=True)
        assert connect("backup", tmp_path / "copy.db").status == 0
    assert list(tmp_path.glob(".copy*")) == []


def test_a_backup_that_was_killed_while_it_was_named_is_not_emptied(connect: Shell, tmp_path: Path):
    connect("organization", "create", "Acme")
    kept, partial = tmp_path / "kept.db", tmp_path / ".kept.db.partial"
    assert connect("backup", kept).status == 0
    # Killed between the two: the backup has its name, and still that of the draft.
    partial.hardlink_to(kept)
    good = kept.read_bytes()
    with closing(sqlite3.connect(connect.database)) as connection:
        connection.execute("UPDATE organization SET appointment_count = 3")
        connection.commit()

    said = connect("backup", kept, "--force")

    assert said.status == 1 and "the copy is damaged" in said.err
    assert kept.read_bytes() == good
    assert not partial.exists()


def test_the_draft_of_another_process_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    target, partial = tmp_path / "copy.db", tmp_path / ".copy.db.partial"
    lock = fcntl.flock

    def beaten(handle: int, how: int) -> None:
        """Has another process publish the draft that was opened, and a third one begin its own."""
        monkeypatch.setattr(fcntl, "flock", lock)
        lock(handle, how)
        partial.replace(target)
        other.append(os.open(partial, os.O_CREAT | os.O_RDWR))
        lock(other[0], how)

    other: list[int] = []
    monkeypatch.setattr(fcntl, "flock", beaten)
    with pytest.raises(backup.BackupFailed, match="another process is writing"):
        backup._own(partial, target)
    assert os.path.samestat(os.fstat(other[0]), partial.stat())
    os.close(other[0])


def test_a_draft_of_the_next_process_outlives_the_end_of_this_one(tmp_path: Path):
    target = tmp_path / "copy.db"
    with backup.draft(target) as partial:
        backup.publish(partial, target, replaces=True)
        partial.write_text("the next one's")
    assert partial.read_text() == "the next one's"


def test_a_file_system_whose_files_never_have_one_name_ends_a_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    partial = tmp_path / ".copy.db.partial"
    partial.touch()
    (tmp_path / "other").hardlink_to(partial)
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)
    with pytest.raises(backup.BackupFailed, match="does not give a draft of its own"):
        backup._own(partial, tmp_path / "copy.db")


def test_of_a_server_a_folder_gets_a_dated_file_and_unknown_options_are_not_shown(
    connect: Shell, tmp_path: Path
):
    url = "postgresql://me@db.example/appointments?PASSWORD=s3cret&pass=s3cret&sslmode=require"
    said = connect("backup", f"{tmp_path}/", CONNECT_DATABASE_URL=url)
    assert re.search(rf"--file={tmp_path}/appointments-\d{{8}}T\d{{6}}Z\.dump ", said.err)
    assert "postgresql://me@db.example/appointments?sslmode=require" in said.err
    assert "s3cret" not in said.err


def test_of_a_server_the_tools_are_named_without_a_password(connect: Shell, tmp_path: Path):
    url = (
        "postgresql://owner:s3cr3t%40word@db.example:5433/connect"
        "?sslmode=verify-full&password=s3cr3t%40word"
    )
    for command, tool in (("backup", "pg_dump"), ("restore", "pg_restore")):
        said = connect(command, tmp_path / "a copy", CONNECT_DATABASE_URL=url)
        assert (said.status, said.out) == (1, "")
        assert f": {tool} --" in said.err
        assert f"{tmp_path}/a copy'" in said.err
        assert "postgresql://owner@db.example:5433/connect?sslmode=verify-full" in said.err
        assert "s3cr3t" not in said.err


def test_the_line_for_a_server_makes_a_backup_that_its_line_restores(
    connect: Shell, postgresql: Databases, tmp_path: Path
):
    copy = tmp_path / "copy.dump"
    with postgresql.one() as place:
        own = {"CONNECT_DATABASE_URL": place.dsn}
        connect("organization", "create", "Acme", **own)
        run_line(postgresql, connect("backup", copy, **own).err, "pg_dump")
        connect("organization", "create", "Later", **own)
        run_line(postgresql, connect("restore", copy, **own).err, "pg_restore")
        assert [row["name"] for row in asked(place.dsn, "SELECT name FROM organization")] == [
            "Acme"
        ]


def run_line(postgresql: Databases, said: str, tool: str) -> None:
    """Runs the line that a command named; skips where the machine lacks the tool."""
    program = postgresql.server.programs / tool
    if not program.is_file():
        pytest.skip(f"this machine has no {tool}")
    line = re.search(rf": {tool} (.*)", said)
    assert line is not None, said
    password = {"PGPASSWORD": urlsplit(postgresql.server.dsn()).password or ""}
    done = subprocess.run(
        [program, *shlex.split(line[1])],
        env=os.environ | password, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("is_taken", [False, True])
def test_a_file_system_without_links_keeps_what_has_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_taken: bool
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refused)
    draft, name = tmp_path / "draft", tmp_path / "name"
    draft.write_text("new")
    if is_taken:
        name.write_text("old")
        with pytest.raises(FileExistsError):
            link(draft, name)
        assert (draft.read_text(), name.read_text()) == ("new", "old")
    else:
        link(draft, name)
        assert (draft.exists(), name.read_text()) == (False, "new")
