"""Plans are made when a document comes again, kept by bytes, free of what callers send, and paced."""

import asyncio
import gc
import time
import tracemalloc
from typing import Any

import pytest
from starlette.applications import Starlette

from db.models import EventSource
from schema.build import build
from schema.execution.executor import Executor
from schema.execution.options import GraphQLOptions
from schema.execution.plans import Unplanned
from schema.internals import core_of
from schema.operation.call import Call, Caller
from tests.graphql.conftest import Ask
from tests.graphql.twins import WIDE, executed, shown
from tests.people import Tenant

PAGE = (
    "{ appointments { nodes { id title startDateTime participants { nodes { id accessLink } } } } }"
)


def call_of(app: Starlette, tenant: Tenant) -> Call:
    caller = Caller(tenant.id, tenant.name, "token", "name", ("write",))
    return Call(caller, app.state.lifespan["services"], EventSource.GRAPHQL, "test")


async def run(executor: Executor, app: Starlette, tenant: Tenant, text: str, **given: Any) -> Any:
    async with call_of(app, tenant) as call:
        return await executor.run(executor.prepare(text, None), call, given)


async def test_a_plan_is_made_when_a_document_comes_again(app: Starlette, tenant: Tenant) -> None:
    executor = Executor()
    text = "query($n: Boolean!) { viewer { tokenName @skip(if: $n) scopes } }"
    bytes_kept = []
    for given in (True, True, True, False, False):
        await run(executor, app, tenant, text, n=given)
        bytes_kept.append(executor.documents.bytes)
    document, one, same, two, still = bytes_kept
    assert document < one == same < two == still
    assert executor.counts == {("unplanned", "first"): 1, ("planned", ""): 4}


async def test_plans_go_with_their_documents(app: Starlette, tenant: Tenant) -> None:
    executor = Executor(GraphQLOptions(document_bytes=600_000))
    for number in range(60):
        for _ in range(2):
            await run(executor, app, tenant, PAGE + " " * number)
        assert executor.documents.bytes <= 600_000
    sizes = [document.size for document in executor.documents._kept.values()]
    assert sum(sizes) == executor.documents.bytes
    assert 2 < len(sizes) < 12


@pytest.mark.parametrize(
    "text",
    [
        PAGE,
        "{ viewer { tokenName } }",
        "{ appointments { nodes { " + " ".join(f"t{n}: title" for n in range(29)) + " } } }",
        '{ nodes(ids: ["a"]) { __typename ... on Appointment { id participants { nodes { id } } } '
        "... on Participant { id appointment { id title participants { nodes { role } } } } } }",
    ],
)
def test_the_estimate_is_what_a_plan_takes(text: str) -> None:
    executor = Executor(GraphQLOptions(WIDE, document_bytes=1 << 30))
    operations = [executor.prepare(text + " " * number, None) for number in range(30)]

    def made(some: Any) -> int:
        before = executor.documents.bytes
        for operation in some:
            with pytest.raises(Unplanned):
                operation.plans.get({})
            operation.plans.get({})
        gc.collect()
        return executor.documents.bytes - before

    tracemalloc.start()
    try:
        # What the first plans leave in caches of types stays out of the measure.
        made(operations[:10])
        taken = tracemalloc.get_traced_memory()[0]
        estimate = made(operations[10:])
        taken = tracemalloc.get_traced_memory()[0] - taken
    finally:
        tracemalloc.stop()
    assert taken <= estimate * 1.1
    assert estimate < taken * 4


NAMES = ["__import__", "__builtins__", "class", "None", "run", "row", "odd", "k1", "o2", "exec",
         "_" * 300, "x" * 3_000, "__class__", "out", "v", "calm"]  # fmt: skip
STRINGS = ['"', "'''", '"""', "\n", "\\", "{v}", "{0}", "'); import os; ('", "\u2028", "\0", "ä“"]


