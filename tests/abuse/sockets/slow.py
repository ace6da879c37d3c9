"""Clients that never come to an end: a byte now and then, in headers, bodies and between requests."""

import socket
import time
from collections.abc import Iterator
from typing import NamedTuple

from ..case import Arena, Case, Seen
from ..people import People
from .links import crowd, hung_up, say

LINKS = 40
EVERY_SECONDS = 0.25
# A request has 30 s to arrive: whoever still drips after this holds a place for ever.
TOLERATED_SECONDS = 36.0
# Between requests a connection may idle for 75 s, because proxies keep theirs for a minute.
KEPT_SECONDS = 82.0
HEAD = b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


class Drip(NamedTuple):
    """How one kind of slow client begins, and what it sends ever after."""

    beginning: bytes
    drop: bytes
    shut_within: float = TOLERATED_SECONDS


DRIPS = {
    "headers": Drip(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ", b"a"),
    "header-lines": Drip(b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"a: b\r\n"),
    "first-line": Drip(b"G", b"E"),
    "target": Drip(b"GET /", b"t"),
    "body": Drip(HEAD + b"Content-Length: 1000000\r\n\r\n", b" "),
    "chunks": Drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "trailers": Drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", b"a: b\r\n"),
    "line-ends": Drip(b"", b"\r\n"),
    "line-ends-between": Drip(
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\r\n", KEPT_SECONDS
    ),
    "nothing": Drip(b"", b""),
    "half-first-line": Drip(b"GET /health", b""),
}


def cases(people: People) -> Iterator[Case]:
    """Returns the cases of this room: all kinds at once, because each takes its time."""
    # 440 connections, each heard four times a second: 2 ms of CPU for each, for 80 s, is idle.
    yield Case(
        "sockets/slow/all-kinds", drip, cpu_ms=6_000, longest=120, memory_mib=40, may_repeat=False
    )


def drip(arena: Arena) -> Seen:
    """Drips from all kinds until everyone is hung up on or the time is over."""
    with crowd(arena.port, LINKS * len(DRIPS)) as links:
        kinds = {
            name: links[place * LINKS : (place + 1) * LINKS] for place, name in enumerate(DRIPS)
        }
        for name, drip in DRIPS.items():
            say(kinds[name], drip.beginning)
        lasted = keep_on(kinds, arena.seconds)
    stubborn = sorted(
        name for name, left in kinds.items() if left and lasted >= DRIPS[name].shut_within
    )
    told = f"{LINKS * len(DRIPS) - sum(map(len, kinds.values()))} shut"
    is_fault = stubborn and lasted >= TOLERATED_SECONDS
    return Seen(
        told, (f"still open after {lasted:.0f} s: {', '.join(stubborn)}",) if is_fault else ()
    )


def keep_on(kinds: dict[str, list[socket.socket]], seconds: float) -> float:
    """Sends the next drops until the time is over; returns how long that took."""
    began = time.monotonic()
    while any(kinds.values()) and time.monotonic() - began < seconds:
        for name, links in kinds.items():
            if DRIPS[name].drop:
                say(links, DRIPS[name].drop)
            over = set(hung_up(links))
            kinds[name] = [link for link in links if link not in over]
        time.sleep(EVERY_SECONDS)
    return time.monotonic() - began
