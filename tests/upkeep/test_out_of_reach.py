"""`doctor` where it may not look, or would wait for long: what it can tell, it tells."""

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from db.upkeep.progress import Progress
from gateway.cli.doctor import examination, service
from gateway.settings import read_settings
from tests.service import ROOT
from tests.upkeep.planting import Ground

SETPRIV = shutil.which("setpriv")
# What lets root read and write the files of others.
POWERS = "-dac_override,-dac_read_search"
NOBODY = 65534


def powerless() -> list[str]:
    """Returns how to run a program that may not use the files of others; skips where none can."""
    if os.geteuid() != 0:
        return []
    line = [str(SETPRIV), f"--bounding-set={POWERS}", f"--inh-caps={POWERS}"]
    if SETPRIV is None or subprocess.run([*line, "true"], check=False).returncode != 0:
        pytest.skip("root reads all files here, and there is no setpriv to take that away")
    return line


def given_away(folder: Path) -> None:
    """Makes a folder one of another user, or one that looks so to this user."""
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
        folder.chmod(0o700)
    else:
        folder.chmod(0)


@pytest.mark.parametrize("closed", ["data", "."])
def test_a_folder_of_another_user_is_named_and_hides_nothing_else(ground: Ground, closed: str):
    line = powerless()
    ground.made()
    place = ground.connect.data.parent / closed
    given_away(place)
    try:
        done = subprocess.run(
            [*line, sys.executable, "-m", "gateway.cli", "doctor", "--json"],
            cwd=ROOT, env=ground.connect.environment, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
    finally:
        if os.geteuid() == 0:
            os.chown(place, 0, 0)
        place.chmod(0o700)
    checks = {each["code"]: each for each in json.loads(done.stdout)["checks"]}

    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert checks["files.owner"]["message"].startswith(f"{place.resolve()} belongs to user ")
    assert checks["files.owner"]["advice"] == "run the service and its commands as its owner"
    # Nothing can be told of what is in there, least of all that it is created by a first start.
    assert {"key.error", "database.error"} <= set(checks)
    assert not {"key", "files", "database"} & set(checks)


def test_a_file_that_does_not_open_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(service, "is_in_use", lambda _: threading.Event().wait())
    monkeypatch.setattr(examination, "USE_SECONDS", 0.1)
    (tmp_path / "connect.db").touch()
    given = read_settings({"CONNECT_DATA_DIR": str(tmp_path)})
    with Progress(is_quiet=True) as progress:
        found = {each.code: each for each in examination.examined(given, [], None, progress)}

    assert found["database.late"].state == "warn"
    assert "database" not in found
    assert service.UNKNOWN in found["service"].message
