"""Where the package keeps its data, and what `build` understands."""

import pwd
from pathlib import Path

import pytest

from gateway.settings import installed, read_settings
from tools import wheel


def test_data_goes_where_the_user_says() -> None:
    given = {"XDG_DATA_HOME": "/srv/data"}
    assert installed.data_folder(given) == Path("/srv/data/consularia-connect")


def test_a_relative_folder_is_ignored_as_the_specification_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", "/home/anna")
    expected = Path("/home/anna/.local/share/consularia-connect")
    assert installed.data_folder({"XDG_DATA_HOME": "data"}) == expected


def test_a_user_without_a_home_gets_the_folder_of_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nobody(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    assert installed.data_folder({}) == Path("/var/lib/consularia-connect")


def test_a_checkout_keeps_its_data_beside_it() -> None:
    assert read_settings({}).data_dir == Path("data")
    assert installed.PROGRAM == "./connect"


def test_the_package_keeps_it_where_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "IS_PACKAGE", True)
    assert read_settings({"CONNECT_DATA_DIR": "/srv/connect"}).data_dir == Path("/srv/connect")
    assert read_settings({"XDG_DATA_HOME": "/srv"}).data_dir == Path("/srv/consularia-connect")


@pytest.mark.parametrize(
    ("arguments", "folder"),
    [
        ((), None),
        (("--wheel",), Path("dist")),
        (("--wheel", "--to", "/tmp/x"), Path("/tmp/x")),
        (("--to", "/tmp/x", "--wheel"), Path("/tmp/x")),
    ],
)
def test_build_understands(arguments: tuple[str, ...], folder: Path | None) -> None:
    assert wheel.wanted(arguments) == folder


@pytest.mark.parametrize("arguments", [("wheel",), ("--to", "x"), ("--wheel", "--to")])
def test_build_refuses(arguments: tuple[str, ...]) -> None:
    with pytest.raises(wheel.WrongArguments, match="build does not take"):
        wheel.wanted(arguments)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A checkout with built pages, and a Python that cannot pack anything."""
    (tmp_path / "python").write_text("#!/bin/sh\necho 'the lock is missing' >&2; exit 1\n")
    (tmp_path / "python").chmod(0o755)
    (tmp_path / "gateway" / "static").mkdir(parents=True)
    (tmp_path / "gateway" / "static" / ".stamp").touch()
    return tmp_path


def test_a_folder_that_cannot_be_used_is_named(built: Path) -> None:
    said: list[str] = []
    assert not wheel.build(built, built / "python", built / "python" / "x", said.append)
    [line] = said
    assert line.endswith("python/x cannot be used: Not a directory")


def test_a_failed_build_says_what_hatchling_said(built: Path) -> None:
    said: list[str] = []
    assert not wheel.build(built, built / "python", built / "dist", said.append)
    assert said == ["The wheel was not built:\nthe lock is missing"]


def test_no_wheel_is_built_without_the_explorer(tmp_path: Path) -> None:
    said: list[str] = []
    assert not wheel.build(tmp_path, tmp_path / "python", tmp_path / "dist", said.append)
    assert said[-1] == "The wheel was not built: it has to hold the explorer."
