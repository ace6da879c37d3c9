"""The command: builds the data, starts the servers, compares answers, measures, prints.
Run as `./connect bench --help` from the checkout; see README.md."""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from . import check, databases, growth, measure, operations, report, scaling, targets
from .dataset import Size
from .measure import Settings
from .operations import Operation, Subjects
from .processes import Server
from .startup import startup
from .targets import Target

STARTS = 5
DATABASES = "measure only the gateway: SQLite and PostgreSQL, each with 1, 2 and 4 processes"
GROWTH = "measure only the gateway at these numbers of appointments, by default 1e4, 1e5 and 1e6"


def arguments() -> argparse.Namespace:
    size, load = Size(), Settings()
    peers = [each.name for each in targets.PEERS]
    parser = argparse.ArgumentParser(prog="./connect bench", description=__doc__)
    parser.add_argument("--appointments", type=int, default=size.appointments)
    parser.add_argument("--organizations", type=int, default=size.organizations)
    parser.add_argument("--seed", type=int, default=size.seed)
    parser.add_argument("--rounds", type=int, default=load.rounds)
    parser.add_argument("--seconds", type=float, default=load.seconds, help="a turn takes")
    parser.add_argument("--connections", type=int, default=load.connections)
    parser.add_argument("--only", nargs="+", default=[], metavar="ROW", help="rows named like this")
    parser.add_argument("--peers", nargs="*", choices=peers, default=peers, help="all by default")
    parser.add_argument("--startup", type=int, metavar="N", help="measure only N starts")
    parser.add_argument("--growth", nargs="*", type=int, metavar="SIZE", help=GROWTH)
    parser.add_argument("--databases", action="store_true", help=DATABASES)
    parser.add_argument("--check", action="store_true", help="compare answers, measure nothing")
    return parser.parse_args()


@contextmanager
def running(
    chosen: Sequence[Target], size: Size, run: Path, subjects: Subjects
) -> Iterator[list[Server]]:
    """Start the targets one after another and stop them all at the end."""
    servers: list[Server] = []
    tenant, key = subjects.read[0]
    try:
        for target in chosen:
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
    turns = measure.rounds(chosen, servers, subjects, given)
    cells = measure.summed_up(turns)
    names = [each.target.name for each in servers]
    for part in report.tables(chosen, names, cells):
        print(part, end="\n\n")
    for line in (*report.goals(chosen, cells), *report.caveats(turns)):
        print(line)


def compare(chosen: Sequence[Operation], servers: list[Server], subjects: Subjects) -> bool:
    """Print every difference between answers; return whether there was none."""
    found = list(check.differences(chosen, servers, subjects))
    for line in found[:10]:
        print(line)
    kinds = f"{len(chosen)} operations, {check.SAMPLES} requests each"
    print(f"{len(found)} answers differ" if found else f"all answers are equal ({kinds})")
    return not found


def beside_peers(given: argparse.Namespace, size: Size, load: Settings, run: Path) -> int:
    """Compare answers and measure; return 1 when an answer differs."""
    chosen, field = operations.named(given.only), targets.field(given.peers)
    subjects = Subjects(databases.prepare("gateway", size, run, "subjects"), size)
    for name, reason in field.absent.items():
        print(f"{name}: not installed: {reason}")
    with running(field.present, size, run, subjects) as servers:
        if not compare(chosen, servers, subjects):
            return 1
        if not given.check:
            measured(chosen, servers, subjects, load)
    if not given.check:
        starts(size, run, STARTS)
    return 0


def starts(size: Size, run: Path, count: int) -> None:
    database = databases.prepare("gateway", size, run, "subjects")
    tenant, key = Subjects(database, size).read[0]
    path = f"{operations.PREFIX}{key}/"
    print(startup(database, run, path, tenant.token, count).sentence())


def main() -> int:
    """Run the benchmark; return 1 when an answer differs."""
    given = arguments()
    size = Size(given.appointments, given.organizations, given.seed)
    load = Settings(given.rounds, given.seconds, given.connections)
    databases.DATA.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=databases.DATA, prefix="run-") as folder:
        run = Path(folder)
        if given.startup:
            starts(size, run, given.startup)
        elif given.databases:
            scaling.measured(size, load, given.only, run)
        elif given.growth is not None:
            growth.measured(given.growth or growth.SIZES, size, load, given.only, run)
        else:
            return beside_peers(given, size, load, run)
    return 0


if __name__ == "__main__":
    sys.exit(main())
