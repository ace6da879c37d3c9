"""Help explains every command and does nothing else; the manual holds what it prints."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from gateway.cli.commands.manual import pages
from gateway.cli.commands.top import top
from gateway.cli.main import FAILED, INTERRUPTED, MISUSED
from gateway.serving.signals import ENDING
from gateway.version import VERSION
from tests.upkeep.shell import ROOT, SECONDS, Shell
from tools import launcher, wheel

NOT_STARTED = 3  # As uvicorn has it.
MANUAL = ROOT / "docs" / "command-line.md"
FIRST_LINE = re.compile(r"^Usage: (\S+) ", re.M)


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if not command.hidden:
            yield (*path, name)
            if isinstance(command, click.Group):
                yield from commands(command, (*path, name))


assert isinstance(top, click.Group)
COMMANDS = list(commands(top))


def test_the_manual_holds_the_help_of_every_command() -> None:
    assert pages(top) in MANUAL.read_text(), "renew with: ./connect manual"


def test_every_command_has_an_example() -> None:
    sections = re.split(r"^## ", pages(top), flags=re.M)[1:]
    assert len(sections) == len(COMMANDS) + 1
    for each in sections:
        name = each.partition("\n")[0].removeprefix("connect").strip()
        assert re.search(rf"^Examples:\n  connect {name}", each, re.M), each


@pytest.mark.parametrize("command", ["", "run", "token", "token create", "doctor"])
def test_help_does_nothing(connect: Shell, command: str) -> None:
    # A wrong setting would stop the command itself.
    wrong = {"CONNECT_PAGE_SIZE": "many"}
    said = connect(*command.split(), "--help", **wrong)
    assert (said.status, said.err) == (0, "")
    assert f"Usage: ./connect {command}".strip() in said.out
    assert "\x1b" not in said.out
    assert not connect.data.exists()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A checkout in which nothing was ever installed."""
    folder = tmp_path / "clone"
    for name in (
        *("connect", "docs/command-line.md", "gateway/__init__.py", "gateway/version.py"),
        "requirements/run.txt",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "tools", folder / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def asked(
    clone: Path, *arguments: str, redirected: str = "", **environment: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirected}', "sh", sys.executable, str(clone / "connect"),
         *arguments],
        cwd="/", env={"PATH": "/usr/bin:/bin", **environment}, capture_output=True, text=True,
        timeout=SECONDS, check=False,
    )  # fmt: skip


def everything(folder: Path) -> dict[str, int]:
    return {str(each): each.stat().st_mtime_ns for each in folder.rglob("*")}


def test_a_fresh_clone_explains_without_installing_running_or_writing(clone: Path) -> None:
    before = everything(clone)
    for name in (*COMMANDS, *((name,) for name in launcher.COMMANDS)):
        for option in ("--help", "-h") if name in (("run",), ("test",)) else ("--help",):
            done = asked(clone, *name, option)
            assert (done.returncode, done.stderr) == (0, ""), name
            assert re.search(rf"^[Uu]sage: ./connect {' '.join(name)}\b", done.stdout), name
    assert asked(clone, "--version").stdout == f"connect {VERSION}\n"
    assert asked(clone, "run", "--port", "1", "--help").returncode == 0
    assert everything(clone) == before


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["tokn"], "there is no command 'tokn': did you mean 'token'? See `./connect --help`"),
        (["--verson"], "there is no option '--verson': did you mean '--version'? See `./connect"),
        (["fly"], "there is no command 'fly'; see `./connect --help`"),
    ],
)
def test_a_fresh_clone_suggests_what_was_meant(clone: Path, words: list[str], line: str) -> None:
    done = asked(clone, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"connect: {line}") and done.stderr.count("\n") == 1


@pytest.mark.parametrize("redirected", [">&-", "> /dev/full"])
def test_an_explanation_that_cannot_be_written_is_one_line(clone: Path, redirected: str) -> None:
    if "full" in redirected and not Path("/dev/full").exists():
        pytest.skip("this machine has no /dev/full")
    for words in (["--help"], ["--version"], ["help", "run"], ["run", "-h"], ["build", "--help"]):
        done = asked(clone, *words, redirected=redirected)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("connect: standard output could not be written: ")
        assert done.stderr.count("\n") == 1, done.stderr


def test_a_python_that_looks_nowhere_by_itself_finds_the_checkout(clone: Path) -> None:
    done = asked(clone, "--version", PYTHONSAFEPATH="1")
    assert (done.stdout, done.stderr) == (f"connect {VERSION}\n", "")


def test_a_clone_that_is_not_set_up_completes_nothing_and_installs_nothing(clone: Path) -> None:
    before = everything(clone)
    done = subprocess.run(
        [sys.executable, "-B", str(clone / "connect")],
        env={"_CONNECT_COMPLETE": "bash_complete", "COMP_WORDS": "connect t", "COMP_CWORD": "1"},
        cwd="/", capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert everything(clone) == before


def test_the_overview_and_the_manual_name_every_command_of_a_checkout() -> None:
    manual = MANUAL.read_text()
    for (name,) in [each for each in COMMANDS if len(each) == 1]:
        assert name in launcher.SERVICE
        assert re.search(rf"^  (\w+, )?{name}\b", launcher.USAGE, re.M), name
    for name in launcher.COMMANDS:
        assert re.search(rf"^  {name}\b", launcher.USAGE, re.M), name
        assert f"## connect {name}\n\n```text\n" in manual
    assert f"## connect build\n\n```text\n{wheel.USAGE}```" in manual


@pytest.mark.parametrize(
    ("name", "module"),
    [("bench", "bench/__main__.py"), ("abuse", "tests/abuse/__main__.py"),
     ("faults", "tests/faults/__main__.py")],
)  # fmt: skip
def test_the_manual_has_the_options_of_the_tools(name: str, module: str) -> None:
    section = MANUAL.read_text().partition(f"## connect {name}\n")[2].partition("\n## ")[0]
    declared = re.findall(r'add_argument\(\s*"(--[\w-]+)"', (ROOT / module).read_text())
    assert declared and set(re.findall(r"^  (--[\w-]+)", section, re.M)) == set(declared)


def test_the_version_is_printed(connect: Shell) -> None:
    assert connect("--version").out == f"connect {VERSION}\n"
    assert not connect.data.exists()


def test_the_manual_lists_the_exit_statuses_of_the_program() -> None:
    table = MANUAL.read_text().partition("| exit status |")[2].partition("\n\n")[0]
    failures = (FAILED, MISUSED, NOT_STARTED, INTERRUPTED, *(128 + each for each in ENDING))
    listed = [int(each) for each in re.findall(r"^\| (\d+) \|", table, re.M)]
    assert listed == sorted({0, *failures})
