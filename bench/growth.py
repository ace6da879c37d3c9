"""Measures whether the gateway's reads cost the same when the data grows a hundredfold.
Called by `__main__.py` for `--growth`; one server for each size, taking turns."""

import random
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import NamedTuple

from db.queries.filters import OrderField
from schema.resolvers.cursors import write_cursor

from . import databases, graphql, operations
from .dataset import Organization, Size
from .measure import READ_REQUESTS, WARM_UP_REQUESTS, Settings, take
from .operations import PREFIX, Goal, Operation, Request, Subjects
from .processes import Server
from .report import aligned
from .targets import CONNECT

SIZES = (10_000, 100_000, 1_000_000)
GOAL = 1.2
FLAT = Goal(GOAL, GOAL)
TENANTS = 10
PAGE = 20
PAGES = ("first page", "far page")
FAR_GOAL = 2.0
CURSORS_EACH = 20
# Behind four fifths of everything that the organization has.
POSITIONS = """SELECT start_date_time, id FROM appointment WHERE organization_id = ?1
ORDER BY start_date_time DESC, id LIMIT ?2
OFFSET (SELECT count(*) * 4 / 5 FROM appointment WHERE organization_id = ?1)"""
Cells = dict[tuple[Operation, int], list[float]]


def cursors(path: Path, tenants: Sequence[Organization]) -> list[tuple[Organization, str]]:
    """Return cursors deep in the lists of some organizations, as the gateway writes them."""
    found = []
    with sqlite3.connect(path) as connection:
        for tenant in tenants[:TENANTS]:
            for start, key in connection.execute(POSITIONS, (tenant.id, CURSORS_EACH)):
                at = datetime.fromisoformat(start)
                found.append((tenant, write_cursor(OrderField.START_DATE_TIME, at, key)))
    connection.close()
    return found


class Grown(Subjects):
    """The rows that requests are about at one size, and cursors deep in its lists."""

    def __init__(self, path: Path, size: Size) -> None:
        super().__init__(path, size)
        self.cursors = cursors(path, self.tenants)


def first_page(subjects: Subjects, source: random.Random, number: int) -> Request:
    """Read the first page of everything, with how many there are."""
    return Request("GET", PREFIX, source.choice(subjects.tenants).token)


