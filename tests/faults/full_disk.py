"""The disk of PostgreSQL is full: a file system of its own, in memory, is filled with a file."""

import asyncio
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.postgresql import NoServer, PostgreSQL

from .ledger import now
from .outages import outage
from .row import Finding, Scale

SIZE_MIB = 256
# A small log, so that its files are no hidden reserve.
SETTINGS = {
    "max_wal_size": "32MB", "min_wal_size": "32MB", "shared_buffers": "16MB",
    "max_connections": "60",
}  # fmt: skip
FULL_SECONDS = 1.5


async def full_disk(scale: Scale) -> Finding:
    """Fills the disk and makes room again; in between the server may crash and is started again."""
    with small_disk() as folder, server_on(folder) as server:
        site = scale._replace(server=server).site()
        ballast = folder / "ballast"

        async def fill() -> float:
            _fill(ballast)
            await asyncio.sleep(FULL_SECONDS)
            # The next piece of the log finds no room either: the server crashes.
            with suppress(OSError, Exception):
                await _switch(server)
            await asyncio.sleep(FULL_SECONDS)
            ballast.unlink()
            await asyncio.to_thread(revive, server)
            return now()

        return await outage(scale, site, "disk full", fill)


@contextmanager
def small_disk() -> Iterator[Path]:
    """Mounts a small file system in memory; skips where that is not allowed."""
    folder = Path(tempfile.mkdtemp(prefix="connect-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m,mode=755", "tmpfs", str(folder)]
    try:
        if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            pytest.skip("a small disk needs root that may mount a file system in memory")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)
    finally:
        folder.rmdir()


@contextmanager
def server_on(folder: Path) -> Iterator[PostgreSQL]:
    """Runs a server whose files are in the folder."""
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        server = PostgreSQL(settings=SETTINGS)
    finally:
        tempfile.tempdir = before
    try:
        yield server
    finally:
        server.stop()


def revive(server: PostgreSQL) -> None:
    """Starts the server again if it ended; one that recovers by itself is waited for."""
    if not server.is_running:
        with suppress(NoServer):
            server.end()
        server.start()


def _fill(ballast: Path) -> None:
    """Takes the last byte of the disk."""
    with ballast.open("wb") as file, suppress(OSError):
        while True:
            os.posix_fallocate(file.fileno(), file.tell(), 1 << 16)
            file.seek(1 << 16, os.SEEK_CUR)


async def _switch(server: PostgreSQL) -> None:
    import asyncpg

    connection = await asyncpg.connect(server.dsn(), timeout=2)
    try:
        for _ in range(4):
            await connection.execute("SELECT txid_current(), pg_switch_wal()", timeout=2)
    finally:
        connection.terminate()
