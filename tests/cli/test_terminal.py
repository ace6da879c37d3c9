"""Colours, completion and progress: what a terminal gets, and what nobody else does."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from db import migrate
from db.location import SqliteFile
from db.upkeep import progress
from tests.cli.test_secrets import typed
from tests.upkeep.shell import ROOT, SECONDS, Shell
from tools.environment import Environment


def test_colours_are_for_terminals_and_for_whoever_asks(connect: Shell) -> None:
    assert "\x1b[" not in connect("--help").out
    assert "\x1b[" in connect("--help", FORCE_COLOR="1").out
    assert "\x1b[" not in connect("--help", FORCE_COLOR="1", NO_COLOR="1").out
    assert "\x1b[31m" in connect("fly", FORCE_COLOR="1").err
    assert "\x1b[32mok" in connect("doctor", FORCE_COLOR="1").out


def test_a_terminal_gets_colours_unless_it_is_told_not_to(connect: Shell) -> None:
    connect.environment["TERM"] = "xterm"
    assert "\x1b[1m" in typed(connect, {}, "--help")[1]
    connect.environment["NO_COLOR"] = "1"
    assert "\x1b[1m" not in typed(connect, {}, "--help")[1]
    connect.environment |= {"NO_COLOR": "", "TERM": "dumb"}
    assert "\x1b[1m" not in typed(connect, {}, "--help")[1]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_a_shell_is_one_that_it_reads(connect: Shell, shell: str) -> None:
    script = connect("completion", shell)
    assert (script.status, script.err) == (0, "")
    assert "_CONNECT_COMPLETE" in script.out
    if shutil.which(shell) is None:
        pytest.skip(f"this machine has no {shell}: its script was printed, but not read")
    done = subprocess.run(
        [shell, "-n"],
        input=script.out,
        text=True,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="this machine has no bash")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["connect", "tok"], ["token"]),
        (["connect", "token", "re"], ["revoke"]),
        (["connect", "token", "create", "--sc"], ["--scope"]),
        (["connect", "token", "create", "--scope", "w"], ["write"]),
        (["connect", "backup", "--fo"], ["--force"]),
    ],
)
def test_bash_completes(
    connect: Shell, tmp_path: Path, words: list[str], offered: list[str]
) -> None:
    script = tmp_path / "completion"
    script.write_text(connect("completion", "bash").out)
    command = tmp_path / "connect"
    python = sys.executable
    command.write_text(f'#!/bin/sh\ncd {ROOT} && exec {python} -m gateway.cli "$@"\n')
    command.chmod(0o755)
    line = (
        f"source {script}; COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; "
        f"_connect_completion {command}; echo ${{COMPREPLY[@]}}"
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", line],
        env=connect.environment, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.stdout.split() == offered, done.stderr
    assert not connect.data.exists()


def test_a_checkout_completes_from_anywhere_once_it_is_set_up(connect: Shell) -> None:
    if not Environment(ROOT, ".venv", print).is_ready("run"):
        pytest.skip("this checkout was not set up by ./connect")
    asked = {"_CONNECT_COMPLETE": "bash_complete", "COMP_WORDS": "connect tok", "COMP_CWORD": "1"}
    done = subprocess.run(
        [ROOT / "connect"],
        cwd="/", env=connect.environment | asked, capture_output=True, text=True, timeout=SECONDS,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "plain,token\n", "")
    assert not connect.data.exists()


@pytest.mark.skipif(shutil.which("fish") is None, reason="this machine has no fish")
def test_fish_completes(connect: Shell, tmp_path: Path) -> None:
    script = tmp_path / "completion"
    script.write_text(connect("completion", "fish").out)
    command = tmp_path / "connect"
    command.write_text(f'#!/bin/sh\ncd {ROOT} && exec {sys.executable} -m gateway.cli "$@"\n')
    command.chmod(0o755)
    own = {"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(
        ["fish", "-c", f"source {script}; complete -C 'connect token re'"],
        env=connect.environment | own, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.stdout.startswith("revoke") and done.stdout.count("\n") == 1, done.stderr


def test_a_migration_tells_its_steps(tmp_path: Path) -> None:
    told: list[str] = []
    migrate.upgrade(SqliteFile(tmp_path / "a.db"), lambda what, done, total: told.append(what))
    count = len(list(migrate.VERSIONS.glob("[0-9]*.py")))
    assert told[0] == f"migrating, step 1 of {count} (the first tables)"
    steps = [each for each in told if "(" in each]
    assert [each.split()[2] for each in steps] == [str(n) for n in range(1, count + 1)]


LONG = [
    ("migrate", "migrating, step"),
    ("seed --appointments 3000 --add", "seeding 3,000 appointments"),
    ("backup {folder}/copy.db --force", ""),
    ("doctor", ""),
    ("erase --unique-id nobody --yes", ""),
]


@pytest.mark.parametrize(("command", "words"), LONG)
def test_what_takes_long_says_so_and_is_quiet_when_told(
    connect: Shell, tmp_path: Path, command: str, words: str
) -> None:
    if "migrate" not in command:
        connect("migrate")
    arguments = command.format(folder=tmp_path).split()
    # As if two seconds were over at once: nobody wants to wait for them here.
    hurried = (
        "import sys; from db.upkeep import progress; progress.QUIET_SECONDS = 0.0\n"
        "progress.LINE_SECONDS = 0.01\n"
        "from gateway.cli.main import main; sys.exit(main(sys.argv[1:]))"
    )
    python = sys.executable

    def errors(*more: str) -> str:
        done = subprocess.run(
            [python, "-c", hurried, *arguments, *more],
            cwd=ROOT, env=connect.environment, capture_output=True, text=True, timeout=SECONDS,
            check=False,
        )  # fmt: skip
        return done.stderr

    said = errors()
    lines = [each for each in said.splitlines() if each.endswith(" s") or each.endswith("s left")]
    assert lines and words in said, said
    assert progress.QUIET_SECONDS == 2.0
    shutil.rmtree(connect.data) if "migrate" in command else None
    assert not any(each.endswith((" s", "s left")) for each in errors("--quiet").splitlines())
