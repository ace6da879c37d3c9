"""Clients that ask and never read the answer."""

import time
from collections.abc import Callable, Iterator

from ..case import SIGNED_IN_CPU_MS, SIGNED_IN_MIB, Arena, Case, Seen
from ..documents.pages import PLAIN
from ..people import People
from ..wire import graphql, request
from .links import crowd, is_over, say

CLIENTS = 8
BUFFER = 4_096
# A deadline on progress in writing may be as long as this.
TOLERATED_SECONDS = 36.0
WAIT_SECONDS = 1.0
# The listener, the polite client, and the pair by which the loop wakes itself.
OWN_SOCKETS = 4
PEOPLE = f"{{appointments(first:9){{nodes{{id participants(first:100){{nodes{{{PLAIN}}}}}}}}}}}"


def cases(people: People) -> Iterator[Case]:
    yield Case("sockets/deaf/openapi", deaf(lambda token: asked("/openapi.json")))
    yield Case("sockets/deaf/schema", deaf(lambda token: asked("/schema.graphql")))
    # As many answers as the buffers of the kernel take, some hundred in all: 1 ms for each.
    pipelined = deaf(lambda token: asked("/openapi.json") * 300)
    yield Case("sockets/deaf/openapi-pipelined", pipelined, cpu_ms=500)
    refusals = deaf(lambda token: asked("/api/v1/appointments/") * 500)
    # Some 4,000 requests may be answered into the buffers of the kernel: 1 ms for each.
    yield Case("sockets/deaf/refusals-pipelined", refusals, cpu_ms=4_000)
    for count in (1, 20):
        pages = deaf(lambda token, count=count: graphql(PEOPLE, token=token) * count)
        most = SIGNED_IN_CPU_MS * CLIENTS
        yield Case(f"sockets/deaf/pages-{count}", pages, most, SIGNED_IN_MIB)
    yield Case("sockets/deaf/dropped", dropped, cpu_ms=2_000, longest=60, may_repeat=False)


def asked(target: str) -> bytes:
    return request("GET", target)


def deaf(make: Callable[[str], bytes]) -> Callable[[Arena], Seen]:
    """Asks from several connections and reads nothing while memory is looked at."""

    def attack(arena: Arena) -> Seen:
        with crowd(arena.port, CLIENTS, BUFFER) as links:
            for link in links:
                say([link], make(next(arena.tokens)))
            time.sleep(WAIT_SECONDS)
            return Seen(f"{sum(map(is_over, links))} shut")

    return attack


def dropped(arena: Arena) -> Seen:
    """Asks for more than buffers hold: who never reads is hung up on in the end."""
    with crowd(arena.port, CLIENTS, BUFFER) as links:
        say(links, asked("/openapi.json") * 300)
        began = time.monotonic()
        time.sleep(WAIT_SECONDS)
        while held(arena) >= CLIENTS and time.monotonic() - began < arena.seconds:
            time.sleep(0.25)
        lasted, left = time.monotonic() - began, held(arena)
    is_fault = left >= CLIENTS and lasted >= TOLERATED_SECONDS
    return Seen(f"{left} held", (f"{left} sockets held after {lasted:.0f} s",) if is_fault else ())


def held(arena: Arena) -> int:
    """How many connections the server holds, its listener and the polite client's left out."""
    # Reading from our end would be the progress that this client never makes.
    return arena.server.open_sockets() - OWN_SOCKETS
