"""The command line on a PostgreSQL server: the same commands, and one line for what is in the way."""

import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from db import migrate
from db.location import Server
from tests.faults.proxy import Proxy
from tests.gateway.test_cli import Shell, asked, connect, data, running, shown
from tests.postgresql import Databases
from tests.postgresql.databases import run
from tests.service import Service, free_port

KEY = "Kq3vZ8d0Yt5LwXr2Bn7PcF4hJs9Ua6Ge"
PASSWORD = "hunter2-hunter2"

__all__ = ["connect", "data"]  # fixtures


@pytest.fixture
def server(postgresql: Databases, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A database without tables, which the settings name."""
    with postgresql.one(migrated=False) as location:
        monkeypatch.setenv("CONNECT_DATABASE_URL", location.dsn)
        monkeypatch.setenv("CONNECT_SECRET_KEYS", KEY)
        yield location


def test_every_command_works_on_a_server(connect: Shell, server: Server) -> None:
    for command in (("token", "list"), ("organization", "list")):
        said = connect(*command)
        assert (said.status, said.out) == (1, "")
        assert re.search(rf"{server} is not migrated to this release: run `.* migrate`", said.err)
    assert connect("migrate").out == f"{server} was migrated\n"
    assert connect("migrate").out == f"{server} is up to date\n"
    assert "@" not in str(server)
    made = connect("token", "create", "--organization", "Consulate “Köln”")
    assert made.status == 0 and made.out.startswith("cct_")
    listed = connect("token", "list")
    assert "Consulate “Köln”" in listed.out and "valid" in listed.out
    assert connect("token", "revoke", listed.out.splitlines()[1].split()[0]).status == 0
    assert connect("organization", "disable", "Consulate “Köln”").status == 0
    assert "disabled" in connect("organization", "list").out


def test_run_migrates_and_serves_and_never_seeds(connect: Shell, server: Server) -> None:
    with running() as (_, lines):
        assert shown(lines, "Database") == str(server)
        assert not any("cct_" in line for line in lines)
        token = connect("token", "create", "--organization", "A").out.strip()
        assert asked(shown(lines, "REST"), token)["count"] == 0
    assert migrate.is_current(server)


def test_the_database_of_a_later_release_is_left_alone(connect: Shell, server: Server) -> None:
    connect("migrate")
    run(server.dsn, "UPDATE alembic_version SET version_num = '9999'")
    for command in (("migrate",), ("token", "list"), ("run", "--port", "0")):
        said = connect(*command)
        assert (said.status, said.out) == (1, "")
        assert "is at revision 9999" in said.err and said.err.count("\n") == 1
    assert migrate.current(server) == "9999"


def refused(connect: Shell, words: str, *commands: str) -> None:
    for command in commands or ("migrate", "token list", "run --port 0"):
        said = connect(*command.split())
        assert (said.status, said.out) == (1, "")
        assert words in said.err and said.err.count("\n") == 1
        assert PASSWORD not in said.err


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://me:{password}@127.0.0.1:{closed}/d", "no server answers there"),
        ("postgresql://me:{password}@nowhere.invalid/d", "the name of the server is unknown"),
        ("postgresql://connect@127.0.0.1:{port}/missing", "create it with createdb"),
        ("postgresql://guarded:{password}@127.0.0.1:{port}/postgres", "refuses the user"),
        ("postgresql://stranger@127.0.0.1:{port}/postgres", "does not let this user in"),
        ("postgresql://connect@127.0.0.1:{port}/postgres?sslmode=require", "offers no TLS"),
        ("postgresql://connect@127.0.0.1:{port}/postgres?colour=blue", "colour"),
    ],
)
def test_what_keeps_a_server_from_being_used_is_one_line(
    connect: Shell, server: Server, postgresql: Databases, monkeypatch: pytest.MonkeyPatch,
    url: str, words: str,
) -> None:  # fmt: skip
    run(
        server.dsn,
        "DO $$ BEGIN CREATE ROLE guarded LOGIN PASSWORD 'another'; EXCEPTION WHEN OTHERS THEN END $$",
    )
    given = url.format(password=PASSWORD, port=postgresql.server.port, closed=free_port())
    monkeypatch.setenv("CONNECT_DATABASE_URL", given)
    monkeypatch.setenv("CONNECT_DATABASE_WAIT_SECONDS", "0")
    refused(connect, words)


def test_a_server_that_starts_later_is_waited_for(
    server: Server, postgresql: Databases, data: Path
) -> None:
    network = Proxy(postgresql.server.port)
    network.cut()
    url = server.dsn.replace(f":{postgresql.server.port}/", f":{network.port}/")
    data.mkdir(mode=0o700)
    waiting = Service(data, {"CONNECT_DATABASE_URL": url, "CONNECT_SECRET_KEYS": KEY})
    try:
        until = time.monotonic() + 30
        while "waited for" not in waiting.log.read_text() and time.monotonic() < until:
            time.sleep(0.05)
        network.forward()
        waiting.wait()
        assert waiting.log.read_text().count("is waited for, for 30 s at most") == 1
    finally:
        waiting.stop()
        network.close()


def test_a_server_that_stays_away_is_given_up(
    connect: Shell, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"postgresql://me:{PASSWORD}@127.0.0.1:{free_port()}/d"
    monkeypatch.setenv("CONNECT_DATABASE_URL", url)
    monkeypatch.setenv("CONNECT_DATABASE_WAIT_SECONDS", "1")
    said = connect("run", "--port", "0")
    assert (said.status, said.out) == (1, "")
    waited, given_up = said.err.splitlines()
    assert "is waited for, for 1 s at most: no server answers there" in waited
    assert "cannot be read: no server answers there" in given_up
    assert PASSWORD not in said.err


def test_a_server_that_says_nothing_is_given_up(
    connect: Shell, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        url = f"postgresql://me:{PASSWORD}@127.0.0.1:{port}/d?connect_timeout=1"
        monkeypatch.setenv("CONNECT_DATABASE_URL", url)
        refused(connect, "the server does not answer", "migrate", "token list")


def test_a_server_that_only_reads_says_where_to_go(connect: Shell, server: Server) -> None:
    name = server.dsn.rpartition("/")[2]
    run(server.dsn, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    refused(connect, "name the primary", "migrate", "run --port 0")


def test_a_user_without_the_right_to_make_tables_is_told_which(
    connect: Shell, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(
        server.dsn,
        "DO $$ BEGIN CREATE ROLE limited LOGIN; EXCEPTION WHEN OTHERS THEN END $$",
        "REVOKE CREATE ON SCHEMA public FROM public",
    )
    url = server.dsn.replace("connect@", "limited@")
    monkeypatch.setenv("CONNECT_DATABASE_URL", url)
    refused(connect, "GRANT CREATE ON SCHEMA public", "migrate", "run --port 0")
    run(server.dsn, "GRANT CREATE ON SCHEMA public TO limited")
    assert connect("migrate").status == 0


def test_a_database_that_cannot_hold_every_text_gets_no_tables(
    connect: Shell, postgresql: Databases, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    admin = postgresql.server.dsn()
    run(
        admin,
        "CREATE DATABASE narrow ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
    )
    try:
        narrow = postgresql.location("narrow")
        monkeypatch.setenv("CONNECT_DATABASE_URL", narrow.dsn)
        refused(connect, "create one with ENCODING 'UTF8'", "migrate", "run --port 0")
        assert migrate.current(narrow) is None
    finally:
        run(admin, "DROP DATABASE narrow WITH (FORCE)")
