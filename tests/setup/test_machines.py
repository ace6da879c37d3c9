"""A set-up that is ended, cut off, misled, without room or rights: one line each, and it goes on."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.service import free_port
from tests.setup.index import Index, certificate, serving, wheel
from tests.setup.machine import NOBODY, checkout, children, furnish, plain
from tools import frontend
from tools.environment import STAMP

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

SECONDS = 60.0
IS_ROOT = os.geteuid() == 0
SETTINGS = ("PIP_", "NPM_", "npm_", "SSL_", "REQUESTS_", "NODE_", "CURL_", "http", "HTTP")


def bare(**settings: str) -> dict[str, str]:
    """Returns the environment of a machine that nobody has told about indexes and authorities."""
    kept = {k: v for k, v in plain().items() if not k.startswith(SETTINGS)}
    return {**kept, "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "0", **settings}


def start(root: Path, *arguments: str, **settings: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, str(root / "connect"), *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=bare(**settings),
    )  # fmt: skip


def run(root: Path, *arguments: str, **settings: str) -> tuple[int, str]:
    process = start(root, *arguments, **settings)
    _, err = process.communicate(timeout=SECONDS)
    return process.returncode, err


def last(said: str) -> str:
    assert "Traceback" not in said, said
    return said.splitlines()[-1]


@pytest.fixture
def index() -> Iterator[Index]:
    with serving() as index:
        yield index


@pytest.fixture
def hung_up() -> Iterator[None]:
    """Lets processes obey SIGHUP, also where the tests were started with `nohup`."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("hung_up")
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)]
)
def test_a_set_up_that_is_ended_ends_its_children_and_goes_on_next_time(
    tmp_path: Path, index: Index, number: int, status: int
) -> None:
    root = checkout(tmp_path, index.requirement)
    url = f"{index.url}/simple/"
    index.goes_on.clear()
    process = start(root, "settings", PIP_INDEX_URL=url)
    assert index.asked.wait(SECONDS)
    process.send_signal(number)
    _, err = process.communicate(timeout=SECONDS)

    assert process.returncode == status
    assert last(err) == "connect: interrupted; the next run continues from here"
    assert children(str(root)) == []
    assert not (root / ".venv" / STAMP).exists()

    index.goes_on.set()
    _, err = run(root, "settings", PIP_INDEX_URL=url)
    assert "making a virtual environment" not in err and "installed in" in err
    assert (root / ".venv" / STAMP).is_file()


