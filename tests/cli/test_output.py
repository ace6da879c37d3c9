"""Standard output that is full or closed: what was done all the same is said, and exit status 1."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import click
import pytest

from gateway.cli.commands.top import top
from tests.postgresql import Databases
from tests.service import free_port
from tests.upkeep.shell import ROOT, SECONDS, Said, Shell
from tests.workers.crew import until

KEY = "Kq3vZ8d0Yt5LwXr2Bn7PcF4hJs9Ua6Ge"
COMMAND = (sys.executable, "-m", "gateway.cli")
FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this machine has no /dev/full")


def to(shell: Shell, redirected: str, *arguments: object, stdin: str = "") -> Said:
    """Runs a command whose standard output the shell redirects; only its errors come back."""
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {redirected}', "sh", *COMMAND, *map(str, arguments)],
        cwd=ROOT, env=shell.environment, input=stdin, text=True, timeout=SECONDS, check=False,
        capture_output=True,
    )  # fmt: skip
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr, done.stderr
    return Said(done.returncode, done.stdout, done.stderr)


# What each command says that it has done; nothing where it changes nothing.
COMMANDS: list[tuple[tuple[str, ...], str]] = [
    (("token", "create", "--organization", "Acme"), "nobody has seen, was revoked; its id is"),
    (("token", "import", "--organization", "Acme"), "2 tokens imported all the same"),
    (("token", "list"), ""),
    (("token", "list", "--json"), ""),
    (("token", "revoke", "cct_"), ", revoked now"),
    (("organization", "create", "Other"), "the organization “Other” was created, its id is"),
    (("organization", "list"), ""),
    (("organization", "disable", "Acme"), "“Acme” is disabled"),
    (("organization", "enable", "Acme"), "“Acme” is enabled"),
    (("organization", "settings", "Acme", "--contact", "x"), "what “Acme” has set for its pages"),
    (("migrate",), "is up to date"),
    (("seed", "--appointments", "3", "--organization", "Load"), "“Load”: 3 more"),
    (("backup", "{folder}/copy.db"), "the backup is complete and verified: "),
    (("restore", "{folder}/first.db"), "the backup was restored to "),
    (("doctor", "--json"), ""),
    (("doctor",), ""),
    (("erase", "--unique-id", "nobody", "--yes"), ""),
    (("schema",), ""),
    (("openapi",), ""),
    (("statements",), ""),
    (("settings",), ""),
    (("manual",), ""),
    (("completion", "bash"), ""),
    (("--help",), ""),
    (("token", "create", "--help"), ""),
    (("--version",), ""),
]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a database with one token."""
    folder = tmp_path_factory.mktemp("first")
    shell = Shell(folder / "data")
    assert shell("token", "create", "--organization", "Acme").status == 0
    assert shell("backup", folder / "first.db").status == 0
    return folder / "first.db"


@pytest.fixture
def used(connect: Shell, first: Path, tmp_path: Path) -> Shell:
    """A database with one token, and beside it a backup."""
    connect.data.mkdir(mode=0o700)
    for place in (connect.database, tmp_path / "first.db"):
        shutil.copy(first, place)
    return connect


@needs_full
@pytest.mark.parametrize(("command", "done"), COMMANDS, ids=lambda each: " ".join(each)[:40])
def test_a_full_output_is_said_with_what_was_done(
    used: Shell, tmp_path: Path, command: tuple[str, ...], done: str
) -> None:
    arguments = [each.format(folder=tmp_path) for each in command]
    said = to(used, "> /dev/full", *arguments, stdin=f"{'x' * 20}\n{'y' * 20}\n")
    assert said.status == 1, said.err
    last = said.err.splitlines()[-1]
    assert "standard output could not be written: No space left on device" in last
    assert done in last


