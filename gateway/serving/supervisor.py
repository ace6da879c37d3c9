"""Keeps a number of workers: replaces those that die, renews them one by one, ends them all.

Everything that serves is in the workers; what goes wrong there does not end this process.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

import structlog

from .worker import Inheritance, Worker

# Workers end within ten seconds of SIGTERM; whoever does not is killed.
STOP_SECONDS = 12.0
# A retired worker waits for its clients first.
RETIRED_SECONDS = 60.0
# One that dies sooner is replaced later and later.
STEADY_SECONDS = 10.0
PAUSES = (0.0, 0.5, 1.0, 2.0, 5.0)
STARTS_FAILED = 3

log = structlog.get_logger("connect.workers")


class Supervisor:
    """The workers by place; `renewed` prepares a restart, such as by a migration.

    `stopping` is called once no worker is started any more.
    """

    def __init__(
        self,
        count: int,
        inheritance: Inheritance,
        renewed: Callable[[], Awaitable[bool]] | None = None,
        stopping: Callable[[], None] | None = None,
    ) -> None:
        self._count = count
        self._inheritance = inheritance
        self._renewed = renewed
        self._closed = stopping
        self._places: dict[int, Worker] = {}
        # One start at a time for each place: a renewal and a replacement may want it at once.
        self._starting = [asyncio.Lock() for _ in range(count)]
        self._quick_deaths = dict.fromkeys(range(count), 0)
        # All processes: in a place, starting, or retired.
        self._processes: dict[Worker, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._renewing: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._status = 0

    async def run(self) -> int:
        """Keeps the workers until a signal says to stop; returns the exit status.

        SIGTERM and SIGINT stop, SIGHUP renews the workers one by one; it stops when it comes from
        a terminal that was closed, unless `nohup` started this.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        survives = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN or not has_terminal()
        hang_up = self.renew if survives else self.stop
        loop.add_signal_handler(
            signal.SIGHUP, lambda: self.renew() if has_terminal() else hang_up()
        )
        for place in range(self._count):
            self._spawn(self._fill(place))
        await self._stopping.wait()
        if self._closed is not None:
            self._closed()
        await self._end_all()
        return self._status

    def stop(self) -> None:
        """Ends all workers; asked a second time, at once."""
        if self._stopping.is_set():
            for worker in self._processes:
                worker.kill()
        self._stopping.set()

    def renew(self) -> None:
        """Replaces the workers one by one, unless that is being done already."""
        if self._renewing is None or self._renewing.done():
            self._renewing = self._spawn(self._renew_all())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # Starting

    async def _fill(self, place: int) -> None:
        """Puts a worker into an empty place, however often it takes; gives up if none serves."""
        while not self._stopping.is_set():
            deaths = self._quick_deaths[place]
            await self._pause(PAUSES[min(deaths, len(PAUSES) - 1)])
            async with self._starting[place]:
                # A renewal may have filled it meanwhile.
                if self._stopping.is_set() or place in self._places:
                    return
                if await self._start(place) is not None:
                    return
            self._quick_deaths[place] += 1
            if not self._places and min(self._quick_deaths.values()) >= STARTS_FAILED:
                log.error("workers_do_not_start", advice="the lines above say why")
                self._status = 3
                self._stopping.set()

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    async def _start(self, place: int) -> Worker | None:
        """Starts a worker and gives it the place once it is ready; returns None when it fails."""
        try:
            worker = await Worker.start(place, self._inheritance)
        except OSError as error:
            # No memory, processes or descriptors are left just now.
            log.error("worker_not_started", worker=place, reason=str(error))
            return None
        self._processes[worker] = self._spawn(self._watch(worker))
        if not await worker.is_ready():
            worker.kill()
            return None
        self._places[place] = worker
        log.info("worker_ready", worker=place, pid=worker.pid)
        return worker

    async def _watch(self, worker: Worker) -> None:
        """Waits for the end of a worker, and replaces it if it still had its place."""
        status = await worker.ended()
        self._processes.pop(worker, None)
        place = worker.number
        if self._places.get(place) is not worker:
            return
        del self._places[place]
        if self._stopping.is_set():
            return
        log.error("worker_died", worker=place, pid=worker.pid, status=status)
        lived = asyncio.get_running_loop().time() - worker.began_at
        self._quick_deaths[place] = 0 if lived > STEADY_SECONDS else self._quick_deaths[place] + 1
        self._spawn(self._fill(place))

    # Renewing

    async def _renew_all(self) -> None:
        log.info("restart_begun", workers=self._count)
        if self._renewed is not None and not await self._unless_stopped(self._renewed()):
            if not self._stopping.is_set():
                log.error("restart_ended", outcome="the database could not be migrated")
            return
        for place in range(self._count):
            async with self._starting[place]:
                old = self._places.get(place)
                if old is None:
                    continue  # It is being replaced already, by what is installed now.
                if self._stopping.is_set() or await self._start(place) is None:
                    outcome = f"worker {place} did not start; others serve on"
                    log.error("restart_ended", outcome=outcome)
                    return
            self._spawn(self._retire(old))
        log.info("restart_ended", outcome="every worker is new")

    async def _unless_stopped(self, work: Awaitable[bool]) -> bool:
        """Returns what the work does; cancels it and returns False when all is to end."""
        working = asyncio.ensure_future(work)
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return working.done() and working.result()
        finally:
            working.cancel()
            stopping.cancel()

    async def _retire(self, old: Worker) -> None:
        watch = self._processes.get(old)
        old.retire()
        if watch is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(RETIRED_SECONDS):
                    await asyncio.shield(watch)
        old.kill()

    # Stopping

    async def _end_all(self) -> None:
        """Lets every worker drain, and kills those that do not end."""
        until = asyncio.get_running_loop().time() + STOP_SECONDS
        told: set[Worker] = set()
        while self._processes and asyncio.get_running_loop().time() < until:
            # Each time: one may just have been being started.
            for worker in self._processes.keys() - told:
                worker.signal(signal.SIGTERM)
                told.add(worker)
            await asyncio.wait(self._processes.values(), timeout=0.2)
        for worker in list(self._processes):
            worker.kill()
        if self._processes:
            await asyncio.wait(self._processes.values(), timeout=2.0)
        for task in self._tasks:
            task.cancel()


def has_terminal() -> bool:
    """Whether this process belongs to a terminal that is still there."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True