def test_a_taken_port_and_a_wrong_setting_are_said_before_anything_is_installed(
    tmp_path: Path,
) -> None:
    root = checkout(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for arguments, settings in (
            (("--port", port), {}),
            ((f"--port={port}",), {}),
            ((), {"CONNECT_PORT": port}),
        ):
            status, said = run(root, "run", *arguments, **settings)
            assert status == 1
            assert f"port {port}" in said and "--port" in said and said.count("\n") == 1
    status, said = run(root, "run", CONNECT_PORT="many")
    assert status == 2
    assert said.startswith("connect: CONNECT_PORT") and said.count("\n") == 1
    assert not (root / ".venv").exists()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl here")
def test_a_proxy_that_signs_anew_is_recognized_and_its_authority_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, authority = certificate(tmp_path)
    with serving(own) as index:
        root = checkout(tmp_path / "checkout", index.requirement)
        url = f"{index.url}/simple/"
        status, said = run(root, "settings", PIP_INDEX_URL=url)
        assert status == 1
        assert "could not be installed" in last(said)
        assert "PIP_CERT=" in last(said) and "NODE_EXTRA_CA_CERTS=" in last(said)
        _, said = run(root, "settings", PIP_INDEX_URL=url, PIP_CERT=str(authority))
        assert "installed in" in said

        if shutil.which("npm") is None:
            return
        for name in list(os.environ):
            if name.startswith(SETTINGS):
                monkeypatch.delenv(name)
        monkeypatch.setenv("npm_config_registry", f"{index.url}/")
        # A `cafile` of npm's own would win.
        monkeypatch.setenv("npm_config_userconfig", os.devnull)
        monkeypatch.setenv("npm_config_globalconfig", str(tmp_path / "none"))
        source = npm_project(tmp_path / "explorer", index)
        tools = frontend.Toolchain(shutil.which("node") or "", (shutil.which("npm") or "",))
        with pytest.raises(
            frontend.BuildError, match=r"^the certificate .*NODE_EXTRA_CA_CERTS=\S+"
        ):
            frontend.install_packages(source, tools, print)
        # What is set for pip is npm's as well.
        monkeypatch.setenv("PIP_CERT", str(authority))
        frontend.install_packages(source, tools, print)
        assert (source / "node_modules" / "connecttrial" / "package.json").is_file()


def npm_project(folder: Path, index: Index) -> Path:
    """A project that needs the package of the index."""
    folder.mkdir()
    (folder / "package.json").write_text(
        '{"name": "x", "version": "1.0.0", "dependencies": {"connecttrial": "1.0.0"}}'
    )
    (folder / "package-lock.json").write_text(
        '{"name": "x", "version": "1.0.0", "lockfileVersion": 3, "requires": true, "packages": {'
        '"": {"name": "x", "version": "1.0.0", "dependencies": {"connecttrial": "1.0.0"}}, '
        f'"node_modules/connecttrial": {{"version": "1.0.0", "integrity": "{index.integrity}"}}}}}}'
    )
    return folder


def test_an_index_that_cannot_be_reached_is_said_in_one_line(tmp_path: Path, index: Index) -> None:
    root = checkout(tmp_path, index.requirement)

    dead = f"http://127.0.0.1:{free_port()}/simple/"
    status, said = run(root, "settings", PIP_INDEX_URL=dead, PIP_RETRIES="1")

    assert status == 1
    assert "cannot be reached" in last(said) and "HTTPS_PROXY" in last(said)


def test_an_index_without_a_package_is_said_in_one_line(tmp_path: Path, index: Index) -> None:
    root = checkout(tmp_path, index.requirement)

    status, said = run(root, "settings", PIP_NO_INDEX="1")

    assert status == 1
    assert last(said).startswith("connect: ") and "unset PIP_NO_INDEX" in last(said)


@pytest.mark.skipif(not IS_ROOT, reason="only root may mount a small file system")
@pytest.mark.parametrize("size", ["64k", "40m"])
def test_a_full_disk_is_said_in_one_line(tmp_path: Path, size: str) -> None:
    with serving(package=wheel(60_000_000)) as index:
        root = checkout(tmp_path, index.requirement)
        (root / ".venv").mkdir()
        # The environment is all of the disk: venv finds it full, or pip does.
        mount = f"mount -t tmpfs -o size={size} none {root}/.venv && exec {sys.executable} {root}/connect settings"
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", mount],
            capture_output=True, text=True, timeout=SECONDS, check=False,
            env=bare(PIP_INDEX_URL=f"{index.url}/simple/"),
        )  # fmt: skip
    if "mount:" in done.stderr or "unshare:" in done.stderr:
        pytest.skip("this root may not mount")

    assert done.returncode == 1
    assert "is full: make room" in last(done.stderr)


