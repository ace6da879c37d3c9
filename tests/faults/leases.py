"""The worker that has the clock is killed, or stopped and continued: another takes over."""

import asyncio
import json
import os
import signal
import sqlite3
from contextlib import closing

from tests.workers.crew import until

from .copies import file_of, run
from .ledger import Ledger, now
from .load import Load, under_load
from .row import Finding, Scale, judged
from .site import Site

TAKEN_SECONDS = 10.0
DUE = "UPDATE appointment SET clock_end_at = '2026-03-10T09:00:00.000000Z' WHERE status = "


async def leases(scale: Scale) -> Finding:
    """Lets appointments come due while the holder of the clock is stopped or killed in turn."""
    site, ledger = scale.site(CONNECT_LOG_LEVEL="info"), Ledger()
    took, wrong = [0.0], []
    try:
        await asyncio.to_thread(site.start)
        await asyncio.to_thread(until, lambda: bool(holders(site)))
        for turn in range(scale.times):
            async with under_load(
                Load(lambda: site.port, site.accounts, scale.writers, ledger)
            ) as load:
                await load.reach(80)
            # The writers are done: what is due now is the clock's.
            seconds, found = await asyncio.to_thread(_taken_over, site, is_kill=turn % 2 == 1)
            took.append(seconds)
            wrong += found
        await asyncio.to_thread(site.stop)
        words = f"holder of the clock stopped or killed {scale.times} times"
        words += f", taken over after {max(took):.1f} s at the most"
        return judged(site, ledger, words, wrong)
    finally:
        site.close()


def _taken_over(site: Site, *, is_kill: bool) -> tuple[float, list[str]]:
    """Stops or kills the holder in the middle of its work; returns the seconds and complaints."""
    known = holders(site)
    holder = known[-1]
    before = _moved(site)
    run(site.url, f"{DUE}'scheduled'", f"{DUE}'active'")
    until(lambda: _moved(site) > before)
    if is_kill:
        os.kill(holder, signal.SIGKILL)
    else:
        _stop(site, holder)
    began = now()
    try:
        until(lambda: len(holders(site)) > len(known), TAKEN_SECONDS)
        seconds = now() - began
        until(lambda: not _due(site), 30)
    except TimeoutError:
        return now() - began, ["nobody took over, or what was due was not done"]
    finally:
        if not is_kill:
            os.kill(holder, signal.SIGCONT)
    # The old holder gets the time to do what it must not.
    run(site.url, f"{DUE}'scheduled'", f"{DUE}'active'")
    until(lambda: not _due(site), 30)
    return seconds, []


def _stop(site: Site, pid: int) -> None:
    """Stops a process, on SQLite not while it holds the lock that there is only one of."""
    while True:
        os.kill(pid, signal.SIGSTOP)
        if not site.url.startswith("sqlite:") or _may_write(site):
            return
        os.kill(pid, signal.SIGCONT)


def _may_write(site: Site) -> bool:
    with closing(sqlite3.connect(file_of(site.url), timeout=0.2)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True


def holders(site: Site) -> list[int]:
    """The processes that took the lease so far, in order."""
    assert site.service is not None
    found, places = [], {}
    for line in site.service.log.read_text().splitlines():
        if '"worker_ready"' in line:
            told = json.loads(line)
            places[told["worker"]] = told["pid"]
        elif '"lease_taken"' in line:
            found.append(json.loads(line)["worker"])
    return [places[worker] for worker in found if worker in places]


def _moved(site: Site) -> int:
    """How many appointments the clock has moved on so far, by what the log says."""
    assert site.service is not None
    return site.service.log.read_text().count('"appointment_moved_on"')


def _due(site: Site) -> bool:
    statuses = {"scheduled", "active"}
    return any(
        row["status"] in statuses and row["clock_end_at"] is not None
        for row in site.state().appointment
    )
