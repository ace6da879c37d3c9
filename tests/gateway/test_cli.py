"""The command line as an operator sees it: output, errors and exit status."""

import io
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest

from db import migrate
from db.location import SqliteFile
from gateway.cli import main as cli
from gateway.cli.greeting import example, greeting, remarks
from gateway.cli.run import prepare
from gateway.serving.listening import CannotListen, listen
from gateway.settings import Settings, read_settings
from schema.domain.token_text import checksum_holds, digest
from tests.gateway.test_join import JSON
from tests.upkeep.sites import site

ROOT = Path(__file__).parents[2]
LEGACY = "9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b"
DEADLINE_SECONDS = 40


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder for this test only, and no other setting."""
    for name in [name for name in os.environ if "CONNECT_" in name or name == "DATABASE_URL"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CONNECT_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


class CommandResult(NamedTuple):
    status: int
    out: str
    err: str


class Shell:
    """Runs commands in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.capsys = capsys
        self.monkeypatch = monkeypatch

    def __call__(self, *arguments: str, stdin: str = "") -> CommandResult:
        self.monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        try:
            status = cli.main(arguments)
        except SystemExit as end:
            status = int(end.code or 0)
        return CommandResult(status, *self.capsys.readouterr())


@pytest.fixture
def connect(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(capsys, monkeypatch)


def stored(data: Path, sql: str) -> list[Any]:
    connection = sqlite3.connect(data / "connect.db")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_token_create_prints_only_the_token_and_creates_what_is_missing(connect: Shell, data: Path):
    said = connect("token", "create", "--organization", "Acme")

    assert said.status == 0
    assert checksum_holds(said.out.removesuffix("\n"))
    assert said.err == "connect: the organization “Acme” is new\n"
    assert stored(data, "SELECT digest, scopes FROM api_token") == [
        (digest(said.out.strip()), "write")
    ]
    assert migrate.is_current(SqliteFile(data / "connect.db"))


def test_the_data_folder_is_private(connect: Shell, data: Path):
    connect("migrate")

    assert data.stat().st_mode & 0o077 == 0


def test_token_create_takes_scopes_name_and_expiry(connect: Shell, data: Path):
    asked = ("--organization", "Acme", "--scope", "read", "admin", "--name", "Robot")
    assert connect("token", "create", *asked, "--expires", "90d").status == 0

    ((scopes, name, expires),) = stored(data, "SELECT scopes, name, expires_at FROM api_token")
    assert (scopes, name) == ("read admin", "Robot")
    left = datetime.fromisoformat(expires) - datetime.now(UTC)
    assert timedelta(days=89) < left < timedelta(days=90)


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("--organization", " "), 1, "organization: Give at least one character."),
        (("--organization", "A", "--expires", "soon"), 1, "expires: Give a span such as 90d"),
        (("--organization", "A", "--scope", "root"), 2, "invalid choice: 'root'"),
        ((), 2, "--organization"),
    ],
)
def test_token_create_refuses_clearly(
    connect: Shell, arguments: tuple[str, ...], status: int, words: str
):
    said = connect("token", "create", *arguments)

    assert (said.status, said.out) == (status, "")
    assert words in said.err
    assert "Traceback" not in said.err


def test_token_import_stores_the_digest_of_standard_input(connect: Shell, data: Path):
    said = connect("token", "import", "--organization", "Legacy", stdin=f"{LEGACY}\n")

    assert said.status == 0
    assert LEGACY not in said.out + said.err
    assert stored(data, "SELECT digest, prefix FROM api_token") == [(digest(LEGACY), "9944")]
    again = connect("token", "import", "--organization", "Legacy", stdin=LEGACY)
    assert (again.status, again.out) == (1, "")
    assert "stored already" in again.err


@pytest.mark.parametrize("text", ["short", "two lines of\ntokens in one import"])
def test_token_import_refuses_an_invalid_token(connect: Shell, text: str):
    said = connect("token", "import", "--organization", "Legacy", stdin=text)

    assert said.status == 1
    assert "token: Give 20 to 512 printable ASCII characters" in said.err


