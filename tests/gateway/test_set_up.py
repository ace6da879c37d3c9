"""./connect: what it installs, when it does nothing, and how it reports failures."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gateway import app
from gateway.settings import Settings
from tools import environment, launcher
from tools.environment import STAMP, Environment, SetUpFailed, alone
from tools.place import NoPlace, place

ROOT = Path(__file__).parents[2]


class Checkout:
    """A checkout with nothing but requirements, and the messages about it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.said: list[str] = []
        (root / "requirements").mkdir(parents=True)
        self.require("run", "# nothing\n")
        self.require("traces", "# nothing besides\n")
        self.require("dev", "# nothing more\n")

    def require(self, name: str, text: str) -> None:
        (self.root / "requirements" / f"{name}.txt").write_text(text)

    def ensure(self, name: str) -> list[str]:
        """Sets up the environment; returns the messages."""
        self.said.clear()
        Environment(self.root, ".venv", self.said.append).ensure(name)
        return list(self.said)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "checkout")


def test_the_environment_is_created_once_and_recreated_when_it_no_longer_fits(
    checkout: Checkout, tmp_path: Path
):
    assert "making a virtual environment" in checkout.ensure("dev")[0]
    assert checkout.ensure("dev") == []
    # The requirements of the tests include those of the service.
    assert checkout.ensure("run") == []

    checkout.require("run", "# something else\n")
    assert [line.split(",")[0] for line in checkout.ensure("run")][:1] == [
        "installing up to 0 packages of run.txt"
    ]

    moved = Checkout(tmp_path / "moved")
    moved.root.joinpath("requirements").rename(tmp_path / "unused")
    moved.root.rmdir()
    checkout.root.rename(moved.root)
    assert "making a virtual environment" in moved.ensure("run")[0]
    assert moved.ensure("run") == []


def test_an_interrupted_installation_is_resumed(checkout: Checkout):
    checkout.ensure("run")
    (checkout.root / ".venv" / STAMP).unlink()

    said = checkout.ensure("run")

    assert said[0].startswith("installing")
    assert checkout.ensure("run") == []


def test_package_without_its_hash_is_refused_and_nothing_counts_as_done(checkout: Checkout):
    checkout.require("run", "uvicorn==0.54.0\n")

    with pytest.raises(SetUpFailed, match="hash"):
        checkout.ensure("run")

    assert not (checkout.root / ".venv" / STAMP).exists()


def test_python_that_cannot_make_environments_is_explained(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(environment, "output_of", lambda *_: None)

    with pytest.raises(SetUpFailed, match="apt-get install python3-venv"):
        checkout.ensure("run")


def test_a_second_set_up_waits_and_says_so(tmp_path: Path):
    waiting = (
        "import sys; from pathlib import Path; from tools.environment import alone\n"
        "with alone(Path(sys.argv[1]), print): print('mine', flush=True)"
    )
    with alone(tmp_path, print):
        other = subprocess.Popen(
            [sys.executable, "-u", "-c", waiting, str(tmp_path)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert other.stdout is not None
        first = other.stdout.readline()
        assert other.poll() is None
    rest, _ = other.communicate(timeout=10)

    assert first.startswith("waiting for another ./connect")
    assert rest == "mine\n"


@pytest.mark.parametrize(
    ("arguments", "status", "stream"),
    [(["help"], 0, "stdout"), (["--help"], 0, "stdout"), ([], 2, "stderr")],
)
def test_usage_is_shown_without_setting_anything_up(arguments: list[str], status: int, stream: str):
    done = subprocess.run(
        [sys.executable, str(ROOT / "connect"), *arguments],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )

    assert done.returncode == status
    assert "usage: ./connect COMMAND" in getattr(done, stream)


@pytest.mark.parametrize("name", ["traces", "dev", "bench"])
def test_every_lock_holds_what_the_service_runs_on(name: str):
    def pins(which: str) -> set[str]:
        lines = (ROOT / "requirements" / f"{which}.txt").read_text().splitlines()
        return {line.split(";")[0].strip(" \\") for line in lines if "==" in line.split(";")[0]}

    assert pins("run") <= pins(name)


@pytest.mark.parametrize(
    ("environment", "installed"),
    [
        ({}, "run"),
        ({"CONNECT_OTLP_ENDPOINT": ""}, "run"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}, "run"),
        ({"CONNECT_OTLP_ENDPOINT": "http://localhost:4318"}, "traces"),
        ({"CONNECT_OTLP_ENDPOINT_FILE": "/run/secrets/collector"}, "traces"),
    ],
)
def test_packages_for_traces_are_installed_where_they_are_asked_for(
    environment: dict[str, str], installed: str
):
    assert ("traces" if launcher.sends_traces(environment) else "run") == installed


@pytest.mark.parametrize("name", ["PYTHONDONTWRITEBYTECODE", "PYTHONSAFEPATH"])
def test_commands_keep_their_bytecode_and_are_found_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, name: str
):
    given: list[bool] = []
    monkeypatch.setenv(name, "1")
    monkeypatch.setattr(os, "execv", lambda *_: given.append(name in os.environ))

    launcher.become(Path(sys.executable), "gateway.cli", "run")

    assert given == [False]


def test_a_file_is_written_where_the_command_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    given: list[list[str]] = []
    monkeypatch.setattr(launcher, "serve", lambda arguments: given.append(arguments) or 0)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "chdir", lambda _: None)
    elsewhere = str(ROOT / "there.graphql")

    for arguments in (["here.graphql"], [elsewhere], ["--json"], []):
        assert launcher.main(["schema", *arguments]) == 0

    files = [[str(tmp_path / "here.graphql")], [elsewhere], ["--json"], []]
    assert given == [["schema", *each] for each in files]


