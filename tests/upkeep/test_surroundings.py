"""`doctor` on machines, disks and servers that are not as they should be, or do not answer."""

import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.upkeep import examination
from db.upkeep.progress import Progress
from gateway.cli.doctor import clock, database, machine, public, storage
from gateway.cli.doctor.findings import Finding, State, as_text, fail
from gateway.cli.doctor.looking import Check, in_a_row, looked_at
from gateway.settings import Settings, read_settings
from tests.postgresql import Databases
from tests.postgresql.databases import run as asked
from tests.service import ROOT, Service
from tests.upkeep.planting import GOOD_KEY, SECRET, Ground, examined

# "About ten seconds", on a machine that has other things to do as well.
MOST_SECONDS = 25.0


def test_too_few_files_are_found(ground: Ground):
    found = examined(ground, {}, files=256)
    assert "LimitNOFILE" in found.checks["limits.files"]["advice"]
    assert "192 connections" in found.checks["limits.files"]["message"]


IMPORTED_BEFORE_THREADS = """
import sys
from gateway.cli.doctor import examination
from gateway.settings import read_settings

examination.looked_at = lambda *_: iter([str("db.postgresql.opening" in sys.modules)])
url, key = "postgresql://connect@127.0.0.1:1/connect", sys.argv[1]
settings = read_settings({"CONNECT_DATABASE_URL": url, "CONNECT_SECRET_KEYS": key})
with examination.Progress(is_quiet=True) as progress:
    print(*list(examination.examined(settings, [], None, progress))[-1:])
"""


def test_the_engine_of_a_server_is_whole_before_threads_want_it() -> None:
    said = subprocess.run(
        [sys.executable, "-c", IMPORTED_BEFORE_THREADS, GOOD_KEY],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.stdout, said.stderr) == ("True\n", "")


def on_a_server(ground: Ground, dsn: str) -> dict[str, str]:
    return {"CONNECT_DATABASE_URL": dsn, "CONNECT_SECRET_KEYS": GOOD_KEY}


def test_mistakes_of_a_server_are_found(ground: Ground, postgresql: Databases):
    with postgresql.one() as place:
        name = place.dsn.rpartition("/")[2]
        given = on_a_server(ground, place.dsn) | {"CONNECT_WORKERS": "64"}
        asked(place.dsn, f"ALTER DATABASE {name} SET default_transaction_read_only = on")

        found = examined(ground, given)

        assert "lower CONNECT_DATABASE_CONNECTIONS" in found.checks["server.connections"]["advice"]
        assert "may open 704 connections" in found.checks["server.connections"]["message"]
        assert "name the primary" in found.checks["server.read-only"]["advice"]
        assert found.status == 1


def test_a_database_of_another_encoding_is_found(ground: Ground, postgresql: Databases):
    main = postgresql.server.dsn()
    options = "TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"
    asked(main, "DROP DATABASE IF EXISTS latin", f"CREATE DATABASE latin {options}")
    try:
        found = examined(ground, on_a_server(ground, postgresql.server.dsn("latin")))
    finally:
        asked(main, "DROP DATABASE latin WITH (FORCE)")
    assert "ENCODING 'UTF8'" in found.checks["server.encoding"]["advice"]
    assert "run migrate" in found.checks["database.empty"]["advice"]


def test_a_password_file_that_others_may_read_is_found(ground: Ground, postgresql: Databases):
    file = ground.folder / "passwords"
    file.write_text(f"*:*:*:*:{SECRET}\n")
    file.chmod(0o644)
    with postgresql.one() as place:
        found = examined(ground, on_a_server(ground, place.dsn) | {"PGPASSFILE": str(file)})
    assert found.checks["password.open"]["advice"] == f"chmod 600 {file}"
    assert SECRET not in found.text


