"""The version is written in one place, from which the package, the faces and the commands have it."""

import re
import tomllib
from pathlib import Path

from gateway.version import VERSION

ROOT = Path(__file__).parents[2]


def test_it_is_a_version_as_packages_have_it() -> None:
    # Of PEP 440, without what no release of ours has: epochs, development and local versions.
    assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", VERSION)


def test_the_package_reads_it_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "version" in project["project"]["dynamic"]
    assert project["tool"]["hatch"]["version"]["path"] == "gateway/version.py"
