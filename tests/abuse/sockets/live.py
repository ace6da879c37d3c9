"""WebSockets that say nothing, too much, nonsense, or subscribe to everything and do not listen."""

import json
import struct
import time
from collections.abc import Callable, Iterator

from ..case import SIGNED_IN_MIB, Arena, Case, Seen
from ..people import People
from ..wire import request
from .links import crowd, hung_up, say

SHAKE = request(
    "GET", "/graphql", connection="Upgrade", upgrade="websocket", sec_websocket_version="13",
    sec_websocket_key="AAAAAAAAAAAAAAAAAAAAAA==", sec_websocket_protocol="graphql-transport-ws",
)  # fmt: skip
MUTE = 300
STRANGERS = 100
CLIENTS = 20
BUFFER = 4_096
# `connection_init` may take five seconds, and the closing two more.
INIT_SECONDS = 8.5
WIDE = " ".join(f"a{n}: appointment {{ id title config {{ chatEnabled }} }}" for n in range(20))


def cases(people: People) -> Iterator[Case]:
    """Returns the cases of this room."""
    yield Case("sockets/live/mute", mute, cpu_ms=MUTE * 3, memory_mib=32)
    # Each message is parsed, as each request would be: 0.1 ms for each.
    yield Case("sockets/live/tiny-frames", flood(frame(b"x") * 5_000), cpu_ms=2_000)
    yield Case("sockets/live/pings", flood(frame(b"", 0x9) * 20_000), cpu_ms=2_000)
    yield Case("sockets/live/fragments", flood(fragments()), cpu_ms=1_000)
    yield Case("sockets/live/deep-json", flood(frame(b"[" * 60_000)), cpu_ms=1_000)
    # What each says takes milliseconds to parse: everybody else is to be served in between.
    yield Case("sockets/live/at-once", at_once, cpu_ms=1_000)
    yield Case("sockets/live/guesses", guesses, cpu_ms=1_000)
    yield Case("sockets/live/subscribers", subscribers, 6_000, SIGNED_IN_MIB, longest=20)


def frame(payload: bytes, code: int = 0x1, *, is_last: bool = True) -> bytes:
    """A masked frame of a client."""
    length = len(payload)
    size = bytes([0x80 | length]) if length < 126 else b"\xfe" + struct.pack("!H", length)
    return bytes([code | (0x80 if is_last else 0)]) + size + bytes(4) + payload


def message(**values: object) -> bytes:
    """A message of the protocol as a frame."""
    return frame(json.dumps(values).encode())


def fragments() -> bytes:
    """A message that never ends."""
    return frame(b"", is_last=False) + frame(b"", 0x0, is_last=False) * 20_000


def mute(arena: Arena) -> Seen:
    """Opens sockets and says nothing: all are closed in time, and a newcomer is served."""
    with crowd(arena.port, MUTE) as links:
        say(links, SHAKE)
        time.sleep(0.5)
        served = arena.server.answers(2)
        time.sleep(INIT_SECONDS)
        left = len(links) - len(hung_up(links))
    faults = [] if served else ["a newcomer is not served"]
    faults += [f"{left} sockets are still open"] if left else []
    return Seen(f"{MUTE - left} shut", tuple(faults))


def flood(sent: bytes) -> Callable[[Arena], Seen]:
    """Sends without a token and without reading."""

    def attack(arena: Arena) -> Seen:
        with crowd(arena.port, CLIENTS, BUFFER) as links:
            say(links, SHAKE)
            time.sleep(0.2)
            for _ in range(5):
                say(links, sent)
                time.sleep(0.1)
            served = arena.server.answers(2)
            return Seen("sent", () if served else ("a newcomer is not served",))

    return attack


def at_once(arena: Arena) -> Seen:
    """Has many strangers say something long in the same moment."""
    said = frame(b'{"type":"ping","payload":{"a":[%s]}}' % b",".join([b"[]"] * 9_000))
    with crowd(arena.port, STRANGERS) as links:
        say(links, SHAKE)
        time.sleep(0.5)
        say(links, said[:-1])
        time.sleep(0.5)
        say(links, said[-1:])
        served = arena.server.answers(2)
        return Seen("said", () if served else ("a newcomer is not served",))


def guesses(arena: Arena) -> Seen:
    """Guesses tokens, a socket for each."""
    for number in range(100):
        with crowd(arena.port, 1) as links:
            say(links, SHAKE)
            time.sleep(0.01)
            payload = {"Authorization": f"Bearer {number:040}"}
            say(links, message(type="connection_init", payload=payload))
    return Seen("refused")


def subscribers(arena: Arena) -> Seen:
    """Subscribes as often as it may to as much as it may, lets things happen, and reads nothing."""
    with crowd(arena.port, CLIENTS, BUFFER) as links:
        token = next(arena.tokens)
        say(links, SHAKE)
        time.sleep(0.2)
        say(links, message(type="connection_init", payload={"token": token}))
        time.sleep(0.2)
        query = f'subscription {{ events(after: "") {{ {WIDE} }} }}'
        for number in range(20):
            payload = {"query": query}
            say(links, message(type="subscribe", id=str(number), payload=payload))
        time.sleep(3)
        served = arena.server.answers(2)
        return Seen("subscribed", () if served else ("a newcomer is not served",))
