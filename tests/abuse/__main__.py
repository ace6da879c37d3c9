"""`./connect abuse`: attacks a server of its own and says what that cost it."""

import argparse
import sys
import tempfile
from fnmatch import fnmatch
from pathlib import Path

from . import cases, sockets
from .case import Case
from .people import People
from .report import Report
from .runner import Runner, complain


def main() -> int:
    """Runs the corpus; returns 1 when a bound was broken."""
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="connect-abuse-") as folder:
        runner = Runner(Path(folder), options.seconds, say=complain)
        try:
            report = runner.run(chosen(runner.arena.people, options.only))
        finally:
            runner.close()
    tell(report, options.json)
    return 1 if report.broken() else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./connect abuse", description=__doc__)
    parser.add_argument(
        "--only", metavar="NAME", help="cases whose name is or begins like this; * works"
    )
    parser.add_argument(
        "--seconds", type=float, default=100.0, help="how long slow attacks go on (100)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser.parse_args()


def chosen(people: People, only: str | None) -> list[Case]:
    everything = [*cases.of_documents(people), *cases.of_requests(people), *sockets.cases(people)]
    if not only:
        return everything
    return [each for each in everything if fnmatch(each.name, only) or each.name.startswith(only)]


def tell(report: Report, path: Path | None) -> None:
    sys.stdout.write("\n".join(report.lines()) + "\n")
    if path:
        report.write(path)


if __name__ == "__main__":
    sys.exit(main())
