"""A server is found as libpq finds it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from db.connect import open_database
from db.engine import DatabaseUnavailable, Options
from db.location import Server
from db.postgresql import PostgresDatabase
from db.postgresql.address import addresses
from db.queries import system
from tests.faults.proxy import Proxy
from tests.postgresql import Databases, PostgreSQL
from tests.postgresql.databases import run
from tests.service import free_port

from .conftest import QUICK

Environment = dict[str, str]
APP = "application_name=consularia-connect"


def urls(dsn: str, environment: Environment | None = None) -> list[str]:
    return [each.dsn for each in addresses(dsn, 5, environment or {})]


@pytest.mark.parametrize(
    ("dsn", "wanted"),
    [
        ("postgresql://h/d", f"postgresql:///d?{APP}&host=h" ),
        ("postgresql://u:p%40w@h:5433/d", f"postgresql:///d?user=u&password=p%40w&{APP}&host=h&port=5433"),
        ("postgresql://[::1]:5433/d", f"postgresql:///d?{APP}&host=%3A%3A1&port=5433"),
        ("postgresql:///d?host=/run/pg&port=1", f"postgresql:///d?{APP}&host=%2Frun%2Fpg&port=1"),
        ("postgresql://%2Frun%2Fpg/d", f"postgresql:///d?{APP}&host=%2Frun%2Fpg"),
        ("postgresql://h/d?dbname=e&user=v", f"postgresql:///d?user=v&{APP}&host=h"),
        ("postgresql://h/%C3%A4%2Fb", f"postgresql:///%C3%A4%2Fb?{APP}&host=h"),
        ("postgresql://h/d?keepalives_idle=9&tcp_user_timeout=1", f"postgresql:///d?{APP}&host=h"),
        ("postgresql://h/d?gssencmode=prefer&channel_binding=prefer", f"postgresql:///d?{APP}&host=h"),
        ("postgresql://h/d?application_name=mine", "postgresql:///d?application_name=mine&host=h"),
        ("postgresql://h/d?sslmode=verify-full&sslrootcert=/etc/passwd", f"postgresql:///d?sslmode=verify-full&sslrootcert=%2Fetc%2Fpasswd&{APP}&host=h"),
    ],
)  # fmt: skip
def test_a_url_names_one_server(dsn: str, wanted: str) -> None:
    assert urls(dsn) == [wanted]


def test_a_url_names_several_servers_in_order() -> None:
    assert [url.partition("host=")[2] for url in urls("postgresql://a,b:2,[::1]/d")] == [
        "a", "b&port=2", "%3A%3A1",
    ]  # fmt: skip
    assert [url.partition("host=")[2] for url in urls("postgresql:///d?host=a,b&port=7")] == [
        "a&port=7", "b&port=7",
    ]  # fmt: skip
    with pytest.raises(DatabaseUnavailable, match="3 hosts and 2 ports"):
        urls("postgresql:///d?host=a,b,c&port=1,2")


def test_the_environment_says_what_the_url_does_not() -> None:
    given = {"PGHOST": "e", "PGPORT": "6", "PGAPPNAME": "app", "PGCONNECT_TIMEOUT": "2"}
    (found,) = addresses("postgresql:///d", 5, given)
    assert found[:2] == ("postgresql:///d?application_name=app&host=e&port=6", 2)
    (found,) = addresses("postgresql://h:1/d?connect_timeout=3&application_name=x", 5, given)
    assert found[:2] == ("postgresql:///d?application_name=x&host=h&port=1", 3)
    assert addresses("postgresql://h/d?connect_timeout=0", 5, {})[0].seconds == 5


@pytest.mark.parametrize("option", ["channel_binding=require", "hostaddr=127.0.0.1", "sslmod=x"])
def test_what_is_not_understood_is_refused(option: str) -> None:
    with pytest.raises(DatabaseUnavailable, match=option.partition("=")[0]):
        urls(f"postgresql://h/d?{option}")


def test_a_wrong_number_of_seconds_is_refused() -> None:
    with pytest.raises(DatabaseUnavailable, match="number of seconds"):
        urls("postgresql://h/d?connect_timeout=soon")


SERVICES = """\
# Ours
[other]
host=elsewhere

