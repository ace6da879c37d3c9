"""What a proof costs: processor time of every process that this one has started, and theirs."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def spent() -> float:
    """Returns the seconds of processor time that processes below this one have used so far.

    The kernel's own sum lacks what Chromium's pages use, for they are never waited for.
    """
    parents: dict[int, list[int]] = {}
    used: dict[int, float] = {}
    for each in Path("/proc").glob("[0-9]*"):
        try:
            fields = (each / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # It ended meanwhile.
            continue
        parents.setdefault(int(fields[1]), []).append(int(each.name))
        used[int(each.name)] = (int(fields[11]) + int(fields[12])) / TICKS
    below, total = [os.getpid()], 0.0
    while below:
        children = parents.get(below.pop(), [])
        total += sum(used[child] for child in children)
        below += children
    return total