async def test_code_holds_nothing_of_what_callers_send(
    app: Starlette, ask: Ask, tenant: Tenant
) -> None:
    import json

    untouched = core_of(build.__wrapped__())
    executor = Executor(GraphQLOptions(WIDE))
    codes = set()
    for name, string in zip(NAMES, [*STRINGS, *STRINGS], strict=False):
        literal = json.dumps(string, ensure_ascii=True)
        text = f"""query {name}(${name}: String, $f{name}: Boolean!) {{
          {name}: appointments(filter: {{participantUniqueId: {literal}}}) {{ ...{name} }}
          b: appointments(filter: {{participantUniqueId: ${name}}}) {{ {name}: totalCount }}
          viewer {{ {name}: tokenName @skip(if: $f{name}) }} }}
          fragment {name} on AppointmentConnection {{ {name}: __typename nodes {{ {name}: id }} }}"""
        given = {name: "x", f"f{name}": False}
        operation = executor.prepare(text, None)
        operation.plans.has_run = True
        async with call_of(app, tenant) as call:
            wanted = await executed(untouched, operation, call, given)
        async with call_of(app, tenant) as call:
            found = await executor.executed(operation, call, given, call.services.pace)
        assert shown(found) == shown(wanted)
        codes.add(operation.plans.get(given).code)
    # Not one letter differs, whatever was sent.
    assert len(codes) == 1
    assert set(executor.counts) == {("planned", "")} | (
        set(executor.counts) & {("completed", "error")}
    )


async def test_a_single_value_is_a_list_of_one(app: Starlette, tenant: Tenant) -> None:
    executor = Executor()
    text = "query($i: [ID!]!) { nodes(ids: $i) { id } }"
    for _ in range(2):
        assert await run(executor, app, tenant, text, i=17) == {"data": {"nodes": [None]}}
    assert executor.counts["planned", ""] == 1


async def test_long_answers_let_others_run(app: Starlette, ask: Ask, tenant: Tenant) -> None:
    book = """mutation($n: String!, $p: [NewParticipant!]!) { createAppointment(input: {title: $n,
      startDateTime: "2040-01-01T00:00:00Z", durationMinutes: 30, participants: $p})
      { ... on AppointmentCreated { appointment { id } } } }"""
    people = [{"uniqueId": f"p{n}", "role": "MODERATOR"} for n in range(9)]
    made = [await ask(book, n=f"No {n}", p=people) for n in range(100)]
    ids = [each["data"]["createAppointment"]["appointment"]["id"] for each in made]
    links = " ".join(f"a{n}: accessLink" for n in range(20))
    text = f"""query($i: [ID!]!) {{ appointments(first: 99) {{ nodes {{ participants(first: 9)
      {{ edges {{ cursor node {{ {links} }} }} }} }} }} nodes(ids: $i) {{ ... on Appointment
      {{ {" ".join(f"b{n}: endDateTime" for n in range(9))} }} }} }}"""
    executor = Executor(GraphQLOptions(WIDE))
    await run(executor, app, tenant, text, i=ids)
    longest, began = 0.0, time.thread_time()
    done = asyncio.ensure_future(run(executor, app, tenant, text, i=ids))
    turns = 0
    while not done.done():
        await asyncio.sleep(0)
        # CPU of this thread alone: a busy machine makes it no longer.
        longest, began = max(longest, time.thread_time() - began), time.thread_time()
        turns += 1
    assert executor.counts["planned", ""] == 1
    assert (await done)["data"]["appointments"]["nodes"][98]["participants"]["edges"][8]
    assert turns > 8
    assert longest < 0.05


async def test_a_deadline_ends_a_plan(app: Starlette, tenant: Tenant, monkeypatch: Any) -> None:
    executor = Executor()
    text = "{ a: appointments { totalCount } b: appointments { totalCount } }"
    await run(executor, app, tenant, text)
    ended = []

    async def slow(*_: Any) -> int:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append(True)
            raise
        return 1

    monkeypatch.setattr("schema.resolvers.listings.AppointmentListing.count", slow)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await run(executor, app, tenant, text)
    await asyncio.sleep(0)
    assert ended == [True, True]
