"""One service on a database file at a time, until the system says that it is gone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from db.location import Server, SqliteFile
from db.upkeep.claim import Claimed, claim, lock_file
from tests.service import ROOT, EmbeddedService, Service, free_port


@pytest.fixture
def file(tmp_path: Path) -> SqliteFile:
    return SqliteFile(tmp_path / "connect.db")


def test_the_second_is_told_who_has_it_and_what_to_do(file: SqliteFile) -> None:
    held = claim(file)
    assert held is not None
    with pytest.raises(Claimed) as refused:
        claim(file, 0)
    assert f"process {os.getpid()} on " in str(refused.value)
    assert "stop that one first" in str(refused.value)
    held.release()
    again = claim(file, 0)
    assert again is not None
    again.release()


def test_another_name_for_the_file_is_the_same_file(file: SqliteFile, tmp_path: Path) -> None:
    file.path.touch()
    other = tmp_path / "other.db"
    other.symlink_to(file.path)
    held = claim(file)
    assert held is not None
    with pytest.raises(Claimed):
        claim(SqliteFile(other), 0)
    held.release()


def test_a_server_is_for_many() -> None:
    assert claim(Server("postgresql://localhost/connect")) is None


def test_nobody_else_reads_the_lock(file: SqliteFile) -> None:
    held = claim(file)
    assert held is not None
    assert lock_file(file.path).stat().st_mode & 0o777 == 0o600
    held.release()


def run(folder: Path, *arguments: str, url: str = "") -> subprocess.CompletedProcess[str]:
    own = {"CONNECT_DATA_DIR": str(folder), "CONNECT_SECRET_KEYS": "k" * 20 + "0123456789abcdef"}
    if url:
        own["CONNECT_DATABASE_URL"] = url
    return subprocess.run(
        [sys.executable, "-m", "gateway.cli", *arguments],
        cwd=ROOT,
        check=False,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_second_service_is_refused_and_commands_work_beside_it(tmp_path: Path) -> None:
    service = EmbeddedService(tmp_path)
    try:
        second = run(tmp_path, "run", "--port", str(free_port()))
        assert (second.returncode, second.stdout) == (1, "")
        assert f"is served by process {service.pid} on " in second.stderr
        assert second.stderr.count("\n") == 1
        by_url = run(tmp_path, "run", "--port", "0", url=f"sqlite:///{tmp_path / 'connect.db'}")
        assert f"is served by process {service.pid} on " in by_url.stderr
        token = run(tmp_path, "token", "list")
        assert (token.returncode, token.stderr) == (0, "")
    finally:
        service.end()
    # Killed: nobody has to clean up.
    after = Service(tmp_path, {"CONNECT_DATA_DIR": str(tmp_path)})
    try:
        after.wait()
    finally:
        after.stop()
