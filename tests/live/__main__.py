"""Shows the promises about live updates at full size: `python -m tests.live [NAME …]`.

Takes some minutes; returns 1 when one of them does not hold.
"""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from gateway.wire.descriptors import raise_limit

from .proofs import Proof, Raw, aborted, four_workers, idle, kills, latency, ledgers

PROOFS: dict[str, Callable[[Path], Awaitable[Proof]]] = {
    "ledgers": lambda folder: ledgers(folder, subscribers=50, events=2_000, aborts=200),
    "kills": lambda folder: kills(folder, subscribers=20, times=10),
    "aborted": lambda folder: aborted(folder, times=1_000),
    "idle": lambda folder: idle(folder, count=2_000, seconds=20),
    "streams": lambda folder: idle(folder, count=2_000, seconds=20, join=Raw.streamed),
    "latency": lambda folder: latency(folder, seconds=10),
    "ledgers of four": lambda folder: ledgers(
        folder, subscribers=50, events=2_000, aborts=200, serve=four_workers
    ),
    "latency of four": lambda folder: latency(folder, seconds=10, serve=four_workers),
}


def main(names: list[str]) -> int:
    """Runs the proofs and prints what each found."""
    raise_limit()
    unknown = [name for name in names if name not in PROOFS]
    if unknown:
        sys.stderr.write(f"unknown: {', '.join(unknown)}; there are {', '.join(PROOFS)}\n")
        return 2
    failed = False
    for name in names or PROOFS:
        with tempfile.TemporaryDirectory() as folder:
            proof = asyncio.run(PROOFS[name](Path(folder)))
        failed |= not proof.holds
        sys.stdout.write(f"{'ok' if proof.holds else 'FAILED':<7}{name:<17}{proof.words}\n")
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
