"""A disk that fills up while the service runs."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.contract.test_appointments import booking
from tests.service import EmbeddedService

ROOT = Path(__file__).parents[2]
REST = "/api/v1/appointments/"
MUTATION = (
    'mutation { createAppointment(input: {title: "T", startDateTime: "2027-03-10T09:00:00Z", '
    "durationMinutes: 30, participants: []}) { __typename } }"
)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[EmbeddedService]:
    process = EmbeddedService(tmp_path)
    yield process
    if process.process.poll() is None:
        process.process.kill()
        process.process.wait()


def limit(process: EmbeddedService, size: int) -> None:
    """Limits the files of the process to `size` bytes."""
    resource.prlimit(process.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_writes_are_refused_while_the_disk_is_full_and_accepted_afterwards(
    process: EmbeddedService,
) -> None:
    with httpx2.Client(base_url=process.url, headers=process.headers) as client:

        def count() -> int:
            return int(client.get(REST).json()["count"])

        # Makes the write-ahead log larger than the service's log, which can still be written.
        assert client.post(REST, json=booking()).status_code == 201
        before = count()
        log = process.log.with_name("connect.db-wal")
        limit(process, log.stat().st_size)
        acknowledged = 0
        for _ in range(10):
            answers = [
                client.post(REST, json=booking()),
                client.post("/graphql", json={"query": MUTATION}),
            ]
            acknowledged += sum(each.status_code in {200, 201} for each in answers)
            refused = [each for each in answers if each.status_code not in {200, 201}]
            assert {(each.status_code, each.headers["retry-after"]) for each in refused} <= {
                (503, "5")
            }
        assert acknowledged < 20
        assert count() == before + acknowledged
        ready = client.get("/readyz")
        assert (ready.status_code, "last write failed" in ready.text) == (503, True)
        limit(process, resource.RLIM_INFINITY)
        assert client.get("/readyz").status_code == 200
        assert client.post(REST, json=booking()).status_code == 201
        assert count() == before + acknowledged + 1
    assert process.stop() < 10
    told = process.log.read_text()
    assert "Traceback" not in told and '"event":"database_unavailable"' in told


def test_a_log_that_cannot_be_written_fails_no_request() -> None:
    code = (
        "import structlog; from gateway.logs import configure; configure('info', 'json');"
        "log = structlog.get_logger();"
        "[log.info('x' * 1000) for _ in range(1000)]; print('alive', flush=True);"
        "import os; os._exit(0)"
    )
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, stderr=full, text=True, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "alive\n")
