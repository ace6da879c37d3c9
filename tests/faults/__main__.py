"""`./connect faults`: kills and breaks real processes under load, and says what was left."""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.postgresql import PostgreSQL

from .row import Finding, Scale
from .table import ROWS


def main() -> int:
    """Runs the table; returns 1 when a promise did not hold."""
    options = arguments()
    names = [name for name in ROWS if not options.only or matches(name, options.only)]
    if not names:
        sys.stderr.write(f"connect: no such row; there are {', '.join(ROWS)}\n")
        return 2
    failed = False
    for name, database, workers in cases(names, options):
        began = time.monotonic()
        try:
            finding = run(name, database, workers, options)
        except pytest.skip.Exception as skipped:
            finding = Finding(True, f"not made here: {skipped.msg}")
        failed |= not finding.holds
        tell(f"{name} {database} {workers}", finding, time.monotonic() - began)
    return 1 if failed else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./connect faults", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="rows of these names; * works")
    parser.add_argument("--times", type=int, help="how often each fault is made")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="only on this one")
    parser.add_argument("--workers", type=int, help="only with so many workers")
    return parser.parse_args()


def matches(name: str, wanted: list[str]) -> bool:
    return any(fnmatch(name, each) for each in wanted)


def cases(names: list[str], options: argparse.Namespace) -> Iterator[tuple[str, str, int]]:
    """Yields row, database and number of workers of everything that was asked for."""
    for name in names:
        for database in ROWS[name].databases:
            for workers in ROWS[name].workers:
                if options.database in (None, database) and options.workers in (None, workers):
                    yield name, database, workers


def run(name: str, database: str, workers: int, options: argparse.Namespace) -> Finding:
    row = ROWS[name]
    server = PostgreSQL() if database == "postgresql" else None
    with tempfile.TemporaryDirectory(prefix="connect-faults-") as folder:
        scale = Scale(Path(folder), options.times or row.times, server, workers)
        try:
            return asyncio.run(row.run(scale))
        finally:
            if server is not None:
                server.stop()


def tell(title: str, finding: Finding, seconds: float) -> None:
    word = "ok" if finding.holds else "FAILED"
    sys.stdout.write(f"{word:<7}{title:<28}{finding.words} ({seconds:.0f} s)\n")
    sys.stdout.writelines(f"       {line}\n" for line in finding.wrong)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