@needs_full
def test_an_erasure_whose_report_is_lost_goes_on_when_it_is_run_again(connect: Shell) -> None:
    assert connect("seed", "--appointments", 3, "--organization", "Load").status == 0
    with closing(sqlite3.connect(connect.database)) as database:
        (person,) = database.execute("SELECT unique_id FROM participant").fetchone()
    said = to(connect, "> /dev/full", "erase", "--unique-id", person, "--yes")
    assert said.status == 1
    assert "“Load”: erased from" in said.err and "run this again for what is left" in said.err
    again = connect("erase", "--unique-id", person, "--yes")
    assert (again.status, "nobody of this identifier" in again.out) == (0, True)


@needs_full
def test_a_move_whose_report_is_lost_is_complete(connect: Shell, postgresql: Databases) -> None:
    assert connect("seed", "--appointments", 3, "--organization", "Load").status == 0
    with postgresql.one(migrated=False) as place:
        said = to(connect, "> /dev/full", "move", "--to", place.dsn)
        assert said.status == 1
        assert f"could not be written: No space left on device; moved to {place}, and" in said.err
        own = {"CONNECT_DATABASE_URL": place.dsn, "CONNECT_SECRET_KEYS": KEY}
        assert "Load" in connect("organization", "list", **own).out


def test_every_command_that_writes_is_tried_with_a_full_output() -> None:
    tried = {" ".join(each for each in command if each.isalpha()) for command, _ in COMMANDS}
    assert isinstance(top, click.Group)
    for name, command in top.commands.items():
        inner = command.commands if isinstance(command, click.Group) else ()
        names = [f"{name} {each}" for each in inner] or [name]
        # `run` and `move` have tests of their own; the others print what only `run` reads, or nothing.
        if not command.hidden and name not in ("run", "move", "healthcheck"):
            assert all(any(each.startswith(wanted) for each in tried) for wanted in names), names


@pytest.mark.parametrize("redirected", [">&-", "> /dev/full"])
def test_a_token_that_nobody_saw_is_revoked(connect: Shell, redirected: str) -> None:
    if "full" in redirected and not FULL.exists():
        pytest.skip("this machine has no /dev/full")
    said = to(connect, redirected, "token", "create", "--organization", "Acme")
    assert (said.status, said.out) == (1, "")
    (line,) = connect("token", "list").out.splitlines()[1:]
    assert line.split()[0] in said.err
    assert "revoked" in line
    assert "cct_" not in said.err


def test_a_reader_who_has_gone_is_told_about_what_was_done(connect: Shell) -> None:
    gone = closed_pipe(connect, "token", "create", "--organization", "Acme")
    assert gone.status == 1
    assert "Broken pipe; the token, which nobody has seen, was revoked" in gone.err
    assert closed_pipe(connect, "token", "list") == Said(0, "", "")
    assert closed_pipe(connect, "schema") == Said(0, "", "")


def closed_pipe(shell: Shell, *arguments: str) -> Said:
    """Runs a command whose reader has gone before it begins."""
    process = shell.begin(*arguments)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    with process:
        return Said(process.wait(SECONDS), "", process.stderr.read())


@pytest.mark.parametrize("redirected", ["2>&-", "2> /dev/full"])
def test_a_token_is_printed_although_nobody_reads_errors(connect: Shell, redirected: str) -> None:
    if "full" in redirected and not FULL.exists():
        pytest.skip("this machine has no /dev/full")
    said = to(connect, redirected, "token", "create", "--organization", "Acme")
    assert said.status == 0
    assert said.out.startswith("cct_") and said.out.count("\n") == 1


@needs_full
def test_a_service_whose_greeting_nobody_can_read_serves(connect: Shell, tmp_path: Path) -> None:
    errors, port = tmp_path / "errors", str(free_port())
    with FULL.open("w") as full, errors.open("w") as stderr:
        process = subprocess.Popen(
            [*COMMAND, "run", "--port", port],
            cwd=ROOT, env=connect.environment, stdout=full, stderr=stderr,
        )  # fmt: skip
    try:
        until(lambda: "the service starts all the same" in errors.read_text())
        until(lambda: connect("healthcheck", CONNECT_PORT=port).status == 0)
    finally:
        process.terminate()
        process.wait(SECONDS)
    assert "Traceback" not in errors.read_text()
