"""The wheel on every Python that it says it supports, as far as this machine has them."""

import shutil
import subprocess
from pathlib import Path

import httpx2
import pytest

from tests.package.installed import Installed


@pytest.mark.long
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_it_serves_on(version: str, wheel: Path, tmp_path: Path) -> None:
    python = shutil.which(f"python{version}")
    # Version managers leave names on the PATH that start nothing.
    if python is None or subprocess.run([python, "-c", ""], check=False).returncode != 0:
        pytest.skip(f"there is no Python {version} here")
    installed = Installed(tmp_path, python)
    installed.install(wheel)
    with installed.serving("--workers", "2") as service:
        headers = {"Authorization": f"Token {service.token}"}
        url = f"{service.url}/api/v1/appointments/"
        assert httpx2.get(url, headers=headers, timeout=60).json()["count"] > 0
    doctor = installed.connect("doctor")
    assert doctor.status == 0, doctor.out
