"""What is made once, made before anything is measured: caches, arenas, the pages of the code."""

import json

from graphql import get_introspection_query

from .case import Arena
from .wire import exchange, graphql, request

READS = 300
LIST = "/api/v1/appointments/"
ENUM = "query($v:[AppointmentStatus!]){appointments(filter:{status:$v}){totalCount}}"
MANY = {f"key-{n}": n for n in range(45_000)}
PAGE = "{appointments(first:100){nodes{id title participants(first:3){nodes{id}}}}}"


def warm_up(arena: Arena) -> None:
    """Sends what a day brings: reads, lists, the schema, pages, refusals, the largest bodies.

    What the heap grows to with the largest body it keeps; what leaks comes on top with each one.
    """
    token = next(arena.tokens)
    one = f"{LIST}{arena.people.appointment}/"
    for _ in range(READS):
        exchange(arena.port, request("GET", one, b"", token))
    for target in ("/", "/docs", "/openapi.json", "/schema.graphql", "/metrics", "/readyz"):
        exchange(arena.port, request("GET", target))
    large = json.dumps({"title": "x" * 500_000, "participants": [{}] * 40_000}).encode()
    for signed in ("", token):
        asked = request("POST", LIST, large, signed, content_type="application/json")
        exchange(arena.port, asked)
        exchange(arena.port, graphql(ENUM, {"v": "x" * 900_000}, token=signed))
        exchange(arena.port, graphql(ENUM, {"v": MANY}, token=signed))
        exchange(arena.port, graphql(get_introspection_query(), token=signed))
        exchange(arena.port, graphql("{" * 999, token=signed))
        exchange(arena.port, graphql(PAGE, token=signed))
        exchange(arena.port, graphql("{__typename}", {"v": "x" * 900_000}, token=signed))
        people = f"{LIST}{arena.people.crowded}/participants/?page_size=100"
        exchange(arena.port, request("GET", people, b"", signed))
