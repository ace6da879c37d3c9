"""What is made once, made before anything is measured: caches, arenas, the pages of the code."""

from graphql import get_introspection_query

from .case import Arena
from .documents import inputs, pages, writes
from .people import CROWD, book
from .wire import exchange, graphql, request

READS = 300
# Enough for the page cache of the database's writer, 8 MiB.
WRITES = 16
ROOMS = (pages, inputs, writes)
PAGES = ("/", "/docs", "/openapi.json", "/schema.graphql", "/metrics", "/readyz")


def warm_up(arena: Arena) -> None:
    """Sends what a day brings, and once the documents that make the heap and the caches largest.

    What the process grows to with these it keeps; what leaks comes on top with each run.
    """
    token = next(arena.tokens)
    one = f"/api/v1/appointments/{arena.people.appointment}/"
    for _ in range(READS):
        exchange(arena.port, request("GET", one, b"", token))
    for _ in range(WRITES):
        book(arena.server, token, CROWD)
    for target in PAGES:
        exchange(arena.port, request("GET", target))
    for signed in ("", token):
        exchange(arena.port, graphql(get_introspection_query(), token=signed))
        exchange(arena.port, graphql("{" * 999, token=signed))
    for room in ROOMS:
        for each in room.documents(arena.people):
            exchange(arena.port, graphql(each.query, each.variables, token=next(arena.tokens)))