def test_tokens_are_listed_without_their_text_and_revoked(connect: Shell):
    text = connect("token", "create", "--organization", "Acme", "--name", "Robot").out.strip()

    before = connect("token", "list").out.splitlines()
    revoked = connect("token", "revoke", text[:8])
    after = connect("token", "list").out.splitlines()

    assert " ".join(before[0].split()) == "ID PREFIX ORGANIZATION NAME SCOPES STATE LAST USED"
    assert re.search(rf"{text[:8]}… +Acme +Robot +write +valid +never$", before[1])
    assert (revoked.status, "revoked now" in revoked.out) == (0, True)
    assert re.search(r"revoked \d{4}-\d\d-\d\d \d\d:\d\dZ +never$", after[1])
    assert text not in "".join(before + after) + revoked.out


def test_revoking_an_unknown_token_fails(connect: Shell):
    said = connect("token", "revoke", "cct_nope")

    assert (said.status, said.out) == (1, "")
    assert said.err == "connect: There is no token whose id or prefix begins with cct_nope.\n"


def test_an_organization_sets_up_its_pages(connect: Shell):
    connect("organization", "create", "Acme")
    shown = connect("organization", "settings", "Acme").out
    assert re.search(r"language +\(.*\ncontact +\(none\)\ncancel reason +not shown\n", shown)
    settle = ("organization", "settings", "Acme")
    said = connect(*settle, "--language", "de-AT", "--contact", " +49 30 1234 ").out
    assert re.search(r"language +de\ncontact +\+49 30 1234\n", said)
    assert re.search(r"reason +shown\n", connect(*settle, "--show-cancel-reason").out)
    (row,) = json.loads(connect("organization", "list", "--json").out)
    assert (row["language"], row["contact"], row["shows_cancel_reason"]) == (
        "de",
        "+49 30 1234",
        True,
    )
    said = connect(*settle, "--language", "", "--contact", "", "--hide-cancel-reason").out
    assert said == shown
    for wrong, why in (
        (("--language", "xx"), "language: Give one of these: en, "),
        (("--contact", "x" * 256), "contact: Give at most 255 characters."),
        (("--contact", "a\nb"), "contact: Leave out characters that cannot be printed."),
    ):
        refused = connect(*settle, *wrong)
        assert refused.status == 1 and why in refused.err
    assert connect("organization", "settings", "Acne", "--contact", "x").status == 1


def test_organizations_are_created_listed_disabled_and_enabled(connect: Shell):
    assert connect("organization", "create", "Acme").status == 0
    assert connect("organization", "create", "Acme").status == 1
    assert "“Acme” is disabled" in connect("organization", "disable", "Acme").out
    assert re.search(r"Acme +disabled", connect("organization", "list").out)
    warned = connect("token", "create", "--organization", "Acme")
    assert "is disabled: its tokens are refused" in warned.err
    connect("token", "create", "--organization", "Acme", "--expires", "90d")
    assert connect("token", "list").out.count("organization disabled") == 2
    assert "“Acme” is enabled" in connect("organization", "enable", "Acme").out
    assert re.search(r" valid .* until ", connect("token", "list").out, re.S)
    assert connect("organization", "disable", "Acne").status == 1


