"""Plans and graphql-core answer the same where resolvers fail, lie, or are not to be passed by."""

import os
from collections import Counter
from typing import Any

import orjson
import pytest

from schema.execution import Executor
from schema.internals import core_of
from schema.options import GraphQLOptions
from schema.pace import Pace
from tests.graphql.documents import Documents
from tests.graphql.hostile import World, hostile
from tests.graphql.twins import WIDE, executed, shown

COUNT = int(os.environ.get("CONNECT_TEST_DOCUMENTS", "300"))
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


def is_race(text: str, found: bytes, wanted: bytes) -> bool:
    """Whether answers only differ in what depends on which field of a query failed first."""
    ours, theirs = orjson.loads(found), orjson.loads(wanted)
    roots = [{error["path"][0] for error in each.get("errors", ())} for each in (ours, theirs)]
    if (
        text.startswith("mutation")
        or len(roots[0] | roots[1]) < 2
        or ours["data"] != theirs["data"]
    ):
        return False
    errors = [sorted(map(orjson.dumps, each["errors"])) for each in (ours, theirs)]
    return errors[0] == errors[1] or ours["data"] is None


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_random_documents_are_answered_the_same(executor: Executor) -> None:
    untouched = core_of(hostile())
    documents = Documents(untouched, SEED, POOLS)
    races = 0
    for number in range(COUNT):
        text, variables = documents.next("mutation" if number % 3 == 0 else "query", depth=5)
        found, wanted = await answers(executor, untouched, text, variables, number)
        if found != wanted:
            # Fields that fail side by side race, also in graphql-core: which error came first, and
            # what one that fails for good cut off, depends on how often each of them awaits.
            races += 1
            assert is_race(text, found, wanted), f"{text}\n{variables}\n{found!r}\n{wanted!r}"
    assert races <= COUNT // 25
    counts: Counter[str] = Counter()
    for (execution, _), count in executor.counts.items():
        counts[execution] += count
    print(races, dict(executor.counts))  # noqa: T201
    assert counts["planned"] > COUNT // 8
    assert counts["completed"] > COUNT // 5
    assert counts["unplanned"] < COUNT // 10