def far_page(subjects: Subjects, source: random.Random, number: int) -> Request:
    """Read the numbered page behind four fifths of everything, or one of its neighbours."""
    tenant = source.choice(subjects.tenants)
    pages = subjects.size.appointments // subjects.size.organizations // PAGE
    page = max(2, pages * 4 // 5 - source.randrange(20))
    return Request("GET", f"{PREFIX}?page={page}", tenant.token)


def next_page(subjects: Subjects, source: random.Random, number: int) -> Request:
    """Read the twenty behind a cursor."""
    assert isinstance(subjects, Grown)
    tenant, cursor = source.choice(subjects.cursors)
    return operations.graphql_request(tenant, graphql.NEXT, {"after": cursor})


ROWS = (
    Operation("one", "REST", False, FLAT, operations.retrieve),
    Operation("first page", "REST", False, FLAT, first_page),
    Operation("far page", "REST", False, FLAT, far_page),
    Operation("filtered page", "REST", False, FLAT, operations.filtered_page),
    Operation("next page, deep", "GraphQL", False, FLAT, next_page),
    Operation("20 nested", "GraphQL", False, FLAT, operations.graphql_page),
)


class Place(NamedTuple):
    """A running gateway and the subjects of its requests."""

    server: Server
    subjects: Grown


@contextmanager
def running(sizes: Sequence[Size], run: Path) -> Iterator[list[Place]]:
    """Start a gateway for each size and stop them all at the end."""
    places: list[Place] = []
    try:
        for size in sizes:
            name = f"connect-{size.appointments}"
            database = databases.prepare("gateway", size, run, name)
            subjects = Grown(database, size)
            server = Server(CONNECT, database, run / f"{name}.log")
            places.append(Place(server, subjects))
            tenant, key = subjects.read[0]
            server.wait(f"{PREFIX}{key}/", tenant.token)
        yield places
    finally:
        for place in places:
            place.server.stop()


def turns(places: Sequence[Place], chosen: Sequence[Operation], given: Settings) -> Cells:
    """Warm every server up, then take turns; return the processor time of each, in µs."""
    cells: Cells = {}
    order = random.Random(2040)
    for number in range(given.rounds + 1):
        for operation in chosen:
            for place in order.sample(places, len(places)):
                turn = one_turn(place, operation, given, number)
                if number:
                    key = operation, place.subjects.size.appointments
                    cells.setdefault(key, []).append(turn)
        print(f"round {number} of {given.rounds} done", file=sys.stderr, flush=True)
    return cells


def one_turn(place: Place, operation: Operation, given: Settings, number: int) -> float:
    """Drive one server for a while; raises RuntimeError when an answer failed."""
    count = READ_REQUESTS if number else WARM_UP_REQUESTS
    asked = operation.requests(place.subjects, number, count)
    turn = take(place.server, operation, asked, given, not number)
    if turn.failures:
        raise RuntimeError(f"{operation.label}: {turn.failures} answers failed")
    return turn.cpu


def ratio(cells: Cells, operation: Operation, size: int, smallest: int) -> float:
    """Return the median over the rounds of what a size costs, in multiples of the smallest."""
    pairs = zip(cells[operation, size], cells[operation, smallest], strict=True)
    return median(mine / base for mine, base in pairs)


def table(cells: Cells, chosen: Sequence[Operation], sizes: Sequence[int]) -> str:
    """Write the medians in µs, and their multiples of the smallest size in the same round."""
    rows = [("", *(f"{size:,}" for size in sizes))]
    for operation in chosen:
        written = [
            f"{median(cells[operation, size]):,.0f} ({ratio(cells, operation, size, sizes[0]):.2f})"
            for size in sizes
        ]
        rows.append((operation.label, *written))
    return aligned(rows)


def verdicts(cells: Cells, chosen: Sequence[Operation], sizes: Sequence[int]) -> Iterator[str]:
    """Report for each row whether its cost stays the same."""
    for operation in chosen:
        worst = max(ratio(cells, operation, size, sizes[0]) for size in sizes)
        judged = "reached" if worst <= GOAL else "not reached"
        yield f"{operation.label}: at most {worst:.2f} times {sizes[0]:,}, {judged} ({GOAL:g})"


def far_verdicts(cells: Cells, sizes: Sequence[int]) -> Iterator[str]:
    """Report for each size what a page far down costs in multiples of the first."""
    first, far = (next(each for each in ROWS if each.name == name) for name in PAGES)
    for size in sizes:
        if (first, size) in cells and (far, size) in cells:
            pairs = zip(cells[far, size], cells[first, size], strict=True)
            found = median(mine / base for mine, base in pairs)
            judged = "reached" if found <= FAR_GOAL else "not reached"
            yield f"{size:,}: a far page costs {found:.2f} first ones, {judged} ({FAR_GOAL:g})"


def measured(
    wanted: Sequence[int], base: Size, given: Settings, words: Sequence[str], run: Path
) -> None:
    """Build what is missing, time the rows at every size and print the table."""
    sizes = [base._replace(appointments=each) for each in sorted(wanted)]
    chosen = operations.named(words, ROWS)
    with running(sizes, run) as places:
        cells = turns(places, chosen, given)
    counts = [each.appointments for each in sizes]
    print("connect: server CPU, µs per request (multiple of the smallest size), by appointments\n")
    print(table(cells, chosen, counts), end="\n\n")
    for line in (*verdicts(cells, chosen, counts), *far_verdicts(cells, counts)):
        print(line)
