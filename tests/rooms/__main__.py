"""Shows that the room works in real browsers: `python -m tests.rooms [NAME …] [--runs 20]`.

Prints a line for each run and a summary for each proof; returns 1 when a run did not hold. `two`,
`four`, `six` and `glare` take seconds a run, what recovers takes half a minute.
"""

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from .chromium import chromium
from .links import glare, links, path
from .moderating import ends, remove, waiting
from .recoveries import hung, network, reload, restart, socket
from .relaying import relay
from .spent import spent
from .storm import storm
from .story import story
from .switching import full, switches
from .trial import Trial
from .workers import workers

Proof = Callable[[Trial], Awaitable[str]]
PROOFS: dict[str, tuple[Proof, ...]] = {
    "two": (lambda trial: links(trial, 2),),
    "four": (lambda trial: links(trial, 4),),
    "six": (lambda trial: links(trial, 6),),
    "path": (path,),
    "glare": (glare,),
    "recoveries": (socket, hung, restart, reload, network),
    "relay": (relay,),
    "switches": (switches,),
    "full": (full,),
    "remove": (remove,),
    "waiting": (waiting,),
    "ends": (ends,),
    "workers": (workers,),
    "story": (story,),
    "storm": (storm,),
}


async def run(name: str, patience: float) -> tuple[str, str, float]:
    """Runs a proof once, with a browser and a service of its own.

    Returns how it ended and why, and the processor time that it took, in seconds.
    """
    words: list[str] = []
    cpu = 0.0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for proof in PROOFS[name]:
            own = Path(folder) / str(len(words))
            own.mkdir()
            try:
                async with chromium() as browser:
                    trial = Trial(browser, own, patience)
                    async with contextlib.aclosing(trial):
                        words.append(await proof(trial))
                        cpu += spent()
            except pytest.skip.Exception as reason:
                return "skipped", str(reason), cpu
            except Exception as error:
                return "FAILED", " ".join(f"{type(error).__name__}: {error}".split())[:400], cpu
    return "ok", "; ".join(words), cpu


def main(arguments: list[str]) -> int:
    """Runs the proofs and prints what each found."""
    parser = argparse.ArgumentParser(prog="python -m tests.rooms", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PROOFS))
    parser.add_argument("--runs", type=int, default=1, help="how often each is run (1)")
    parser.add_argument("--patience", type=float, default=1.0, help="stretches every limit (1)")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in PROOFS]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(PROOFS)}")
    summary = [_runs(name, options.runs, options.patience) for name in options.names or PROOFS]
    for line, _ in summary:
        sys.stdout.write(line)
    return 0 if all(holds for _, holds in summary) else 1


def _runs(name: str, times: int, patience: float) -> tuple[str, bool]:
    count = {"ok": 0, "skipped": 0, "FAILED": 0}
    for number in range(1, times + 1):
        began = time.monotonic()
        how, words, cpu = asyncio.run(run(name, patience))
        count[how] += 1
        seconds = time.monotonic() - began
        sys.stdout.write(
            f"{how:<8}{name:<11}{number:>3}  {seconds:5.1f} s, {cpu:5.1f} s CPU  {words}\n"
        )
        sys.stdout.flush()
    skipped = f", {count['skipped']} skipped" if count["skipped"] else ""
    return f"{name}: {count['ok']} of {times} held{skipped}\n", count["FAILED"] == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
