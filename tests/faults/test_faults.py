"""The table of faults, with numbers that the suite has time for; `./connect faults` has large ones."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.postgresql import PostgreSQL
from tests.service import ROOT

from .row import Scale
from .table import ROWS

# How often each fault is made here.
TIMES = {
    "kills": 20,
    "conditional": 400,
    "migrations": 1,
    "releases": 2,
    "restarts": 2,
    "terminated": 3,
    "full_disk": 1,
    "network": 3,
    "leases": 2,
    "rolling": 1,
    "terminations": 3,
}
# Kills are made everywhere; the other faults to one process on SQLite, to several on PostgreSQL, and
# by the command to each. `-m long` makes those as well.
CASES = [
    pytest.param(name, database, workers, marks=() if is_short else pytest.mark.long)
    for name, row in ROWS.items()
    for database in row.databases
    for workers in row.workers
    for is_short in [name == "kills" or workers == row.workers[-(database == "postgresql")]]
]


@pytest.mark.parametrize(("name", "database", "workers"), CASES, ids=str)
async def test_the_promise_holds(
    tmp_path: Path, request: pytest.FixtureRequest, name: str, database: str, workers: int
) -> None:
    server: PostgreSQL | None = None
    if database == "postgresql":
        server = request.getfixturevalue("breakable")
    elif request.config.getoption("--database") == "postgresql":
        pytest.skip("only PostgreSQL was asked for")
    finding = await ROWS[name].run(Scale(tmp_path, TIMES[name], server, workers))
    sys.stdout.write(finding.words)
    assert finding.holds, "\n".join((finding.words, *finding.wrong))


def test_a_migration_that_commits_in_between_is_found(tmp_path: Path) -> None:
    program = "from tests.faults.stepping import killed_untidily, main; import sys; "
    program += "print(len(main(sys.argv[1], sys.argv[1], 30, 1_000, killed_untidily).wrong))"
    url = f"sqlite:///{tmp_path / 'base.db'}"
    ran = subprocess.run(
        [sys.executable, "-c", program, url],
        cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert int(ran.stdout) > 0
