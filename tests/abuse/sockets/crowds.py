"""More connections than anybody needs: idle, half-open, coming and going."""

import resource
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ..case import Arena, Case, Seen
from ..people import People
from ..requests.protocols import TLS_HELLO
from ..server import Server
from ..wire import connect, exchange, request
from .links import crowd, hung_up, reset, say

IDLE = 500
CHURN = 1_000
# Few enough that one test process can use them all up.
DESCRIPTORS = 256


def cases(people: People) -> Iterator[Case]:
    """Returns the cases of this room; what many connections cost is said for each connection."""
    yield Case("sockets/crowds/idle-500", idle, cpu_ms=IDLE, memory_mib=32)
    yield Case("sockets/crowds/coming-and-going", churn, cpu_ms=CHURN, memory_mib=16)
    yield Case("sockets/crowds/resetting", resetting, cpu_ms=CHURN, memory_mib=16)
    yield Case("sockets/crowds/half-closed", half_closed, cpu_ms=CHURN, memory_mib=16)
    yield Case("sockets/crowds/tls-hellos", hellos, cpu_ms=IDLE, memory_mib=32)
    yield Case("sockets/crowds/upgrades", upgrades, cpu_ms=IDLE * 2, memory_mib=32)
    yield Case("sockets/crowds/descriptors", descriptors, longest=60, may_repeat=False)


def idle(arena: Arena) -> Seen:
    """Connects and says nothing; a newcomer is served all the same."""
    with crowd(arena.port, IDLE) as links:
        served = arena.server.answers(2)
        return Seen(f"{len(links)} open", () if served else ("a newcomer is not served",))


def churn(arena: Arena) -> Seen:
    """Connects and hangs up, with half a request."""
    for _ in range(CHURN):
        with suppress(OSError), connect(arena.port) as link:
            link.send(b"GET /heal")
    return Seen("closed")


def resetting(arena: Arena) -> Seen:
    """Resets in the middle of a request, and in the middle of an answer."""
    for place in range(CHURN // 2):
        with suppress(OSError):
            link = connect(arena.port)
            link.send(request("GET", "/openapi.json")[: 40 if place % 2 else None])
            reset(link)
    return Seen("reset")


def half_closed(arena: Arena) -> Seen:
    """Says that nothing more will come, and still wants its answer."""
    heard = 0
    for _ in range(CHURN // 4):
        with connect(arena.port) as link:
            link.send(request("GET", "/healthz"))
            link.shutdown(socket.SHUT_WR)
            with suppress(OSError):
                heard += bool(link.recv(4_096))
    return Seen(f"{heard} heard")


def hellos(arena: Arena) -> Seen:
    """Speaks TLS where there is none."""
    with crowd(arena.port, IDLE) as links:
        say(links, TLS_HELLO)
        time.sleep(0.2)
        return Seen(f"{len(hung_up(links))} shut")


def upgrades(arena: Arena) -> Seen:
    """Asks for sockets and says nothing more."""
    shake = request("GET", "/graphql", connection="Upgrade", upgrade="websocket",
                    sec_websocket_version="13", sec_websocket_key="AAAAAAAAAAAAAAAAAAAAAA==")  # fmt: skip
    with crowd(arena.port, IDLE) as links:
        say(links, shake)
        time.sleep(0.3)
        served = arena.server.answers(2)
        return Seen(f"{len(links)} open", () if served else ("a newcomer is not served",))


def descriptors(arena: Arena) -> Seen:
    """Uses up every descriptor of a server that has few, and comes as a newcomer."""
    have = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (have[1], have[1]))
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), descriptors=DESCRIPTORS)
        try:
            with crowd(server.port, DESCRIPTORS * 2) as links:
                time.sleep(1)
                return newcomers(server, len(links))
        finally:
            server.stop()


def newcomers(server: Server, idle: int) -> Seen:
    """Comes ten times; also the processor must not spin while nobody can be let in."""
    cpu = server.cpu()
    asked = request("GET", "/healthz")
    served = sum(exchange(server.port, asked, 2, 2).status == 200 for _ in range(10))
    faults = [f"{10 - served} of 10 newcomers are not served"] if served < 10 else []
    spent = server.cpu() - cpu
    faults += [f"it spins: {spent:.1f} s"] if spent > 1 else []
    return Seen(f"{idle} idle", tuple(faults))
