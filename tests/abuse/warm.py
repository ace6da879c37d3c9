"""What is made once, made before anything is measured: caches, arenas, the pages of the code."""

import time

from graphql import get_introspection_query

from .case import Arena
from .documents import corpus, pages
from .people import CROWD, book
from .sockets.leaving import HEAVY, at_once
from .sockets.links import crowd, say, together
from .sockets.live import MUTE, SHAKE, subscribers
from .sockets.live import at_once as strangers_at_once
from .wire import exchange, graphql, request

READS = 300
WRITES = 4
WALKERS = 8
PAGES_APART = 4
PLACES = ("/", "/docs", "/openapi.json", "/schema.graphql", "/metrics", "/readyz")


def warm_up(arena: Arena) -> None:
    """Sends what a day brings, and every document once: the heap and the caches grow as far as they do.

    What the process grows to with these it keeps; what leaks comes on top with each case.
    """
    token = next(arena.tokens)
    one = f"/api/v1/appointments/{arena.people.appointment}/"
    for _ in range(READS):
        exchange(arena.port, request("GET", one, b"", token))
    for _ in range(WRITES):
        book(arena.server, token, CROWD)
    for target in PLACES:
        exchange(arena.port, request("GET", target))
    for signed in ("", token):
        exchange(arena.port, graphql(get_introspection_query(), token=signed))
        exchange(arena.port, graphql("{" * 999, token=signed))
    for _, each in corpus(arena.people):
        asked = graphql(each.query, each.variables, each.operation, next(arena.tokens))
        exchange(arena.port, asked)
    subscribers(arena)
    fill_with_sockets(arena)
    fill_page_caches(arena)


def fill_with_sockets(arena: Arena) -> None:
    """Opens as many sockets at once as a case will, so that the heap has had room for them."""
    with crowd(arena.port, MUTE) as links:
        say(links, SHAKE)
        time.sleep(0.5)
    strangers_at_once(arena)


def fill_page_caches(arena: Arena) -> None:
    """Walks through the appointments on all readers of the database at once."""
    for page in range(1, 100, PAGES_APART):
        target = f"/api/v1/appointments/?page_size=100&page={page}"
        asked = [request("GET", target, b"", next(arena.tokens)) for _ in range(WALKERS)]
        together(arena.port, asked)
    for each in pages.within():
        if each.name in HEAVY:
            at_once(each.query)(arena)
