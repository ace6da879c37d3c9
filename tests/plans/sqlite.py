"""The plans of SQLite, which depend on its statistics, not on the values."""

import sqlite3

from db.values import SQLITE

from .questions import Question

LARGE = ("appointment", "participant", "event", "appointment_histogram")


def explained(connection: sqlite3.Connection, question: Question) -> list[str]:
    """Returns the steps of the plan."""
    compiled = question.statement.compiled(SQLITE)
    rows = connection.execute(f"EXPLAIN QUERY PLAN {compiled.text}", compiled.bind(question.values))
    return [row[3] for row in rows]


def faults(steps: list[str], question: Question) -> list[str]:
    """Returns what is slow in a plan: tables read from end to end, lists that are sorted."""
    found = []
    for step in steps:
        if step.startswith("SCAN") and step.split()[1] in LARGE:
            found.append(step)
        if step.startswith("SEARCH") and step.split()[1] in LARGE and not question.crosses:
            condition = step.partition("(")[2]
            if "organization_id=?" not in condition and not condition.startswith("id=?"):
                found.append(step)
        if "TEMP B-TREE" in step and not question.may_sort:
            found.append(step)
    return found


def operations(connection: sqlite3.Connection, question: Question) -> int:
    """Returns how many thousand operations of SQLite an answer takes."""
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    compiled = question.statement.compiled(SQLITE)
    connection.set_progress_handler(step, 1000)
    connection.execute(compiled.text, compiled.bind(question.values)).fetchall()
    connection.set_progress_handler(None, 0)
    return steps