[consular]
host=s
port=7
user=u
password=a=b%c
dbname=d
"""


def test_a_service_says_where_the_server_is(tmp_path: Path) -> None:
    (tmp_path / ".pg_service.conf").write_text(SERVICES)
    (tmp_path / "pg_service.conf").write_text("[everywhere]\nhost=w\n")
    home, system = {"HOME": str(tmp_path)}, {"PGSYSCONFDIR": str(tmp_path)}
    wanted = f"postgresql:///d?host=s&port=7&user=u&password=a%3Db%25c&{APP}"
    for dsn, environment in (
        ("postgresql://?service=consular", home),
        ("postgresql://", home | {"PGSERVICE": "consular"}),
        ("postgresql://?service=consular", {"PGSERVICEFILE": str(tmp_path / ".pg_service.conf")}),
        (f"postgresql://?service=consular&servicefile={tmp_path}/.pg_service.conf", {}),
    ):
        (url,) = urls(dsn, environment)
        assert sorted(url.split("?")[1].split("&")) == sorted(wanted.split("?")[1].split("&"))
    assert urls("postgresql://?service=everywhere", system) == [f"postgresql://?{APP}&host=w"]
    # The URL is nearer than the service, and the service nearer than the environment.
    (url,) = urls("postgresql://me@x/e?service=consular", home | {"PGPORT": "9"})
    assert "host=x" in url and "user=me" in url and "port=7" in url and "/e?" in url


def test_a_service_that_nobody_defines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="service nowhere"):
        urls("postgresql://?service=nowhere", {"HOME": str(tmp_path)})
    (tmp_path / ".pg_service.conf").write_text("password=secret\n")
    with pytest.raises(DatabaseUnavailable, match="cannot be read") as refused:
        urls("postgresql://?service=nowhere", {"HOME": str(tmp_path)})
    assert "secret" not in str(refused.value)


async def reachable(dsn: str) -> bool:
    database = await PostgresDatabase.open(dsn, QUICK)
    try:
        async with database.read() as transaction:
            return await system.organizations(transaction) == []
    finally:
        await database.close()


async def test_a_socket_of_the_machine(server: Server, postgresql: Databases) -> None:
    name, own = server.dsn.rpartition("/")[2], postgresql.server
    assert await reachable(f"postgresql://connect@/{name}?host={own.folder}&port={own.port}")


async def test_the_first_server_that_answers_is_taken(
    server: Server, postgresql: Databases
) -> None:
    name, port = server.dsn.rpartition("/")[2], postgresql.server.port
    assert await reachable(f"postgresql://connect@127.0.0.1:{free_port()},127.0.0.1:{port}/{name}")
    # Also behind one that takes connections and says nothing.
    silent = Proxy(port)
    silent.hang()
    assert await reachable(f"postgresql://connect@127.0.0.1:{silent.port},127.0.0.1:{port}/{name}")
    silent.close()
    with pytest.raises(DatabaseUnavailable, match="no server answers"):
        await reachable(f"postgresql://connect@127.0.0.1:{free_port()}/{name}")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("*:*:*:*:p", "p"),
        ("h:5432:d:u:p:q", "p"),
        (r"h:5432:d:u:a\:b\\c", r"a:b\c"),
        (r"h:5432:d\:e:u:p", None),
        ("h:*:d:other:p", None),
        ("h:5433:d:u:p", None),
        ("#*:*:*:*:p", None),
        ("*:*:*:*", None),
        ("*:*:*:*:", ""),
        ("", None),
    ],
)
def test_a_line_of_a_password_file(tmp_path: Path, line: str, wanted: str | None) -> None:
    file = tmp_path / ".pgpass"
    file.write_text(f"other:*:*:*:x\n{line}\n*:1:*:*:z\n")
    file.chmod(0o600)
    (found,) = addresses("postgresql://u@h/d", 5, {"HOME": str(tmp_path)})
    assert found.login is not None and found.login.password() == wanted
    file.chmod(0o640)
    assert found.login.password() is None
    assert addresses("postgresql://u:p@h/d", 5, {})[0].login is None
    assert addresses("postgresql://u@h/d", 5, {"PGPASSWORD": "p"})[0].login is None


async def test_a_password_from_a_file(
    server: Server, postgresql: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(
        postgresql.server.dsn(),
        "DROP ROLE IF EXISTS guarded",
        "CREATE ROLE guarded LOGIN SUPERUSER PASSWORD 's3:cr\\et'",
    )
    file = tmp_path / "passwords"
    file.write_text("*:*:*:guarded:wrong\n")
    file.chmod(0o600)
    dsn = server.dsn.replace("connect@", "guarded@")
    with pytest.raises(DatabaseUnavailable, match="password") as refused:
        await reachable(f"{dsn}?passfile={file}")
    assert "wrong" not in str(refused.value)
    # Read anew for each connection: it may have been rotated.
    file.write_text("*:*:*:guarded:s3\\:cr\\\\et\n")
    assert await reachable(f"{dsn}?passfile={file}")
    monkeypatch.setenv("PGPASSFILE", str(file))
    assert await reachable(dsn)
    run(postgresql.server.dsn(), "DROP ROLE guarded")


async def test_a_database_in_another_encoding_is_refused(postgresql: Databases) -> None:
    run(
        postgresql.server.dsn(),
        "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
    )
    try:
        with pytest.raises(DatabaseUnavailable, match="ENCODING 'UTF8'"):
            await open_database(Server(postgresql.server.dsn("latin")), Options())
    finally:
        run(postgresql.server.dsn(), "DROP DATABASE latin")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PostgreSQL, Path]]:
    """A server that takes TLS only, and the certificate that it shows for `localhost`."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", str(folder / "key"), "-out", str(folder / "crt")],
        check=True, capture_output=True,
    )  # fmt: skip
    server = PostgreSQL()
    try:
        for name in ("key", "crt"):
            copy = server.data / f"server.{name}"
            copy.write_bytes((folder / name).read_bytes())
            owner = server.data.stat()
            copy.chmod(0o600)
            try_to_own(copy, owner.st_uid, owner.st_gid)
        hba = "hostssl all all 127.0.0.1/32 trust\nhostssl all all ::1/128 trust\n"
        (server.data / "pg_hba.conf").write_text(hba)
        server._settings.update(ssl="on", ssl_cert_file="server.crt", ssl_key_file="server.key")
        server.restart()
        yield server, folder / "crt"
    finally:
        server.stop()