MOUNTS = r"""
22 27 0:21 / / rw,relatime - ext4 /dev/vda rw
23 22 0:22 / /srv/net\040work rw,relatime shared:1 - nfs4 server:/export rw
24 22 0:23 / /srv rw - xfs /dev/vdb rw
25 24 0:24 / /srv/passing rw - tmpfs tmpfs rw
26 24 0:25 / /srv/passing rw - fuse.sshfs me@host:/ rw
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/srv/net work/connect", "nfs4"),
        ("/srv/network", "xfs"),
        ("/srv/passing/deep", "fuse.sshfs"),
        ("/home", "ext4"),
    ],
)
def test_the_file_system_of_a_folder_is_told(folder: str, kind: str):
    assert storage.kind_of(Path(folder), MOUNTS) == kind


def test_a_network_file_system_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "mountinfo").write_text(f"1 1 0:1 / {tmp_path}/data rw - cifs //server/share rw\n")
    monkeypatch.setattr(storage, "MOUNTS", tmp_path / "mountinfo")
    (found, *_) = database.permissions(read_settings({"CONNECT_DATA_DIR": str(tmp_path / "data")}))
    assert (found.code, found.state) == ("files.network", "FAIL")
    assert "use PostgreSQL" in found.advice


@pytest.mark.parametrize(
    ("free_mib", "code", "advice"), [(1, "disk.full", "make room"), (17, "disk.tight", "make room")]
)
def test_a_disk_without_room_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free_mib: int, code: str, advice: str
):
    (tmp_path / "connect.db").write_bytes(b"x" * (1 << 20))
    usage = machine.shutil.disk_usage(tmp_path)._replace(free=free_mib << 20)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: usage)
    (found, _) = machine.disk(read_settings({"CONNECT_DATA_DIR": str(tmp_path)}))
    assert found.code == code and advice in found.advice


@pytest.mark.parametrize(
    ("answer", "code"), [(True, "clock"), (None, "clock"), (False, "clock.free")]
)
def test_a_clock_that_nothing_keeps_right_is_found(
    monkeypatch: pytest.MonkeyPatch, answer: bool | None, code: str
):
    monkeypatch.setattr(clock, "is_synchronized", lambda: answer)
    monkeypatch.setattr(clock, "WATCHED_SECONDS", 0.0)
    (found,) = clock.clock(Settings())
    assert found.code == code


def test_what_hangs_holds_nobody_up(ground: Ground):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        begun = time.monotonic()
        found = examined(
            ground,
            {
                "CONNECT_PUBLIC_URL": f"https://localhost:{port}",
                "CONNECT_DATABASE_URL": f"postgresql://me:{SECRET}@localhost:{port}/name",
                "CONNECT_SECRET_KEYS": GOOD_KEY,
                "CONNECT_PORT": str(port),
            },
        )
    assert time.monotonic() - begun < MOST_SECONDS
    assert {"certificate.unreachable", "public.unreachable", "database.unreachable"} <= set(
        found.checks
    )
    assert SECRET not in found.text


def broken(_: Settings) -> Iterator[Finding]:
    yield Finding("broken", State.OK, "begun")
    raise RuntimeError("oops")


def test_a_check_that_does_not_end_is_left_behind():
    def forever(_: Settings) -> Iterator[Finding]:
        yield Finding("slow", State.OK, "begun")
        threading.Event().wait()

    found = list(looked_at([Check("broken", broken), Check("slow", forever)], Settings(), 2.0))

    assert [each.code for each in found] == ["broken", "broken.error", "slow", "slow.late"]


def test_a_check_that_breaks_does_not_keep_the_next_one_in_the_row_from_its_turn():
    row = in_a_row([Check("first", broken), Check("second", broken)])

    found = [each.code for each in row(Settings())]

    assert found == ["broken", "first.error", "broken", "second.error"]


def test_a_database_too_large_to_be_read_in_time_is_no_fault(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
):
    ground.made()
    monkeypatch.setattr(database, "SECONDS", -1.0)
    monkeypatch.setattr(examination, "OPERATIONS_A_LOOK", 1)
    given = read_settings({"CONNECT_DATA_DIR": str(ground.connect.data)})
    codes = [each.code for each in database.content(given, Progress())]
    assert codes == ["database", "content"]
    assert "not read to the end" in list(database.content(given, Progress()))[1].message


def test_the_service_is_recognized_at_its_public_address(ground: Ground):
    ground.connect.data.mkdir(mode=0o700)
    running = Service(ground.connect.data, {"CONNECT_DATA_DIR": str(ground.connect.data)})
    try:
        running.wait()
        found = examined(
            ground, {"CONNECT_PUBLIC_URL": running.url, "CONNECT_PORT": str(running.port)}
        )
    finally:
        running.stop()
    assert found.checks["public"]["state"] == found.checks["service"]["state"] == "ok"
    assert found.status == 0


@pytest.mark.parametrize(
    ("status", "code", "found"),
    [
        (404, "UNKNOWN_LINK", "public"),
        (429, "UNKNOWN_LINK", "public"),
        (503, "UNAVAILABLE", "public"),
        (500, "INTERNAL_SERVER_ERROR", "public"),
        (429, "", "public.other"),
        (503, "", "public.gateway"),
    ],
)
def test_the_service_is_told_from_others_by_its_codes(status: int, code: str, found: str):
    answer = public.Answer(status, code, "")
    assert public._judged("https://connect.example", answer).code == found


@pytest.mark.parametrize(("scheme", "port"), [("http", 80), ("https", 443)])
def test_an_ipv6_address_without_a_port_is_asked_at_the_usual_one(scheme: str, port: int):
    asked = public._connection(f"{scheme}://[2001:db8::7]")
    assert (asked.host, asked.port) == ("2001:db8::7", port)


def test_every_code_stands_in_the_manual():
    manual = (ROOT / "docs/operations.md").read_text()
    listed = manual.partition("\n## Doctor\n")[2].partition("\n## ")[0]
    folder = ROOT / "gateway/cli/doctor"
    code = re.compile(r"\b(?:warn|fail)\(\s*\"([a-z-]+\.[a-z-]+)\"")
    used = {found for file in folder.glob("*.py") for found in code.findall(file.read_text())}
    assert len(used) > 40
    assert used == set(re.findall(r"`([a-z-]+\.[a-z-]+)`", listed)) - {"error", "late"}


def test_what_a_server_answers_does_nothing_to_a_terminal() -> None:
    shown = as_text(fail("public.redirect", "it leads to http://e/\x1b]0;x\x07\x9b31m", "mend it"))
    assert shown.isprintable()
    assert "http://e/\N{REPLACEMENT CHARACTER}]0;x" in shown
