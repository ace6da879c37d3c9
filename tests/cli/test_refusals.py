"""Whatever is wrong is said in one line that says what to do; nobody sees a traceback."""

import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from tests.upkeep.shell import ROOT, SECONDS, Shell
from tests.workers.crew import until


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("tokn", "there is no command 'tokn': did you mean 'token'? See `./connect --help`"),
        ("token creat", "there is no command 'creat': did you mean 'create'? See `./connect token"),
        ("token create --organisation A", "there is no option --organisation: did you mean '--organ"),
        ("run --prot 1", "there is no option --prot: did you mean '--port'"),
        ("backup", "PATH is missing (a new file, or a folder for one); see `./connect backup --help`"),
        ("token create", "--organization is missing"),
        ("token create --organization A --scope", "option '--scope' requires an argument"),
        ("token create --organization A --scope root", "--scope has an invalid choice: 'root'"),
        ("run --port 70000", "--port is '70000', but must be a whole number from 0 to 65535"),
        ("seed --appointments many", "--appointments is 'many', but must be a whole number"),
        ("migrate now", "got unexpected extra argument (now)"),
        ("backup nowhere/", "PATH names the folder nowhere/, which does not exist: create it first"),
        ("completion tcsh", "SHELL has an invalid choice: 'tcsh' (choose from bash, zsh, fish)"),
        ("token revoke", "name the token by its id or prefix, or pipe it in and say -"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_one_line(connect: Shell, command: str, line: str) -> None:
    said = connect(*command.split())
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith(f"connect: {line}") and said.err.count("\n") == 1, said.err
    assert "--help`" in said.err
    assert not connect.data.exists()


@pytest.mark.parametrize("command", [(), ("token",)])
def test_no_command_shows_those_that_there_are(connect: Shell, command: tuple[str, ...]) -> None:
    said = connect(*command)
    assert (said.status, said.out) == (2, "")
    assert "Commands:" in said.err


def test_scopes_come_at_once_and_several_times(connect: Shell) -> None:
    wanted = ("--scope", "read", "admin", "--name", "A", "--scope", "write")
    assert connect("token", "create", *wanted, "--organization", "Acme").status == 0
    assert "read write admin" in connect("token", "list").out
    late = connect("token", "create", "--organization", "Acme", "--scope=read", "admin")
    assert (late.status, late.out) == (2, "")


def test_a_mistake_of_the_program_is_one_line_and_a_traceback_for_whoever_asks(
    connect: Shell,
) -> None:
    connect("migrate")
    broken = sqlite3.connect(connect.database)
    broken.execute("ALTER TABLE organization RENAME TO organisation")
    broken.close()
    process = connect.begin("organization", "list")
    _, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert err.startswith("connect: ") and err.count("\n") == 1, err


@pytest.mark.parametrize("level", ["info", "debug"])
def test_an_unforeseen_exception_is_one_line(connect: Shell, level: str) -> None:
    code = (
        "import sys; from gateway.cli.terminal import mistakes\n"
        "import warnings; mistakes.catch(); warnings.warn('nobody should see this')\n"
        "raise RuntimeError('a field has no parser')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=connect.environment | {"CONNECT_LOG_LEVEL": level}, cwd=ROOT, text=True,
        capture_output=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    *trace, line = done.stderr.splitlines()
    assert line.startswith(
        "connect: this is a mistake of the program: RuntimeError: a field has no"
    )
    assert bool(trace) == (level == "debug")


def test_an_argument_that_is_no_text_is_refused(connect: Shell) -> None:
    for command in (("organization", "disable"), ("backup",), ("erase", "--yes", "--unique-id")):
        done = subprocess.run(
            [sys.executable, "-m", "gateway.cli", *command, b"\xff"],
            cwd=ROOT, env=connect.environment, capture_output=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 2
        assert done.stderr.startswith(b"connect: '\\udcff' is not UTF-8: ")
        assert done.stderr.count(b"\n") == 1


def test_ctrl_c_is_one_line(connect: Shell) -> None:
    process = connect.begin("seed", "--quiet", "--appointments", "200000")
    until(connect.database.exists, SECONDS)
    time.sleep(0.5)  # Wherever it is by then.
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, out) == (130, "")
    # A busy machine says that the migration before it takes long.
    said = [line for line in err.splitlines() if not line.startswith("connect: migrating")]
    assert said == ["connect: interrupted"]


def test_what_is_piped_in_may_be_anything(connect: Shell) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway.cli", "token", "import", "--organization", "A"],
        cwd=ROOT, env=connect.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    _, err = process.communicate(b"\xff\xfe\x00" * 10, timeout=SECONDS)
    assert process.returncode == 1
    assert b"Give 20 to 512 printable ASCII characters" in err and err.count(b"\n") == 1
