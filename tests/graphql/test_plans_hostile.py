"""Plans and graphql-core answer the same where resolvers fail, lie, or are not to be passed by."""

import os
from collections import Counter
from functools import partial
from typing import Any

import pytest

from schema.execution.executor import Executor
from schema.execution.options import GraphQLOptions
from schema.internals import core_of
from schema.operation.pace import Pace
from tests.graphql.documents import Documents
from tests.graphql.hostile import World, hostile
from tests.graphql.twins import WIDE, accepts, executed, is_race, shown

COUNT = int(os.environ.get("CONNECT_TEST_DOCUMENTS", "150"))
SEED = int(os.environ.get("CONNECT_TEST_SEED", "20261121"))
POOLS: dict[str, list[Any]] = {
    "Float": [0.5, 2, -1.25, 3.0], "ID": ["a", 17],
    "DateTime": [*[f"2026-03-0{day}T00:00:00Z" for day in range(1, 9)], "x"],
}  # fmt: skip


@pytest.fixture
def executor(monkeypatch: pytest.MonkeyPatch) -> Executor:
    """An executor of the hostile schema, whose lists nobody has sized."""
    monkeypatch.setattr("schema.execution.cost.Costs._ensure_sizes", lambda _: None)
    return Executor(GraphQLOptions(WIDE), hostile())


async def answers(executor: Executor, untouched: Any, text: str, variables: Any, seed: int) -> Any:
    """What both answer, and what both called."""
    operation = executor.prepare(text, None)
    core, plans = World(seed), World(seed)
    wanted = await executed(untouched, operation, core, variables)
    operation.plans.has_run = True
    found = await executor.executed(operation, plans, variables, Pace())
    if operation.is_query:
        # graphql-core cancels those beside one that fails for good; a plan lets them end.
        assert not Counter(core.called) - Counter(plans.called), text
        assert len(plans.called) == len(set(plans.called)), text
    else:
        assert core.called == plans.called, text
    return shown(found), shown(wanted)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_random_documents_are_answered_the_same(executor: Executor) -> None:
    untouched = core_of(hostile())
    documents = Documents(untouched, SEED, POOLS, partial(accepts, executor))
    races = 0
    for number in range(COUNT):
        text, variables = documents.next("mutation" if number % 3 == 0 else "query", depth=5)
        found, wanted = await answers(executor, untouched, text, variables, number)
        if found != wanted:
            races += 1
            assert is_race(found, wanted), f"{text}\n{variables}\n{found!r}\n{wanted!r}"
    assert races <= COUNT // 25
    counts: Counter[str] = Counter()
    for (execution, _), count in executor.counts.items():
        counts[execution] += count
    print(races, dict(executor.counts))  # noqa: T201
    assert counts["planned"] > COUNT // 8
    assert counts["completed"] > COUNT // 5
    assert counts["unplanned"] < COUNT // 10