def try_to_own(path: Path, user: int, group: int) -> None:
    import os

    if os.getuid() == 0:
        os.chown(path, user, group)


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ("sslmode=require", ""),
        ("sslmode=prefer", ""),
        ("", ""),
        ("sslmode=verify-ca&sslrootcert={crt}", ""),
        ("sslmode=verify-full&sslrootcert={crt}", ""),
        ("sslmode=disable", "pg_hba.conf"),
        ("sslmode=verify-full&sslrootcert=/nowhere", "sslrootcert names /nowhere"),
        ("sslmode=perhaps", "sslmode"),
    ],
)
async def test_tls(guarded: tuple[PostgreSQL, Path], options: str, refusal: str) -> None:
    server, certificate = guarded
    dsn = f"postgresql://connect@localhost:{server.port}/postgres?{options}".format(crt=certificate)
    if refusal:
        with pytest.raises(DatabaseUnavailable, match=refusal):
            await PostgresDatabase.open(dsn, QUICK)
        return
    database = await PostgresDatabase.open(dsn, QUICK)
    connection = await database._sessions.door.open()
    row = await connection.raw.fetchrow("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    assert isinstance(row, asyncpg.Record) and row["ssl"]
    await connection.close()
    await database.close()


async def test_a_name_that_is_not_in_the_certificate_is_refused(
    guarded: tuple[PostgreSQL, Path],
) -> None:
    server, certificate = guarded
    dsn = f"postgresql://connect@127.0.0.1:{server.port}/postgres?sslmode=verify-full"
    with pytest.raises(DatabaseUnavailable, match="TLS"):
        await PostgresDatabase.open(f"{dsn}&sslrootcert={certificate}", QUICK)


async def test_who_is_refused_is_told_which_password_was_used(
    postgresql: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgresql.one() as place:
        run(
            place.dsn,
            "DO $$ BEGIN CREATE ROLE guarded LOGIN PASSWORD 'another'; EXCEPTION WHEN OTHERS THEN END $$",
        )
    file = tmp_path / "passwords"
    monkeypatch.setenv("PGPASSFILE", str(file))
    monkeypatch.delenv("PGPASSWORD", raising=False)
    dsn = f"postgresql://guarded@127.0.0.1:{postgresql.server.port}/postgres"

    async def said() -> str:
        with pytest.raises(DatabaseUnavailable) as refused:
            await open_database(Server(dsn), QUICK)
        return str(refused.value)

    assert f"{file} does not exist" in await said()
    file.write_text("elsewhere:*:*:*:hunter2\n")
    file.chmod(0o600)
    assert (
        f"{file} has no line for 127.0.0.1:{postgresql.server.port}:postgres:guarded"
        in await said()
    )
    file.write_text("*:*:*:*:hunter2\n")
    answer = await said()
    assert f"it came from {file}" in answer and "hunter2" not in answer
    file.chmod(0o644)
    assert f"chmod 600 {file}" in await said()
