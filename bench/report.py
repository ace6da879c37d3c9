"""Prints what was measured, as one table, and beside it what was aimed at.
`__main__.py` calls `table` and `goals`; nothing is judged by an exit status."""

from collections.abc import Sequence

from .measure import Cell, Turns
from .operations import Operation

DRF_GOAL = 10.0
HEADINGS = ("operation", "target", "requests/s", "p50 ms", "p99 ms", "CPU µs", "of floor", "goal")
Cells = dict[tuple[Operation, str], Cell]


def row(operation: Operation, name: str, cell: Cell) -> tuple[str, ...]:
    """Write one line of the table."""
    goal = f"{operation.goal:.2f}" if operation.goal and name == "connect" else ""
    return (
        f"{operation.face} {operation.name}",
        name,
        f"{cell.rate:,.0f}",
        f"{cell.p50:.2f}",
        f"{cell.p99:.2f}",
        f"{cell.cpu:,.0f}",
        "" if cell.ratio is None else f"{cell.ratio:.3f}",
        goal,
    )


def table(operations: Sequence[Operation], names: Sequence[str], cells: Cells) -> str:
    """Write the table; an operation that a target does not have is left empty."""
    rows: list[tuple[str, ...]] = [HEADINGS]
    for operation in operations:
        for name in names:
            cell = cells.get((operation, name))
            empty = (f"{operation.face} {operation.name}", name, "", "", "", "", "", "")
            rows.append(row(operation, name, cell) if cell else empty)
    return aligned(rows)


def aligned(rows: Sequence[tuple[str, ...]]) -> str:
    """Write rows as a table that is Markdown and readable as it is."""
    widths = [max(len(each[column]) for each in rows) for column in range(len(rows[0]))]
    lines = []
    for number, each in enumerate(rows):
        words = [
            text.ljust(width) if column < 2 else text.rjust(width)
            for column, (text, width) in enumerate(zip(each, widths, strict=True))
        ]
        lines.append(f"| {' | '.join(words)} |")
        if not number:
            rules = ["-" * width for width in widths]
            marks = [rule if at < 2 else f"{rule[1:]}:" for at, rule in enumerate(rules)]
            lines.append(f"| {' | '.join(marks)} |")
    return "\n".join(lines)


def goals(operations: Sequence[Operation], cells: Cells) -> list[str]:
    """Say for each goal whether this run reached it."""
    lines = []
    for operation in operations:
        ours, theirs = cells.get((operation, "connect")), cells.get((operation, "drf"))
        if ours is None:
            continue
        label = f"{operation.face} {operation.name}"
        if operation.goal is not None and ours.ratio is not None:
            lines.append(f"{label}: {verdict(ours.ratio, operation.goal)} of the floor")
        if theirs is not None and not operation.writes:
            times = verdict(ours.rate / theirs.rate, DRF_GOAL)
            lines.append(f"{label}: {times} times Django REST Framework")
    return lines


def verdict(found: float, wanted: float) -> str:
    """Compare one figure with its goal."""
    word = "reached" if found >= wanted else "not reached"
    return f"{found:.2f} ({word}: {wanted:g})"


def caveats(turns: Turns) -> list[str]:
    """Name what makes figures doubtful: failed requests, a generator near its limit."""
    lines = []
    for (operation, name), taken in turns.items():
        failures = sum(turn.failures for turn in taken)
        if failures:
            lines.append(f"{operation.face} {operation.name}, {name}: {failures} answers failed")
        busiest = max(turn.generator_cpu * turn.rate / 1e6 for turn in taken)
        if busiest > 0.85:
            lines.append(
                f"{operation.face} {operation.name}, {name}: the load generator was busy"
                f" {busiest:.0%} of the time, so the server may be quicker than shown"
            )
    return lines
