"""Times the targets in turns: every round asks every target the same requests of an operation.
`__main__.py` calls `rounds`; `report.py` prints what comes back."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from .generator import LENGTH
from .operations import Operation, Request, Subjects
from .processes import Server

READ_REQUESTS = 2_000
# More than any of the targets can write in a second here; a turn ends early if it is not.
WRITES_A_SECOND = 4_000
WARM_UP_REQUESTS = 3_000


class Settings(NamedTuple):
    rounds: int = 5
    seconds: float = 1.0
    connections: int = 16


class Turn(NamedTuple):
    rate: float
    p50: float
    p99: float
    cpu: float
    generator_cpu: float
    failures: int


class Cell(NamedTuple):
    """Medians over the rounds: requests/s, ms, µs; `multiple` is of the floor in the same round."""

    rate: float
    p50: float
    p99: float
    cpu: float
    multiple: float | None


Turns = dict[tuple[Operation, str], list[Turn]]


def write_requests(path: Path, asked: Sequence[Request], port: int) -> None:
    encoded = (each.encode(port) for each in asked)
    path.write_bytes(b"".join(LENGTH.pack(len(each)) + each for each in encoded))


def take(
    server: Server, operation: Operation, asked: Sequence[Request], given: Settings, warm_up: bool
) -> Turn:
    """Drive one target for a while, to warm it up until it had all requests.

    Raises RuntimeError when it stops answering.
    """
    cycle = [] if operation.writes or warm_up else ["--cycle"]
    path = server.log.with_suffix(".requests")
    write_requests(path, asked, server.port)
    command = [sys.executable, "-m", "bench.generator", str(path), "--port", str(server.port)]
    command += ["--connections", str(given.connections)]
    seconds = server.target.warm_up_seconds if warm_up else given.seconds
    command += ["--seconds", str(seconds), *cycle]
    before = server.cpu_seconds()
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    used = server.cpu_seconds() - before
    if done.returncode:
        why = done.stderr.strip().rpartition("\n")[2]
        raise RuntimeError(f"{server.target.name}, {operation.label}: {why}\n{server.said()}")
    found = json.loads(done.stdout)
    count = found["requests"]
    return Turn(
        count / found["seconds"],
        found["p50"],
        found["p99"],
        used / count * 1e6,
        found["generator_cpu"] / count * 1e6,
        found["failures"],
    )


def rounds(
    operations: Sequence[Operation],
    servers: Sequence[Server],
    subjects: Subjects,
    given: Settings,
) -> Turns:
    """Warm every target up, then take all turns of all rounds."""
    turns: Turns = {}
    order = random.Random(subjects.size.seed)
    for number in range(given.rounds + 1):
        for operation in operations:
            for server, turn in one_round(operation, servers, subjects, given, number, order):
                if number:
                    turns.setdefault((operation, server), []).append(turn)
        print(f"round {number} of {given.rounds} done", file=sys.stderr, flush=True)
    return turns


def one_round(
    operation: Operation,
    servers: Sequence[Server],
    subjects: Subjects,
    given: Settings,
    number: int,
    order: random.Random,
) -> Iterator[tuple[str, Turn]]:
    """Send the requests of this round to every target that supports them, in random order."""
    written = int(WRITES_A_SECOND * given.seconds)
    count = (written if operation.writes else READ_REQUESTS) if number else WARM_UP_REQUESTS
    asked = operation.requests(subjects, number, count)
    able = [each for each in servers if operation.face in each.target.faces]
    order.shuffle(able)
    for server in able:
        yield server.target.name, take(server, operation, asked, given, not number)


def summed_up(turns: Turns) -> dict[tuple[Operation, str], Cell]:
    """Return medians; a multiple compares turns of one round, which ran at a similar load."""
    cells = {}
    for (operation, name), taken in turns.items():
        floor = turns.get((operation, "floor"))
        multiples = [mine.cpu / its.cpu for mine, its in zip(taken, floor or [], strict=False)]
        cells[operation, name] = Cell(
            median(turn.rate for turn in taken),
            median(turn.p50 for turn in taken),
            median(turn.p99 for turn in taken),
            median(turn.cpu for turn in taken),
            median(multiples) if multiples else None,
        )
    return cells
