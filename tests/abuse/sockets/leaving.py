"""Callers with a token who ask for much, alone or together, and leave before the answer."""

import socket
import time
from collections.abc import Callable, Iterator

from ..case import SIGNED_IN_MIB, Arena, Case, Seen
from ..documents.floods import root_fields
from ..documents.pages import wide, within
from ..people import People
from ..wire import connect, graphql, request
from .links import reset, together

LEAVES_AFTER = 0.05
TOGETHER = 20
HEAVY = ("within-plain-9x100", "within-lists-20", "within-filters-20", "lists-20")


def cases(people: People) -> Iterator[Case]:
    """Returns the cases of this room; a caller who left is worked for no longer than 500 ms."""
    heavy = {each.name: each.query for each in (*root_fields(people), *wide(people), *within())}
    for name in (*HEAVY, "lists-400", "people-100x100"):
        yield Case(
            f"sockets/leaving/{name}", leave(heavy[name]), 500, SIGNED_IN_MIB, longest=3
        )  # fmt: skip
    yield Case("sockets/leaving/rest-list", leave_rest(people), 500, SIGNED_IN_MIB, longest=3)
    for name in HEAVY:
        together = at_once(heavy[name])
        yield Case(
            f"sockets/together/{name}", together, 1_000 * TOGETHER, SIGNED_IN_MIB * 2, longest=30
        )


def leave(query: str) -> Callable[[Arena], Seen]:
    return lambda arena: gone(arena, graphql(query, token=next(arena.tokens)))


def leave_rest(people: People) -> Callable[[Arena], Seen]:
    """The same over REST, fifty requests in one go."""
    target = f"/api/v1/appointments/{people.crowded}/participants/?page_size=100"
    return lambda arena: gone(arena, request("GET", target, b"", next(arena.tokens)) * 50)


def gone(arena: Arena, asked: bytes) -> Seen:
    """Sends a request, waits a moment, resets the connection."""
    link: socket.socket = connect(arena.port)
    link.sendall(asked)
    time.sleep(LEAVES_AFTER)
    reset(link)
    return Seen("left")


def at_once(query: str) -> Callable[[Arena], Seen]:
    """The same request from many connections of one tenant at the same time."""

    def attack(arena: Arena) -> Seen:
        asked = [graphql(query, token=next(arena.tokens)) for _ in range(TOGETHER)]
        statuses = {answer.status for answer in together(arena.port, asked)}
        return Seen(",".join(map(str, sorted(statuses))))

    return attack
