"""The release before this one and this one, side by side on one database."""

import asyncio
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.service import ROOT

from .ledger import Ledger
from .load import Load, under_load
from .row import Finding, Scale, judged
from .site import Site

# The last commit whose newest migration is 0008.
BEFORE = "28468fc"


async def releases(scale: Scale) -> Finding:
    """Migrates under the load of the old release, runs both, and ends the old one."""
    old = await asyncio.to_thread(unpacked, scale.folder)
    site = Site(scale.folder, scale.url())
    site.root = old
    await asyncio.to_thread(site.prepare)
    ledger, new = Ledger(), Site(scale.folder, site.url)
    new.accounts = site.accounts
    try:
        await asyncio.to_thread(site.start)
        async with under_load(Load(lambda: site.port, site.accounts, 4, ledger)) as before:
            await before.reach(100)
            await asyncio.to_thread(new.command, "migrate")
            await before.reach(100)
            await asyncio.to_thread(new.start)
            async with under_load(Load(lambda: new.port, site.accounts, 4, ledger)) as after:
                await asyncio.gather(before.reach(scale.times * 100), after.reach(100))
                await before.end()
                await asyncio.to_thread(site.stop)
                await after.reach(100)
        await asyncio.to_thread(new.stop)
        found = judged(new, ledger, f"{BEFORE} and this release side by side", site.tracebacks())
    finally:
        site.close()
        new.close()
    return found


def unpacked(folder: Path) -> Path:
    """Returns a folder with the release before; skips where the history is not there."""
    archive, target = folder / "before.tar", folder / "before"
    command = ["git", "archive", "--format=tar", "-o", str(archive), BEFORE]
    if subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode != 0:
        pytest.skip(f"the history of this checkout does not hold {BEFORE}")
    with tarfile.open(archive) as packed:
        packed.extractall(target, filter="data")
    return target
