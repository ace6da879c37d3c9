"""What is in the wheel, and what it says about itself."""

import re
import subprocess
import tomllib
from email.message import Message
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

from gateway.version import VERSION
from tests.package.installed import LOCKS, ROOMS, ROOT, build

MOST_BYTES = 8 * 2**20
PACKAGE = "consularia_connect"
ABOUT = f"{PACKAGE}-{VERSION}.dist-info"
STATIC = "gateway/static/"


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """The files of the wheel."""
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def about(wheel: Path) -> Message:
    """Its metadata."""
    with ZipFile(wheel) as archive:
        return Parser().parsestr(archive.read(f"{ABOUT}/METADATA").decode())


def sources() -> set[str]:
    """The files of the rooms, as git has them or would have them."""
    listing = ("git", "ls-files", "--cached", "--others", "--exclude-standard")
    done = subprocess.run(
        [*listing, *ROOMS, PACKAGE], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name for name in done.stdout.splitlines() if (ROOT / name).exists()}


def test_it_is_named_after_the_release_and_runs_on_every_machine(wheel: Path) -> None:
    assert wheel.name == f"{PACKAGE}-{VERSION}-py3-none-any.whl"


def test_it_is_small(wheel: Path) -> None:
    assert wheel.stat().st_size < MOST_BYTES


def test_nothing_but_the_package_lands_among_the_packages_of_others(names: set[str]) -> None:
    assert {name.split("/")[0] for name in names} == {PACKAGE, ABOUT}


def test_it_holds_the_rooms_and_nothing_else_of_the_checkout(names: set[str]) -> None:
    inside = {name.removeprefix(f"{PACKAGE}/") for name in names if not name.startswith(ABOUT)}
    expected = {name.removeprefix(f"{PACKAGE}/") for name in sources()}
    expected = {name for name in expected if not name.startswith("gateway/explorer/")}
    assert {name for name in inside if not name.startswith(STATIC)} == expected


def test_it_holds_the_built_pages(names: set[str]) -> None:
    static = ROOT / STATIC
    built = {path.relative_to(ROOT).as_posix() for path in static.rglob("*") if path.is_file()}
    built -= {f"{STATIC}.stamp"}
    assert {f"{STATIC}explorer/index.html", f"{STATIC}docs/index.html"} <= built
    assert {f"{PACKAGE}/{name}" for name in built} <= names


def test_the_same_sources_give_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    assert build(tmp_path).read_bytes() == wheel.read_bytes()


def test_it_says_what_it_is(about: Message) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (about["Name"], about["Version"]) == ("consularia-connect", VERSION)
    assert (about["Summary"], about["Requires-Python"]) == (project["description"], ">=3.11")
    assert about.get_payload() == (ROOT / "README.md").read_text()


def locked(name: str) -> set[str]:
    """The packages of a lock file with their versions."""
    text = (LOCKS / f"{name}.txt").read_text()
    found = re.findall(r"^([\w.-]+==[\w.]+)(?: ;.*[^ \\])? \\?$", text, re.M)
    assert len(found) == len(re.findall(r"^\S+==", text, re.M)) > 20
    return set(found)


def test_it_needs_exactly_what_is_locked(about: Message) -> None:
    said = [each.partition(";") for each in about.get_all("Requires-Dist", [])]
    assert {need for need, _, where in said if "extra ==" not in where} == locked("run")
    besides = {need for need, _, where in said if "extra == 'traces'" in where}
    assert besides == locked("traces") - locked("run")


def test_it_has_one_command_which_pipx_run_finds(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        said = archive.read(f"{ABOUT}/entry_points.txt").decode().split("\n\n")
    assert [each.split() for each in said] == [
        ["[console_scripts]", "connect", "=", f"{PACKAGE}.__main__:main"],
        ["[pipx.run]", "consularia-connect", "=", f"{PACKAGE}.__main__:main"],
    ]
