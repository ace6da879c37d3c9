"""PgBouncer in transaction mode before a PostgreSQL of the tests."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.service import free_port

from .databases import run
from .janitor import Janitor
from .server import USER, PostgreSQL, demoted, new_folder, unprivileged

CONFIGURATION = """\
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
admin_users = {user}
pidfile = {folder}/pgbouncer.pid
pool_mode = transaction
default_pool_size = {pool}
max_client_conn = 500
server_round_robin = 1
"""


class PgBouncer:
    """A pooler; a client's transactions go to whichever connection comes next."""

    def __init__(self, server: PostgreSQL, program: str, pool: int) -> None:
        self.folder = new_folder()
        self.port = free_port()
        self._janitor = Janitor(self.folder)
        (self.folder / "users").write_text(f'"{USER}" ""\n')
        self._configuration.write_text(
            CONFIGURATION.format(
                server=server.port, port=self.port, folder=self.folder, user=USER, pool=pool
            )
        )
        self._program = program
        self._process = self._started()

    @property
    def _configuration(self) -> Path:
        return self.folder / "pgbouncer.ini"

    @property
    def pid(self) -> int:
        """The process of the pooler."""
        return self._process.pid

    def dsn(self, name: str) -> str:
        """Returns the URL of a database of the server behind it."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def _started(self) -> "subprocess.Popen[bytes]":
        if os.getuid() == 0:
            os.chown(self.folder, unprivileged().pw_uid, unprivileged().pw_gid)
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [self._program, str(self._configuration)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                start_new_session=True, **demoted(),
            )  # fmt: skip
        self._wait(process)
        return process

    def _wait(self, process: "subprocess.Popen[bytes]") -> None:
        until = time.monotonic() + 20
        while process.poll() is None and time.monotonic() < until:
            with suppress(OSError):
                run(self.dsn("postgres"), "SELECT 1")
                return
            time.sleep(0.05)
        said = (self.folder / "log").read_text(errors="replace")
        self._janitor.clean()
        raise RuntimeError(f"PgBouncer did not start:\n{said[-2000:]}")

    def stop(self) -> None:
        """Ends it and removes its files."""
        self._process.kill()
        self._process.wait()
        self._janitor.clean()


@contextmanager
def pgbouncer(server: PostgreSQL, pool: int = 10) -> Iterator[PgBouncer]:
    """Runs a PgBouncer for the block; skips the test where none is installed."""
    program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip("no pgbouncer on this machine: apt-get install pgbouncer")
    pooler = PgBouncer(server, program, pool)
    try:
        yield pooler
    finally:
        pooler.stop()