@pytest.fixture
def apart() -> Iterator[Path]:
    """A folder that another user reaches."""
    folder = Path(tempfile.mkdtemp(prefix="connect-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


@pytest.fixture
def python() -> str:
    """A Python like this one, which also a user without rights can start."""
    if not IS_ROOT or not shutil.which("setpriv"):
        pytest.skip("only root can become a user without rights")
    name = f"python3.{sys.version_info.minor}"
    for found in (sys.executable, f"/usr/bin/{name}", f"/usr/local/bin/{name}"):
        # Only looked at: `setpriv` goes on to another of the name when it may not start this one.
        if subprocess.run([*AS_NOBODY, "test", "-x", found], check=False).returncode == 0:
            return found
    pytest.skip(f"no {name} here is one that every user can start")


def as_nobody(*command: str | Path, **settings: str) -> "subprocess.Popen[str]":
    """Starts a command as a user without a shell, a home or any right."""
    return subprocess.Popen(
        [*AS_NOBODY, *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env=bare(HOME="/proc/none", **settings), cwd="/",
    )  # fmt: skip


def test_a_read_only_checkout_is_set_up_in_the_data_folder_by_a_service_user(
    apart: Path, python: str
) -> None:
    root = checkout(apart / "checkout", "# nothing\n")
    data = apart / "data"
    data.mkdir()
    os.chown(data, NOBODY, NOBODY)
    before = sorted(root.rglob("*"))
    command = (python, root / "connect", "settings")

    process = as_nobody(*command, CONNECT_DATA_DIR=str(data))
    _, said = process.communicate(timeout=SECONDS)
    assert "installed in" in said
    assert (data / "setup" / ".venv" / STAMP).is_file()
    assert sorted(root.rglob("*")) == before

    process = as_nobody(*command, CONNECT_DATA_DIR="/proc/none/data")
    _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert "can write neither the checkout" in said and "set CONNECT_DATA_DIR" in said
    assert said.count("\n") == 1


def test_a_service_user_runs_it_from_there(apart: Path, python: str) -> None:
    root, data = checkout(apart / "checkout"), apart / "data"
    (data / "setup").mkdir(parents=True)
    furnish(root, data / "setup", python)
    (data / "setup" / "gateway" / "static" / "explorer").mkdir(parents=True)
    (data / "setup" / "gateway" / "static" / "explorer" / "index.html").write_text("built there")
    for path in (data, *data.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)

    command = (python, root / "connect", "run", "--port", "0")
    process = as_nobody(*command, CONNECT_DATA_DIR=str(data))
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(8)]
    until((data / "setup" / "bytecode").is_dir)
    process.terminate()
    _, err = process.communicate(timeout=SECONDS)

    assert "starting" in lines[0], err
    assert "cct_" in "".join(lines)
    assert "installing" not in err and not list(root.rglob("__pycache__"))

    # A command of root's in the wrong moment, or a restored copy: the file is another user's now.
    os.chown(data / "connect.db", 0, 0)
    process = as_nobody(*command, CONNECT_DATA_DIR=str(data))
    out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, out, err.count("\n")) == (1, "", 1)
    assert f"the file {data}/connect.db of root cannot be written by nobody: chown nobody" in err


LOOK = """
import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1])
from db.location import SqliteFile; from db.upkeep.access import obstacle
print(obstacle(SqliteFile(Path(sys.argv[2])), leaves_own=len(sys.argv) > 3))
"""


def test_what_keeps_a_database_from_being_written_is_told_apart(apart: Path, python: str) -> None:
    root, data = checkout(apart / "checkout"), apart / "data"
    data.mkdir()
    database = data / "connect.db"
    for path in (database, data / "connect.db-wal"):
        path.touch()

    def look(*more: str) -> str:
        out, err = as_nobody(python, "-c", LOOK, root, database, *more).communicate(timeout=SECONDS)
        assert not err
        return out.strip()

    assert look().startswith(f"the file {database} of root cannot be written by nobody: chown")
    data.chmod(0o700)  # as the service itself closes it
    assert look().startswith(f"the folder {data} of root cannot be entered by nobody: run this as")
    data.chmod(0o755)
    os.chown(database, NOBODY, NOBODY)
    assert f"{database}-wal of root" in look()
    os.chown(data / "connect.db-wal", NOBODY, NOBODY)
    assert look().startswith(f"the folder {data} of root cannot be written by nobody, where SQLite")
    os.chown(data, NOBODY, NOBODY)
    assert look() == "None"
    database.chmod(0o400)
    assert look().endswith(f"chmod u+rw {database}")
    assert look("leaves what it mends anyway") == "None"
    database.chmod(0o600)
    mount = f'mount --bind {data} {data} && mount -o remount,bind,ro {data} && exec $0 -c "$1" {root} {database}'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", mount, python, LOOK],
        capture_output=True, text=True, check=False, cwd=root,
    )  # fmt: skip
    if done.returncode == 0:
        assert "mounted read-only: mount it for writing" in done.stdout


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_what_is_set_up_needs_no_network(tmp_path: Path) -> None:
    root = checkout(tmp_path)
    furnish(root)
    dead = f"http://127.0.0.1:{free_port()}"
    cut = {"HTTPS_PROXY": dead, "HTTP_PROXY": dead, "PIP_INDEX_URL": f"{dead}/simple/"}
    process = start(root, "run", "--port", "0", **cut)
    assert process.stdout is not None
    first = process.stdout.readline()
    process.terminate()
    _, err = process.communicate(timeout=SECONDS)
    status, said = run(root, "test", "--version", **cut)

    assert first.startswith("Consularia Connect is starting"), err
    assert "installing" not in err
    assert (status, "installing" in said) == (0, False)
