"""The one command: builds the data, starts the servers, compares answers, measures, prints.
Run as `python -m bench --help` from the checkout; see README.md."""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from . import check, databases, measure, operations, report
from .dataset import Size
from .measure import Settings
from .operations import Operation, Subjects
from .processes import TARGETS, Server, Target
from .startup import startup


def arguments() -> argparse.Namespace:
    """Read the command line."""
    size, load = Size(), Settings()
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--appointments", type=int, default=size.appointments)
    parser.add_argument("--organizations", type=int, default=size.organizations)
    parser.add_argument("--seed", type=int, default=size.seed)
    parser.add_argument("--rounds", type=int, default=load.rounds)
    parser.add_argument("--seconds", type=float, default=load.seconds, help="a turn takes")
    parser.add_argument("--readers", type=int, default=load.readers, help="connections")
    parser.add_argument("--writers", type=int, default=load.writers, help="connections")
    parser.add_argument("--target", action="append", default=[], help="only these; repeatable")
    parser.add_argument("--only", action="append", default=[], help="operations named like this")
    parser.add_argument("--startup", type=int, metavar="N", help="measure only N starts")
    parser.add_argument("--check", action="store_true", help="compare answers, measure nothing")
    return parser.parse_args()


@contextmanager
def running(
    targets: Sequence[Target], size: Size, run: Path, subjects: Subjects
) -> Iterator[list[Server]]:
    """Start the targets one after another and stop them all at the end."""
    servers: list[Server] = []
    tenant, key = subjects.read[0]
    try:
        for target in targets:
            database = databases.prepare(target.database, size, run, target.name)
            server = Server(target, database, run / f"{target.name}.log")
            servers.append(server)
            server.wait(f"{operations.PREFIX}{key}/", tenant.token)
        yield servers
    finally:
        for server in servers:
            server.stop()


def measured(
    chosen: Sequence[Operation], servers: list[Server], subjects: Subjects, given: Settings
) -> None:
    """Time the operations and print the table."""
    turns = measure.rounds(chosen, servers, subjects, given)
    cells = measure.summed_up(turns)
    names = [each.target.name for each in servers]
    print(report.table(chosen, names, cells), end="\n\n")
    for line in (*report.goals(chosen, cells), *report.caveats(turns)):
        print(line)


def compare(chosen: Sequence[Operation], servers: list[Server], subjects: Subjects) -> bool:
    """Print every difference between answers; answer whether there was none."""
    found = list(check.differences(chosen, servers, subjects))
    for line in found[:10]:
        print(line)
    kinds = f"{len(chosen)} operations, {check.SAMPLES} requests each"
    print(f"{len(found)} answers differ" if found else f"all answers are equal ({kinds})")
    return not found


def main() -> int:
    """Run the bench; answer 1 when an answer differs."""
    given = arguments()
    size = Size(given.appointments, given.organizations, given.seed)
    load = Settings(given.rounds, given.seconds, given.readers, given.writers)
    chosen = operations.named(given.only)
    targets = [each for each in TARGETS if not given.target or each.name in given.target]
    databases.DATA.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=databases.DATA, prefix="run-") as folder:
        run = Path(folder)
        first = databases.prepare("gateway", size, run, "subjects")
        subjects = Subjects(first, size)
        tenant, key = subjects.read[0]
        path = f"{operations.PREFIX}{key}/"
        if given.startup:
            print(startup(first, run, path, tenant.token, given.startup).sentence())
            return 0
        with running(targets, size, run, subjects) as servers:
            if not compare(chosen, servers, subjects):
                return 1
            if not given.check:
                measured(chosen, servers, subjects, load)
        if not given.check and any(each.name == "connect" for each in targets):
            print(startup(first, run, path, tenant.token, 5).sentence())
    return 0


if __name__ == "__main__":
    sys.exit(main())
