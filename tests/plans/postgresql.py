"""The plans of PostgreSQL, for the values at hand and for any."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import asyncpg

from db.values import POSTGRESQL

from .questions import Question

# Tables that grow with the appointments.
LARGE = frozenset({"appointment", "participant", "event"})


async def explained(connection: asyncpg.Connection, question: Question, *, generic: bool) -> Any:
    """Returns the plan: for these values, or the one for any values that comes to be used later."""
    return await _explained(connection, question, "FORMAT JSON", generic=generic)


async def touched(connection: asyncpg.Connection, question: Question) -> int:
    """Returns how many rows and entries of indexes an answer looks at."""
    plan = await _explained(connection, question, "ANALYZE, FORMAT JSON", generic=False)
    scans = [node for node in nodes(plan) if "Scan" in node["Node Type"]]
    return sum(round(_looked_at(node) * node["Actual Loops"]) for node in scans)


def _looked_at(node: Any) -> float:
    removed = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    return float(node["Actual Rows"] + sum(node.get(each, 0) for each in removed))


async def _explained(
    connection: asyncpg.Connection, question: Question, options: str, *, generic: bool
) -> Any:
    compiled = question.statement.compiled(POSTGRESQL)
    given = ", ".join(map(literal, compiled.bind(question.values)))
    mode = "force_generic_plan" if generic else "force_custom_plan"
    await connection.execute(f"SET plan_cache_mode = {mode}; PREPARE q AS {compiled.text}")
    try:
        found = await connection.fetchval(
            f"EXPLAIN ({options}) EXECUTE q{f'({given})' if given else ''}"
        )
    finally:
        await connection.execute("DEALLOCATE q")
    return json.loads(found)[0]["Plan"]


def literal(value: Any) -> str:
    """Returns a value as SQL."""
    if value is None:
        return "NULL"
    if isinstance(value, list | tuple):
        return "'{" + ",".join(map(str, value)) + "}'"
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return "'" + text.replace("'", "''") + "'"


def nodes(plan: Any) -> Iterator[Any]:
    """Yields the steps of a plan."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def faults(plan: Any, question: Question) -> list[str]:
    """Returns what is slow in a plan: tables read from end to end, lists that are sorted."""
    found = []
    for node in nodes(plan):
        kind, table = node["Node Type"], node.get("Relation Name", "")
        condition = node.get("Index Cond", "")
        if kind == "Seq Scan" and table in LARGE:
            found.append(f"{table} is read from end to end")
        if (
            not question.crosses
            and kind in {"Index Scan", "Index Only Scan", "Bitmap Index Scan"}
            and ("organization_id" not in condition and "(id = " not in condition)
        ):
            found.append(f"{node['Index Name']} is read beyond the organization: {condition}")
        if "Sort" in kind and not question.may_sort:
            found.append(f"{kind} by {node['Sort Key']}")
    return found


def used(plan: Any) -> list[str]:
    """Returns the indexes of a plan, which make two plans comparable."""
    return sorted({node["Index Name"] for node in nodes(plan) if "Index Name" in node})
