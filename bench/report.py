"""Prints the results: processor time first, then throughput, then the goals.
`__main__.py` calls it; nothing is judged by an exit status."""

from collections.abc import Iterator, Mapping, Sequence

from .measure import Cell, Turns
from .operations import Operation

JIT = "mercurius"
Cells = Mapping[tuple[Operation, str], Cell]


def spent(cell: Cell) -> str:
    """Write the processor time per request, and its multiple of the floor's."""
    multiple = "" if cell.multiple is None else f" ({cell.multiple:.2f})"
    return f"{cell.cpu:,.0f}{multiple}"


def served(cell: Cell) -> str:
    """Write throughput and the latencies at the 50th and 99th percentile."""
    return f"{cell.rate:,.0f} ({cell.p50:.1f}, {cell.p99:.1f})"


def tables(operations: Sequence[Operation], names: Sequence[str], cells: Cells) -> Iterator[str]:
    """Write both tables; a cell that a target does not have is left empty."""
    yield "Server CPU, µs per request (multiple of the floor)"
    yield table(operations, names, {key: spent(cell) for key, cell in cells.items()})
    yield "Requests per second (ms at the 50th and 99th percentile)"
    yield table(operations, names, {key: served(cell) for key, cell in cells.items()})


def table(
    operations: Sequence[Operation],
    names: Sequence[str],
    written: Mapping[tuple[Operation, str], str],
) -> str:
    """Write one table: a row for each operation, a column for each target."""
    rows = [("", *names)]
    for operation in operations:
        rows.append((operation.label, *(written.get((operation, name), "") for name in names)))
    return aligned(rows)


def aligned(rows: Sequence[tuple[str, ...]]) -> str:
    """Write rows as a table that is Markdown and readable as it is."""
    widths = [max(len(each[column]) for each in rows) for column in range(len(rows[0]))]
    lines = []
    for number, each in enumerate(rows):
        words = [
            text.ljust(width) if not column else text.rjust(width)
            for column, (text, width) in enumerate(zip(each, widths, strict=True))
        ]
        lines.append(f"| {' | '.join(words)} |")
        if not number:
            rules = ["-" * width for width in widths]
            marks = [rule if not at else f"{rule[1:]}:" for at, rule in enumerate(rules)]
            lines.append(f"| {' | '.join(marks)} |")
    return "\n".join(lines)


def goals(operations: Sequence[Operation], cells: Cells) -> Iterator[str]:
    """Say for each goal whether this run reached it."""
    for operation in operations:
        ours, peer = cells.get((operation, "connect")), cells.get((operation, JIT))
        if ours and ours.multiple is not None:
            least, aim = operation.goal
            found = f"{ours.multiple:.2f} times the floor"
            judged = verdict(ours.multiple, least, aim)
            yield f"{operation.label}: {found}, {judged} (at least {least:g}, aim {aim:g})"
        if ours and peer:
            share = ours.cpu / peer.cpu
            judged = "reached" if share < 1 else "not reached"
            yield f"{operation.label}: {share:.2f} times Mercurius with its JIT, {judged} (below 1)"


def verdict(found: float, least: float, aim: float) -> str:
    """Compare a figure with its goal; smaller is better."""
    if found <= aim:
        return "the aim reached"
    return "reached" if found <= least else "not reached"


def caveats(turns: Turns) -> list[str]:
    """List what makes figures unreliable: failed requests, a generator near its limit."""
    lines = []
    for (operation, name), taken in turns.items():
        failures = sum(turn.failures for turn in taken)
        if failures:
            lines.append(f"{operation.label}, {name}: {failures} answers failed")
        busiest = max(turn.generator_cpu * turn.rate / 1e6 for turn in taken)
        if busiest > 0.85:
            lines.append(
                f"{operation.label}, {name}: the load generator was busy"
                f" {busiest:.0%} of the time, so the server may be quicker than shown"
            )
    return lines
