"""The load generator: keep-alive HTTP/1.1 over raw sockets and epoll, in a process of its own.
`measure.py` starts it as `python -m bench.generator`; one request costs it about 20 µs."""

import argparse
import json
import resource
import select
import socket
import struct
import sys
import time
from pathlib import Path

LENGTH = struct.Struct("<I")
PATIENCE_SECONDS = 10.0


class Connection:
    """One socket with at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = bytearray()
        self.begun = 0.0

    def send(self, request: bytes) -> None:
        """Send a request; the socket is empty then, so that it takes all of it."""
        self.begun = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> int:
        """Read what has arrived; return the status once the answer is complete, else 0."""
        piece = self.socket.recv(262_144)
        if not piece:
            raise ConnectionError("the server closed a connection under load")
        self.received += piece
        status = whole(self.received)
        if status:
            self.received.clear()
        return status


def whole(received: bytearray) -> int:
    """Return the status of a complete answer, else 0."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return 0
    head = bytes(received[: end + 2]).lower()
    at = head.find(b"content-length:")
    if at >= 0:
        length = int(head[at + 15 : head.index(b"\r", at)])
        complete = len(received) >= end + 4 + length
    else:
        complete = received.endswith(b"0\r\n\r\n")
    return int(head[9:12]) if complete else 0


def read_requests(path: Path) -> list[bytes]:
    """Read a sequence of requests, each preceded by its length."""
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        (length,) = LENGTH.unpack_from(data, at)
        at += LENGTH.size
        found.append(data[at : at + length])
        at += length
    return found


def drive(
    port: int, requests: list[bytes], connections: int, seconds: float, cycle: bool
) -> dict[str, float]:
    """Keep every connection busy for `seconds`, or until the requests are used up."""
    poll = select.epoll()
    open_ones = {each.socket.fileno(): each for each in connect(port, connections)}
    for descriptor in open_ones:
        poll.register(descriptor, select.EPOLLIN)
    return exchange(poll, open_ones, requests, seconds, cycle)


def connect(port: int, connections: int) -> list[Connection]:
    """Open the connections before the clock runs."""
    return [Connection(port) for _ in range(connections)]


def exchange(
    poll: select.epoll,
    open_ones: dict[int, Connection],
    requests: list[bytes],
    seconds: float,
    cycle: bool,
) -> dict[str, float]:
    """Send, wait and send again; return the figures."""
    latencies: list[float] = []
    failures = sent = 0
    total = len(requests)
    clock = time.perf_counter
    begun = clock()
    deadline = begun + seconds
    for each in open_ones.values():
        each.send(requests[sent % total])
        sent += 1
    busy = len(open_ones)
    last = begun
    while busy:
        events = poll.poll(PATIENCE_SECONDS)
        if not events:
            raise TimeoutError(f"{busy} requests got no answer within {PATIENCE_SECONDS} s")
        for descriptor, _ in events:
            each = open_ones[descriptor]
            status = each.receive()
            if not status:
                continue
            last = clock()
            latencies.append(last - each.begun)
            failures += not 200 <= status < 300
            if last < deadline and (cycle or sent < total):
                each.send(requests[sent % total])
                sent += 1
            else:
                busy -= 1
    return figures(latencies, last - begun) | {"failures": failures}


def figures(latencies: list[float], elapsed: float) -> dict[str, float]:
    """Sum up one run; latencies in milliseconds."""
    latencies.sort()
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "requests": len(latencies),
        "seconds": elapsed,
        "p50": latencies[len(latencies) // 2] * 1000,
        "p99": latencies[len(latencies) * 99 // 100] * 1000,
        "generator_cpu": used.ru_utime + used.ru_stime,
    }


def main() -> None:
    """Read the arguments, drive the load, print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.generator")
    parser.add_argument("requests", type=Path)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--cycle", action="store_true")
    given = parser.parse_args()
    requests = read_requests(given.requests)
    json.dump(
        drive(given.port, requests, given.connections, given.seconds, given.cycle), sys.stdout
    )


if __name__ == "__main__":
    main()
