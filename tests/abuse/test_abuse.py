"""Nobody can stop the service: the corpus against a real server process beside a polite client.

What `./connect abuse` runs, with the slow attacks cut short. Processor time and memory are read
from the server's process; a case that breaks a bound is run again before it counts.
"""

from collections.abc import Iterator

import pytest

from . import cases, cop, documents, requests, sockets
from .case import Case
from .people import People
from .report import Report
from .runner import Runner
from .server import Server

SLOW_SECONDS = 2.0
# The one figure of a wall clock: wider here than in `./connect abuse`, whose machine is asked to be
# quiet. What a suite must catch held the polite client up for seconds.
LEAST_QUIET_MS = 20.0
NOBODY = People(("token",), "a" * 36, "b" * 36, "token", "c" * 36)
PRODUCTION = {
    "CONNECT_GRAPHQL_INTROSPECTION": "off",
    "CONNECT_GRAPHQL_SUGGESTIONS": "off",
    "CONNECT_GRAPHQL_GET": "off",
}

pytestmark = pytest.mark.abuse


def test_the_corpus_is_as_large_as_promised() -> None:
    names = [name for name, _ in documents.corpus(NOBODY)]
    assert len(names) == len(set(names)) >= 150
    names = [name for name, _ in requests.corpus(NOBODY)]
    assert len(names) == len(set(names)) >= 200
    assert len(list(sockets.cases(NOBODY))) >= 15


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    runner = Runner(tmp_path_factory.mktemp("abuse"), SLOW_SECONDS, least_quiet_ms=LEAST_QUIET_MS)
    yield runner
    runner.close()


def held(report: Report) -> None:
    """Fails with every bound that was broken, and the figures that belong to it."""
    broken = report.broken()
    assert not broken, "\n".join([*broken, *report.lines()[-6:]])


def test_no_document_stops_anybody(runner: Runner) -> None:
    held(runner.run(cases.of_documents(runner.arena.people)))


def test_no_request_stops_anybody(runner: Runner) -> None:
    held(runner.run(cases.of_requests(runner.arena.people)))


def test_no_connection_stops_anybody(runner: Runner) -> None:
    held(runner.run(sockets.cases(runner.arena.people)))


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("production"), PRODUCTION)
    yield server
    server.stop()


@pytest.mark.parametrize("check", cop.CHECKS, ids=lambda check: check.__name__)
def test_graphql_cop_finds_nothing_in_production_settings(production: Server, check) -> None:
    assert not check(production.port)


def test_the_checks_of_graphql_cop_see_what_they_look_for(runner: Runner) -> None:
    # With the settings of a first start the schema is open: a blind check would not notice.
    assert cop.introspection(runner.server.port)


def test_a_broken_bound_is_reported(runner: Runner) -> None:
    """The proof of the proof: a case that may use nothing breaks every bound it can."""
    [easy, *_] = cases.of_documents(runner.arena.people)
    report = runner.run([Case("strict", easy.attack, cpu_ms=0.0, memory_mib=-1.0, longest=0.0)])
    [line] = [line for line in report.broken() if line.startswith("strict")]
    for words in ("CPU over", "memory over", "longer than"):
        assert words in line
