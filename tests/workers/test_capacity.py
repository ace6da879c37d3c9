"""Two workers on two cores answer at least 1.6 times the reads of one, and share the work."""

import asyncio
import multiprocessing
import os
import statistics
import time
from pathlib import Path

import pytest

from tests.service import EmbeddedService
from tests.workers.crew import Crew

CONNECTIONS = 16
SECONDS = 3.0
ROUNDS = 5
QUIET = {"CONNECT_RATE_LIMIT": "off"}


def ask(port: int, token: str, results: "multiprocessing.Queue[int]") -> None:
    """Reads a page over and over on connections that are kept; costs little more than the sockets."""
    request = (
        f"GET /api/v1/appointments/?page_size=5 HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Token {token}\r\n\r\n"
    ).encode()

    async def one(until: float) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        count = 0
        while time.monotonic() < until:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            count += 1
        writer.close()
        return count

    async def all() -> int:
        until = time.monotonic() + SECONDS
        return sum(await asyncio.gather(*(one(until) for _ in range(CONNECTIONS))))

    results.put(asyncio.run(all()))


def cpu(pid: int) -> float:
    return time.clock_gettime((~pid << 3) | 2)


def per_second(service: EmbeddedService, pids: list[int]) -> tuple[float, list[float]]:
    """The reads answered in a second of one processor, and each worker's seconds of it."""
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[int] = context.Queue()
    process = context.Process(target=ask, args=(service.port, service.token, results))
    before = [cpu(pid) for pid in pids]
    process.start()
    count = results.get(timeout=60)
    process.join(10)
    spent = [cpu(pid) - was for pid, was in zip(pids, before, strict=True)]
    return count / sum(spent), spent


@pytest.mark.long
@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two cores")
def test_two_workers_answer_at_least_1_6_times_the_reads_of_one(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one, two = EmbeddedService(tmp_path / "one", QUIET), Crew(tmp_path / "two", 2, QUIET)
    try:
        alone, together = [], []
        for _ in range(ROUNDS):
            alone.append(per_second(one, [one.pid])[0])
            rate, spent = per_second(two, two.workers)
            together.append(rate)
            # The load is even, so that both cores can be used up.
            assert max(spent) < 0.6 * sum(spent), spent
        # By processor time, so that neither the clients nor others on the machine count.
        ratio = 2 * statistics.median(together) / statistics.median(alone)
        assert ratio >= 1.6, (alone, together)
    finally:
        one.stop()
        two.stop()