def test_an_invalid_setting_prints_one_line_and_exits_with_2(
    connect: Shell, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CONNECT_PAGE_SIZE", "many")

    said = connect("token", "list")

    assert (said.status, said.out) == (2, "")
    assert said.err == (
        "connect: CONNECT_PAGE_SIZE is 'many', but must be a whole number from 1 to 100\n"
    )


def test_a_misspelt_setting_is_reported(connect: Shell, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CONNECT_PAGESIZE", "10")

    assert "did you mean CONNECT_PAGE_SIZE?" in connect("migrate").err


def test_a_database_given_by_url_is_not_created_implicitly(
    connect: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("CONNECT_DATABASE_URL", f"sqlite:///{tmp_path}/typo.db")

    said = connect("token", "list")

    assert said.status == 1
    assert re.search(r"typo.db does not exist: run `.* migrate` first", said.err)
    assert not (tmp_path / "typo.db").exists()
    assert connect("migrate").status == 0
    assert connect("token", "list").status == 0


def test_a_file_that_is_not_a_database_is_explained(
    connect: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "notes.txt").write_text("Nothing but words. " * 100)
    monkeypatch.setenv("CONNECT_DATABASE_URL", f"sqlite:///{tmp_path}/notes.txt")

    for command in (("migrate",), ("token", "list")):
        said = connect(*command)
        assert (said.status, said.out) == (1, "")
        assert "file is not a database" in said.err


def test_the_database_of_a_later_release_is_left_alone(connect: Shell, data: Path):
    connect("migrate")
    connection = sqlite3.connect(data / "connect.db")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()

    for command in (("migrate",), ("token", "list"), ("run", "--port", "0")):
        said = connect(*command)
        assert said.status == 1
        assert "is at revision 9999" in said.err


def test_migrate_says_whether_it_was_necessary(connect: Shell):
    assert connect("migrate").out.endswith("was migrated\n")
    assert connect("migrate").out.endswith("is up to date\n")


def test_schema_and_openapi_are_printed(connect: Shell):
    assert "type Mutation {" in connect("schema").out
    assert json.loads(connect("openapi").out)["openapi"].startswith("3.1")


def test_what_is_printed_can_be_put_into_a_file(connect: Shell, tmp_path: Path):
    file = tmp_path / "schema.graphql"
    file.write_text("as it was before")
    assert connect("schema", str(file)) == (0, "", "")
    assert file.read_text() == connect("schema").out
    assert list(tmp_path.glob("*.graphql*")) == [file]


def test_a_file_keeps_what_it_held_when_the_command_fails(
    connect: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(release: str) -> str:
        raise RuntimeError(f"a field of {release} has no parser")

    file = tmp_path / "openapi.json"
    file.write_text("as it was before")
    monkeypatch.setattr("rest.openapi.document.committed", fail)
    with pytest.raises(RuntimeError):
        connect("openapi", str(file))
    assert file.read_text() == "as it was before"


def test_a_file_that_cannot_be_written_is_named(connect: Shell, tmp_path: Path):
    said = connect("settings", str(tmp_path / "nowhere" / "table.md"))
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith(
        f"connect: {tmp_path}/nowhere/table.md could not be written: No such"
    )


def test_what_is_no_file_is_written_to_and_not_replaced(connect: Shell, tmp_path: Path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    assert connect("settings", str(pipe)).status == 0
    reader.join(DEADLINE_SECONDS)
    assert read == [connect("settings").out]
    assert pipe.is_fifo()


def test_healthcheck_says_when_no_server_answers(connect: Shell, monkeypatch: pytest.MonkeyPatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("CONNECT_PORT", str(taken.getsockname()[1]))

        said = connect("healthcheck")

    assert said.status == 1
    assert "no server answers at 127.0.0.1 port" in said.err
    assert said.err.endswith("Connection refused\n")


def test_healthcheck_asks_where_it_is_told_to_and_says_the_reason(connect: Shell):
    body = json.dumps({"status": "unready", "reason": "the disk is full"})
    with site(status=503, body=body) as url:
        said = connect("healthcheck", "--port", url.rpartition(":")[2])
    assert (said.status, said.out) == (1, "")
    assert said.err == "connect: the server is not ready: the disk is full\n"


def test_healthcheck_needs_the_port_that_the_system_chose(
    connect: Shell, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CONNECT_PORT", "0")
    said = connect("healthcheck")
    assert said.status == 1 and "say which it became with --port" in said.err


def test_a_port_in_use_prints_one_line(connect: Shell, data: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen):
            listen("127.0.0.1", port)

        said = connect("run", "--port", str(port))

    assert (said.status, said.out) == (1, "")
    assert re.fullmatch(
        rf"connect: cannot listen on 127.0.0.1 port {port}: Address already in use; .*\n", said.err
    )
    assert not (data / "connect.db").exists()


@pytest.mark.parametrize("host", ["no.such.host.invalid", "not a host", "203.0.113.7"])
def test_an_unavailable_host_prints_one_line(connect: Shell, host: str):
    said = connect("run", "--host", host, "--port", "0")

    assert said.status == 1
    assert said.err.startswith(f"connect: cannot listen on {host} port 0: ")
    assert said.err.count("\n") == 1


def test_production_does_not_start_without_a_key(
    connect: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("CONNECT_DATABASE_URL", f"sqlite:///{tmp_path}/production.db")

    said = connect("run", "--port", "0")

    assert said.status == 2
    assert said.err.startswith("connect: CONNECT_SECRET_KEYS is not set")
    assert not (tmp_path / "production.db").exists()


def test_greeting_shows_the_token_once_and_then_how_to_create_one():
    first = greeting(Settings(), "cct_secret", "./connect")
    second = greeting(Settings(), None, "./connect")

    assert "http://127.0.0.1:8000/explorer/#token=cct_secret\n" in first
    assert "-H 'Authorization: Bearer cct_secret'" in first
    assert "http://127.0.0.1:8000/explorer/\n" in second
    assert "./connect token create --organization NAME" in second
    assert "cct_" not in second


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"CONNECT_HOST": "0.0.0.0"}, "http://localhost:8000, which other machines cannot open"),
        ({"CONNECT_HOST": "::"}, "http://localhost:8000, which other machines cannot open"),
        ({"CONNECT_HOST": "192.0.2.7"}, "http://192.0.2.7:8000, over HTTP"),
        ({"CONNECT_HOST": "127.0.0.1"}, None),
        ({"CONNECT_HOST": "::1"}, None),
        ({"CONNECT_HOST": "0.0.0.0", "CONNECT_PUBLIC_URL": "https://c.example.org"}, None),
    ],
)
def test_an_open_port_without_a_public_url_is_remarked_on(given: dict[str, str], words: str | None):
    said = remarks(read_settings(given))

    assert len(said) == (words is not None)
    assert all(line.startswith("CONNECT_HOST is ") for line in said)
    assert words is None or f"CONNECT_PUBLIC_URL is not set: links will say {words}" in said[0]


def test_the_remark_is_one_line_beside_the_greeting(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CONNECT_HOST", "0.0.0.0")

    _, text = prepare(read_settings(), "./connect")

    assert text.startswith("Consularia Connect is starting")
    said = capsys.readouterr().err
    assert said.startswith("connect: CONNECT_HOST is 0.0.0.0") and said.count("\n") == 1


@contextmanager
def running(**settings: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Runs the service on a free port; yields the process and its first output."""
    command = [sys.executable, "-m", "gateway.cli", "run", "--port", "0"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    watchdog = threading.Timer(DEADLINE_SECONDS, process.kill)
    watchdog.start()
    lines: list[str] = []
    try:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if line.startswith("  Token"):
                break
        yield process, lines
    finally:
        process.terminate()
        process.communicate()
        watchdog.cancel()


def shown(lines: list[str], name: str) -> str:
    return next(line.split()[1] for line in lines if line.startswith(f"  {name} "))


def asked(url: str, token: str) -> Any:
    request = urllib.request.Request(url, headers={"Authorization": f"Token {token}"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read())


def test_first_start_seeds_a_demo_and_the_second_keeps_it(data: Path):
    with running() as (process, lines):
        token = shown(lines, "Token")
        week = asked(shown(lines, "REST"), token)
        assert shown(lines, "Explorer").endswith(f"/explorer/#token={token}")
        assert shown(lines, "Database") == str(data / "connect.db")
        port = shown(lines, "GraphQL").split(":")[2].split("/")[0]
        health = subprocess.run(
            [sys.executable, "-m", "gateway.cli", "healthcheck"],
            cwd=ROOT, env={**os.environ, "CONNECT_PORT": port}, check=False,
        )  # fmt: skip
        assert health.returncode == 0
        process.terminate()
        assert process.wait(12) in (0, -15)
    key = (data / "secret.key").read_text()

    with running() as (_, lines):
        assert not any("cct_" in line for line in lines)
        assert asked(shown(lines, "REST"), token) == {
            **week, "next": week["next"],
        }  # fmt: skip

    assert (data / "secret.key").read_text() == key
    assert week["count"] == 12
    assert {each["organization_name"] for each in week["results"]} == {
        "Consulate General of Arcadia"
    }
    statuses = [each["status"] for each in week["results"]]
    assert set(statuses) == {"scheduled", "active", "completed", "cancelled", "no_show"}
    starts = [datetime.fromisoformat(each["start_date_time"]) for each in week["results"]]
    assert max(starts) - min(starts) < timedelta(days=12)
    assert min(starts) < datetime.now(UTC) < max(starts)


def test_the_example_of_the_greeting_works_as_pasted():
    with running() as (_, lines):
        token, url = shown(lines, "Token"), shown(lines, "GraphQL").removesuffix("/graphql")
        pasted = "\n".join(example(url, token))
        done = subprocess.run(["sh", "-c", pasted], capture_output=True, timeout=20, check=True)
        (node,) = json.loads(done.stdout)["data"]["appointments"]["nodes"]
        people = node["participants"]["nodes"]
        doors = [httpx2.post(each["accessLink"], headers=JSON, timeout=20) for each in people]

    assert {each["role"] for each in people} == {"MODERATOR", "PARTICIPANT"}
    # They lead into the room: what is pasted first is a video appointment, whatever the hour.
    assert [door.json()["room"]["ticket"] != "" for door in doors] == [True] * len(people)


def test_database_given_by_url_is_migrated_and_never_seeded(tmp_path: Path):
    path = tmp_path / "production.db"
    settings = {
        "CONNECT_DATABASE_URL": f"sqlite:///{path}",
        "CONNECT_SECRET_KEYS": "Kq3vZ8d0Yt5LwXr2Bn7PcF4hJs9Ua6Ge",
    }
    with running(**settings) as (_, lines):
        assert not any("cct_" in line for line in lines)

    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM organization").fetchone() == (0,)
    connection.close()
    assert migrate.is_current(SqliteFile(path))


def test_a_terminal_that_lacks_a_character_loses_nothing(data: Path):
    def said(encoding: str, *arguments: str) -> bytes:
        return subprocess.run(
            [sys.executable, "-m", "gateway.cli", *arguments],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONIOENCODING": encoding},
            timeout=DEADLINE_SECONDS,
            check=True,
        ).stdout

    said("utf-8", "organization", "create", "Büro “Köln”")
    listed = said("latin-1", "organization", "list").decode("latin-1")
    assert r"Büro \u201cKöln\u201d" in listed
    assert said("latin-1", "settings") == said("utf-8", "settings")


def test_an_organization_is_seeded_once(connect: Shell) -> None:
    seeded = connect("seed", "--appointments", "12", "--organization", "Load")
    assert seeded.status == 0
    assert re.fullmatch(r"[0-9a-f-]{36}  “Load”: 12 more, \d+ s\n", seeded.out)
    again = connect("seed", "--appointments", "12", "--organization", "Load")
    assert (again.status, again.out) == (1, "")
    assert "“Load” has 12 appointments already" in again.err
    assert connect("seed", "--appointments", "3", "--organization", "Load", "--add").status == 0
    for wrong in (("0",), ("10000001",), ("5", "--organization", "")):
        refused = connect("seed", "--appointments", *wrong)
        assert refused.status == 1
        assert "Traceback" not in refused.err
