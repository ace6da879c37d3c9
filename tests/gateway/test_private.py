"""No other user of the machine can read the data, whatever the umask and the first command."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from db import location
from db.ids import new_id
from gateway import private
from gateway.services import open_services
from gateway.settings import Settings, WrongSetting
from tests.gateway.test_cli import Shell, asked, connect, data, running, shown

KEY = "Kq3vZ8d0Yt5LwXr2Bn7PcF4hJs9Ua6Ge"

__all__ = ["connect", "data"]  # fixtures


def modes(folder: Path) -> dict[str, int]:
    """Permissions of the folder and of everything in it."""
    found = {each.name: stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()}
    return {"": stat.S_IMODE(folder.stat().st_mode), **found}


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o777])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """Each umask that a service manager may set."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


FIRST = (
    ("migrate",),
    ("token", "create", "--organization", "A"),
    ("organization", "create", "A"),
    ("token", "list"),
)


@pytest.mark.parametrize("command", FIRST)
def test_any_first_command_keeps_the_files_private(
    connect: Shell, data: Path, umask: int, command: tuple[str, ...]
) -> None:
    assert connect(*command).status == 0
    assert modes(data) == {"": 0o700, "connect.db": 0o600}


async def test_log_and_key_of_a_running_service_are_private(data: Path, umask: int) -> None:
    settings = Settings(data_dir=data)
    private.keep(settings)
    location.make(settings.embedded_file)
    from db import migrate

    migrate.upgrade(settings.database)
    async with open_services(settings):
        found = modes(data)
    names = ("connect.db", "connect.db-wal", "connect.db-shm", "secret.key")
    assert found == {"": 0o700, **dict.fromkeys(names, 0o600)}


def test_the_service_makes_its_files_private(data: Path) -> None:
    before = os.umask(0o022)
    try:
        with running() as (_, lines):
            asked(shown(lines, "REST"), shown(lines, "Token"))
            found = modes(data)
    finally:
        os.umask(before)
    assert found.pop("") == 0o700
    assert {"connect.db", "connect.db-wal", "secret.key"} <= found.keys()
    assert set(found.values()) == {0o600}


def test_looser_permissions_are_tightened(connect: Shell, data: Path) -> None:
    connect("migrate")
    for name in ("connect.db-wal", "connect.db-shm", "secret.key", "notes.txt"):
        (data / name).touch()
    for each in data.iterdir():
        each.chmod(0o664)
    data.chmod(0o2775)
    private.keep(Settings(data_dir=data))
    found = modes(data)
    assert found.pop("") == 0o2700
    assert found.pop("notes.txt") == 0o664  # Not ours.
    assert set(found.values()) == {0o600}


def test_a_folder_that_everybody_shares_is_left_alone(data: Path) -> None:
    data.mkdir()
    data.chmod(0o1777)
    private.keep(Settings(data_dir=data))
    assert modes(data)[""] == 0o1777


def test_permissions_that_cannot_be_changed_are_reported(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data.mkdir()
    data.chmod(0o755)

    def refuse(path: Path, mode: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", refuse)
    private.keep(Settings(data_dir=data))
    told = capsys.readouterr().err
    assert told == f"connect: {data} cannot be made private: Operation not permitted\n"


def test_a_database_by_url_is_created_private_and_its_folder_left_alone(
    connect: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, umask: int
) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    folder.chmod(0o750)
    monkeypatch.setenv("CONNECT_DATABASE_URL", f"sqlite:///{folder}/own.db")
    assert connect("migrate").status == 0
    assert modes(folder) == {"": 0o750, "own.db": 0o600}
    (folder / "own.db").chmod(0o640)
    assert connect("token", "list").status == 0
    assert modes(folder) == {"": 0o750, "own.db": 0o640}


def book(data: Path) -> None:
    """Puts an appointment into the database."""
    connection = sqlite3.connect(data / "connect.db")
    (organization,) = connection.execute("SELECT id FROM organization").fetchone()
    at = "2026-03-02T12:00:00.000000Z"
    connection.execute(
        "INSERT INTO appointment (organization_id, id, title, start_date_time,"
        " duration_minutes, status, version, created_at, updated_at)"
        " VALUES (?, ?, 'T', ?, 30, 'scheduled', 1, ?, ?)",
        [organization, new_id(), at, at, at],
    )
    connection.commit()
    connection.close()


GONE = (
    "CONNECT_SECRET_KEYS is not set, and our own key cannot be used: "
    "{0}/secret.key is gone, and {0}/connect.db holds appointments whose links it signed: "
    "restore it from the backup, or set CONNECT_SECRET_KEYS to a new key "
    "(openssl rand -base64 48) and accept that every link sent before is dead"
)


def test_a_database_whose_key_is_gone_is_not_served(
    connect: Shell, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uvicorn.Server.run", lambda *_, **__: pytest.fail("it is served"))
    settings = Settings(data_dir=data)
    assert connect("organization", "create", "A").status == 0
    # No link was sent yet, so a key can be created.
    assert settings.signing_keys()
    book(data)
    assert settings.signing_keys()
    (data / "secret.key").unlink()
    said = connect("run", "--port", "0")
    assert (said.status, said.out) == (2, "")
    assert said.err == f"connect: {GONE.format(data)}\n"
    # Tokens can still be created, and that creates no key.
    assert connect("token", "create", "--organization", "A").status == 0
    assert connect("migrate").status == 0
    assert not (data / "secret.key").exists()
    with pytest.raises(WrongSetting):
        settings.signing_keys()
    assert replace(settings, secret_keys=(KEY,)).signing_keys() == (KEY,)


def test_a_database_that_cannot_be_read_gets_no_new_key(
    connect: Shell, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uvicorn.Server.run", lambda *_, **__: pytest.fail("it is served"))
    data.mkdir()
    (data / "connect.db").write_text("Nothing but words. " * 100)
    said = connect("run", "--port", "0")
    assert said.status == 2
    assert "cannot be read" in said.err and said.err.count("\n") == 1
    assert not (data / "secret.key").exists()
