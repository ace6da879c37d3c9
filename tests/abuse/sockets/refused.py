"""Tens of thousands of refusals: each is cheap, and none leaves anything behind."""

from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from itertools import cycle

from ..case import Arena, Case, Seen
from ..people import People

LEAST = 2_000
A_SECOND = 500
KEPT_MIB = 5.0
MOST_MS_EACH = 2.0
SIZES = (0, 10, 1_000, 30_000, 0, 100, 10, 0, 400_000, 0, 5_000, 0, 1_000_000)
PLACES = ("/api/v1/appointments/", "/graphql", "/api/v1/appointments/x/", "/join/x", "/nowhere")


def cases(people: People) -> Iterator[Case]:
    yield Case(
        "sockets/refused/mixed-sizes", refuse, cpu_ms=60_000, memory_mib=24, longest=300,
        may_repeat=False,
    )  # fmt: skip


def refuse(arena: Arena) -> Seen:
    """Sends requests without a token until there were enough, over kept connections."""
    count = max(LEAST, int(A_SECOND * arena.seconds))
    cpu, held = arena.server.cpu(), arena.server.anonymous()
    statuses = send(arena.port, count)
    each_ms = (arena.server.cpu() - cpu) * 1_000 / count
    kept = arena.server.anonymous() - held
    faults = [f"{each_ms:.1f} ms a refusal"] if each_ms > MOST_MS_EACH else []
    faults += [f"{kept:.1f} MiB kept by {count} refusals"] if kept > KEPT_MIB else []
    faults += [f"answered {status}" for status in statuses if status >= 500]
    return Seen(",".join(map(str, sorted(statuses))), tuple(faults))


def send(port: int, count: int) -> set[int]:
    """Returns the statuses of `count` requests; a connection that is closed is opened again."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    places, sizes = cycle(PLACES), cycle(SIZES)
    statuses = set()
    for number in range(count):
        body = b" " * next(sizes)
        headers = {"Host": "localhost", "Content-Type": "application/json"}
        headers |= {"Authorization": f"Token wrong-{number}"} if number % 2 else {}
        try:
            connection.request("POST", next(places), body, headers)
            answer = connection.getresponse()
            answer.read()
            statuses.add(answer.status)
        except (OSError, HTTPException):
            connection.close()
    connection.close()
    return statuses