def test_a_folder_of_backups_is_looked_for_where_the_command_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    given: list[list[str]] = []
    monkeypatch.setattr(launcher, "serve", lambda arguments: given.append(arguments) or 0)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "chdir", lambda _: None)

    for arguments in (["--json", "--backups", "copies"], ["--backups=copies/"], ["--backups=/c"]):
        assert launcher.main(["doctor", *arguments]) == 0

    here = f"{tmp_path}/copies"
    found = [["--json", "--backups", here], [f"--backups={here}/"], ["--backups=/c"]]
    assert given == [["doctor", *each] for each in found]


@pytest.mark.parametrize(
    ("settings", "folder"),
    [
        ({}, "data"),
        ({"CONNECT_DATA_DIR": " ", "CONNECT_DATA_DIR_FILE": ""}, "data"),
        ({"CONNECT_DATA_DIR": "/{root}/there "}, "there"),
        ({"CONNECT_DATA_DIR": "~/there"}, "home/there"),
        ({"CONNECT_DATA_DIR_FILE": "/{root}/name"}, "named"),
    ],
)
def test_a_read_only_checkout_is_set_up_in_the_folder_that_the_service_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], folder: str
):
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CONNECT_DATA_DIR", raising=False)
    for name, text in settings.items():
        monkeypatch.setenv(name, text.replace("/{root}", str(tmp_path)))
    (tmp_path / "name").write_text(f"{tmp_path}/named\n")

    assert place(tmp_path) == tmp_path / folder / "setup"
    assert (tmp_path / folder / "setup").is_dir()

    monkeypatch.setenv("CONNECT_DATA_DIR_FILE", str(tmp_path / "nothing"))
    monkeypatch.setenv("CONNECT_DATA_DIR", "")
    with pytest.raises(NoPlace, match=r"CONNECT_DATA_DIR_FILE names .* cannot be read"):
        place(tmp_path)


def test_a_shell_is_answered_from_the_data_folder_of_a_read_only_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    became: list[Path] = []
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setenv("CONNECT_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(launcher, "become", lambda python, *_: became.append(python))
    monkeypatch.setattr(
        Environment, "is_ready", lambda self, _: self.place == tmp_path.resolve() / "setup"
    )
    monkeypatch.setattr(os, "chdir", lambda _: None)

    assert launcher.complete() == 0

    assert became == [tmp_path.resolve() / "setup" / ".venv" / "bin" / "python"]
    assert not (tmp_path / "setup").exists()


def test_the_pages_that_came_last_are_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    own, elsewhere = tmp_path / "static", tmp_path / "data" / "setup" / "gateway" / "static"
    monkeypatch.setattr(app, "STATIC", own)
    settings = Settings(data_dir=tmp_path / "data")
    assert app.pages(settings) == elsewhere

    for folder in (own, elsewhere, own):
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.05)
        folder.mkdir(parents=True)
        # As a copy that keeps the times of what it copies.
        os.utime(folder, (0, 0))
        assert app.pages(settings) == folder
