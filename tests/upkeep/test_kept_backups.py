"""`doctor --backups`: how old they are, who can read them, and what is no backup."""

import json
import os
import time
from pathlib import Path

import pytest

from tests.upkeep.shell import Shell


def found(connect: Shell, folder: Path) -> dict[str, str]:
    """Returns what is said of the backups in a folder: the advice by the code."""
    said = connect("doctor", "--json", "--backups", folder)
    checks = json.loads(said.out)["checks"]
    return {each["code"]: each["advice"] for each in checks if each["about"] == "backups"}


def test_the_age_of_backups_is_looked_at_where_it_is_told_where_they_are(
    connect: Shell, tmp_path: Path
):
    folder = tmp_path / "copies"
    folder.mkdir(mode=0o755)

    assert "run `backup` from a timer" in found(connect, folder)["backups.none"]
    assert connect("organization", "create", "Acme").status == 0
    made = Path(connect("backup", f"{folder}/").out.strip())
    assert found(connect, folder)["backups"] == ""
    week = time.time() - 7 * 86_400
    os.utime(made, (week, week))
    made.chmod(0o644)
    assert "why the last runs made none" in found(connect, folder)["backups.old"]
    assert found(connect, folder)["backups.open"] == f"chmod 700 {folder}"


def test_a_folder_that_is_not_there_is_not_called_empty(connect: Shell, tmp_path: Path):
    said = found(connect, tmp_path / "copeis")
    assert set(said) == {"backups.unreadable"}
    assert "correct the name of the folder" in said["backups.unreadable"]


def test_the_database_itself_is_no_backup(connect: Shell):
    assert connect("organization", "create", "Acme").status == 0
    assert set(found(connect, connect.data)) == {"backups.none"}


@pytest.mark.parametrize("name", ["later.dump", "later.db"])
@pytest.mark.parametrize("content", [b"", b"pg_dump: error: connection refused"])
def test_a_file_without_a_copy_does_not_hide_that_the_last_good_one_is_old(
    connect: Shell, tmp_path: Path, name: str, content: bytes
):
    folder = tmp_path / "copies"
    folder.mkdir(mode=0o700)
    (folder / name).write_bytes(content)
    assert set(found(connect, folder)) == {"backups.damaged", "backups.none"}
    good = folder / "good.dump"
    good.write_bytes(b"PGDMP\x01\x0e\x00")
    week = time.time() - 7 * 86_400
    os.utime(good, (week, week))
    assert set(found(connect, folder)) == {"backups.damaged", "backups.old"}
