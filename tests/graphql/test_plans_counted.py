"""How operations were executed stands in the metrics."""

import re

import httpx2

from tests.graphql.conftest import Ask

COUNTED = re.compile(
    r'connect_graphql_operations_total\{execution="(\w+)",reason="(\w*)"\} ([0-9.]+)'
)


async def counted(client: httpx2.AsyncClient) -> dict[tuple[str, str], float]:
    text = (await client.get("/metrics")).text
    return {(execution, why): float(count) for execution, why, count in COUNTED.findall(text)}


async def test_operations_are_counted_by_how_they_were_executed(
    client: httpx2.AsyncClient, ask: Ask
) -> None:
    assert await counted(client) == {}
    for _ in range(3):
        await ask("query($n: Int) { appointments(first: $n) { nodes { id } } }", n=2)
    await ask("query($n: Int) { appointments(first: $n) { nodes { id } } }", n=-2)
    await ask("query($n: Int) { appointments(first: $n) { nodes { id } } }", n="x")
    await ask("{ __schema { types { name } } }")
    for _ in range(2):
        await ask('{ a: __type(name: "Node") { name } viewer { tokenName } }')
    four = ", ".join(f"$f{n}: Boolean!" for n in range(4))
    skipped = " ".join(f"t{n}: tokenName @skip(if: $f{n})" for n in range(4))
    flags = {f"f{n}": n % 2 == 0 for n in range(4)}
    for _ in range(2):
        await ask(f"query({four}) {{ viewer {{ {skipped} }} }}", **flags)
    assert await counted(client) == {
        ("planned", ""): 2,
        ("completed", "error"): 1,
        ("completed", "variables"): 1,
        ("unplanned", "first"): 3,
        ("unplanned", "introspection"): 2,
        ("unplanned", "flags"): 1,
    }
