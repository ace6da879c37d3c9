"""A log that nobody reads, or that cannot be written, holds nobody up; what is missing is counted."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import log_writer
from gateway.log_writer import LogWriter
from tests.service import ROOT

from .server import Server, eventually, request, status_of
from .test_refused_memory import answers

REFUSED = request("/api/v1/appointments/", headers={"X-Request-Id": "x" * 64}, keep=True)
BATCHES, BATCH = 120, 100


def report(count: int) -> str:
    return f"{count} dropped\n"


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe of the least size there is: 4 KiB."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4_096)
    yield reading, writing
    os.close(reading)
    # The writing end stays open: a thread writes to it as long as the process lives.


def reader(descriptor: int) -> list[bytes]:
    """Begins to read; returns the list of pieces, which grows."""
    parts: list[bytes] = []

    def read() -> None:
        try:
            while part := os.read(descriptor, 65_536):
                parts.append(part)
        except OSError:
            return

    threading.Thread(target=read, daemon=True).start()
    return parts


def test_a_service_whose_log_nobody_reads_goes_on(tmp_path: Path, pipe: tuple[int, int]) -> None:
    server = Server(tmp_path, stderr=pipe[1])
    try:
        with server.connect() as client:
            for _ in range(BATCHES):
                client.sendall(REFUSED * BATCH)
                assert {each.split()[1] for each in answers(client, BATCH)} == {b"401"}
        assert status_of(server.exchange(request("/healthz"))) == 200
        parts = reader(pipe[0])
        eventually(lambda: b"log_lines_dropped" in b"".join(parts))
        server.stop()
        lines = [json.loads(line) for line in b"".join(parts).splitlines()]
        kept = [line for line in lines if line["event"] == "request"]
        dropped = [line["count"] for line in lines if line["event"] == "log_lines_dropped"]
        assert len(kept) + sum(dropped) == BATCHES * BATCH
        assert len(dropped) == 1 and dropped[0] > 0
    finally:
        server.end()


def test_lines_keep_their_order_and_the_missing_are_counted_where_they_are_missing(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_writer, "MOST_LINES", 100)
    writer = LogWriter(pipe[1], report)
    lines = [f"{number} {'x' * 100}\n" for number in range(1_000)]
    for line in lines:
        writer.write(line)
    parts = reader(pipe[0])
    writer.drain(20)
    writer.write("last\n")
    writer.drain(20)
    eventually(lambda: b"last\n" in b"".join(parts))
    *kept, told, last = b"".join(parts).decode().splitlines(keepends=True)
    assert kept == lines[: len(kept)]
    assert (told, last) == (report(1_000 - len(kept)), "last\n")


def test_draining_a_log_that_nobody_reads_ends(pipe: tuple[int, int]) -> None:
    writer = LogWriter(pipe[1], report)
    writer.write("x" * 10_000 + "\n")
    writer.drain(0.05)


def test_draining_a_held_log_that_nobody_reads_ends(pipe: tuple[int, int]) -> None:
    writer = LogWriter(pipe[1], report, is_held=True)
    for _ in range(1_000):
        writer.write("x" * 100 + "\n")
    writer.drain(0.05)


# From 3.12 on, Python starts no threads once it ends. The writer needs the standard library only.
@pytest.mark.parametrize("version", ["", "3.12", "3.13", "3.14"])
def test_what_is_held_until_the_end_is_written_by_then(version: str) -> None:
    code = (
        "import atexit; from gateway.log_writer import LogWriter\n"
        "writer = LogWriter(2, lambda count: f'{count} dropped\\n', is_held=True)\n"
        "atexit.register(writer.drain)\n"
        "for number in range(10_002): writer.write(f'{number}\\n')"
    )
    python = shutil.which(f"python{version}") if version else sys.executable
    # Version managers leave names on the PATH that start nothing.
    if python is None or subprocess.run([python, "-c", ""], check=False).returncode != 0:
        pytest.skip(f"there is no Python {version} here")
    done = subprocess.run(
        [python, "-B", "-c", code],
        cwd=ROOT,
        capture_output=True,
        timeout=30,
        check=False,
        text=True,
    )
    lines = [*(f"{number}\n" for number in range(10_000)), "2 dropped\n"]
    assert (done.returncode, done.stderr) == (0, "".join(lines))


def test_a_descriptor_that_does_not_block_gets_everything(pipe: tuple[int, int]) -> None:
    os.set_blocking(pipe[1], False)
    writer = LogWriter(pipe[1], report)
    text = "".join(f"{number}\n" for number in range(10_000))
    writer.write(text)
    parts = reader(pipe[0])
    eventually(lambda: b"".join(parts) == text.encode())


def test_what_a_full_disk_refused_is_counted_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_writer, "RETRY_SECONDS", 0.01)
    path = tmp_path / "log"
    full = os.open("/dev/full", os.O_WRONLY)
    writer = LogWriter(full, report)
    for number in range(10):
        writer.write(f"{number}\n")
        writer.drain(20)
    file = os.open(path, os.O_WRONLY | os.O_CREAT)
    os.dup2(file, full)
    eventually(lambda: path.read_text() == report(10))
