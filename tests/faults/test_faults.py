"""The table of faults, with numbers that the suite has time for; `./connect faults` has large ones."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.service import ROOT

from .row import Finding, Scale
from .table import ROWS

# How often each fault is made here.
TIMES = {
    "kills": 20,
    "conditional": 600,
    "migrations": 1,
    "releases": 2,
    "restarts": 4,
    "terminated": 6,
    "full_disk": 1,
    "network": 6,
    "terminations": 5,
}
CASES = [("sqlite", 1)]


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize(("database", "workers"), CASES, ids=str)
async def test_the_promise_holds(tmp_path: Path, name: str, database: str, workers: int) -> None:
    row = ROWS[name]
    if database not in row.databases or workers not in row.workers:
        pytest.skip("this fault is not made there")
    finding: Finding = await row.run(Scale(tmp_path, TIMES[name], workers=workers))
    sys.stdout.write(finding.words)
    assert finding.holds, (finding.words, *finding.wrong)


def test_a_migration_that_commits_in_between_is_found(tmp_path: Path) -> None:
    program = "from tests.faults.stepping import killed_untidily, main; import sys; "
    program += "print(len(main(sys.argv[1], '', 40, killed_untidily)['wrong']))"
    url = f"sqlite:///{tmp_path / 'base.db'}"
    ran = subprocess.run(
        [sys.executable, "-c", program, url],
        cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert int(ran.stdout) > 0
