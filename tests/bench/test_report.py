"""The report: multiples of the floor in the same round, goals judged, absent peers named."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import growth, measure, node_tools, operations, report, targets
from bench.measure import Turn
from tools.frontend import BuildError

ROOT = Path(__file__).parents[2]
GOAL_TABLE = [
    *("REST one", "REST filtered page", "REST by participant", "REST create", "REST add ten"),
    *("GraphQL one", "GraphQL 20 nested", "GraphQL create"),
]


def turn(cpu: float) -> Turn:
    return Turn(rate=1000, p50=1, p99=2, cpu=cpu, generator_cpu=1, failures=0)


def test_the_rows_are_those_of_the_goals() -> None:
    assert [each.label for each in operations.OPERATIONS] == GOAL_TABLE


def test_a_multiple_compares_turns_of_one_round() -> None:
    row = operations.OPERATIONS[0]
    # The machine was three times slower in the second round, for both.
    turns = {
        (row, "floor"): [turn(50), turn(150), turn(60)],
        (row, "connect"): [turn(100), turn(300), turn(180)],
    }
    cells = measure.summed_up(turns)
    assert cells[row, "connect"].multiple == 2.0
    assert cells[row, "connect"].cpu == 180


@pytest.mark.parametrize(
    ("cpu", "judged"), [(100, "the aim reached"), (170, "reached"), (190, "not reached")]
)
def test_goals_are_judged_by_processor_time(cpu: float, judged: str) -> None:
    row = operations.OPERATIONS[0]
    cells = measure.summed_up({(row, "floor"): [turn(100)], (row, "connect"): [turn(cpu)]})
    assert [f", {judged} (" in line for line in report.goals([row], cells)] == [True]


def test_the_gateway_is_compared_with_the_jit() -> None:
    (row,) = operations.named(["graphql one"])
    turns = {(row, name): [turn(cpu)] for name, cpu in (("connect", 90), ("mercurius", 100))}
    (line,) = report.goals([row], measure.summed_up(turns))
    assert line == "GraphQL one: 0.90 times Mercurius with its JIT, reached (below 1)"


def test_a_peer_that_a_row_does_not_have_leaves_its_cell_empty() -> None:
    row = operations.OPERATIONS[0]
    cells = measure.summed_up({(row, "floor"): [turn(100)]})
    cpu = list(report.tables([row], ["floor", "yoga"], cells))[1]
    assert cpu.splitlines()[-1].split("|")[2:4] == [" 100 (1.00) ", "      "]


def test_growth_is_judged_against_the_smallest_size() -> None:
    row = growth.ROWS[0]
    cells = {(row, 10): [100.0, 200.0, 100.0], (row, 1000): [110.0, 260.0, 130.0]}
    (line,) = growth.verdicts(cells, [row], [10, 1000])
    assert line == "REST one: at most 1.30 times 10, not reached (1.2)"


@pytest.fixture
def another_machine() -> Iterator[None]:
    """Nothing is known about this machine yet, and nothing said about it is kept."""
    for remembered in (node_tools.install, node_tools.tools):
        remembered.cache_clear()
    yield
    for remembered in (node_tools.install, node_tools.tools):
        remembered.cache_clear()


@pytest.fixture
def no_node(another_machine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*anything: object) -> None:
        raise BuildError("fetching Node.js failed.\n    no network")

    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(node_tools.frontend, "own_tools", refuse)


def test_without_node_its_peers_are_left_out_with_the_reason(no_node: None) -> None:
    field = targets.field(["mercurius", "yoga", "strawberry"])
    assert [each.name for each in field.present] == ["floor", "connect", "strawberry"]
    assert field.absent == dict.fromkeys(
        ["mercurius", "yoga"], "fetching Node.js failed. no network"
    )


def test_an_old_node_is_skipped(another_machine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    own = node_tools.Toolchain("own", ("npm",))
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(node_tools.frontend, "version_of", lambda node: (20, 20))
    monkeypatch.setattr(node_tools.frontend, "own_tools", lambda *anything: own)
    assert node_tools.tools() is own


def test_the_lock_of_the_node_peers_holds_no_address() -> None:
    text = (ROOT / "bench/node/package-lock.json").read_text()
    assert '"integrity"' in text
    assert '"resolved"' not in text
