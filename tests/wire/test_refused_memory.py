"""A refused request leaves nothing behind: the memory after many is the memory before."""

import random
import socket
from collections.abc import Iterator

import pytest

from .server import MEBIBYTE, Server, request

ROUNDS, BATCH = 60, 50
LARGE = 20
TOKENS = (
    None,
    "Token",
    "Token a b",
    "Token cct_" + "0" * 40,
    "Token \xff\xfe",
    "Bearer " + "x" * 2_000,
)


def refused(random: random.Random, size: int) -> bytes:
    """One request that is refused with 401, with a body of `size` bytes."""
    token = random.choice(TOKENS)
    headers = {"Content-Type": "application/json"} | ({"Authorization": token} if token else {})
    if random.random() < 0.5:
        text = b'{"query": "{ appointments { nodes { id } } }", "variables": {"x": "%s"}}'
        return request("/graphql", "POST", headers, text % (b"y" * size), keep=True)
    return request("/api/v1/appointments/", "POST", headers, b"{%s" % (b" " * size), keep=True)


def answers(client: socket.socket, count: int) -> Iterator[bytes]:
    """Reads `count` answers that have a length."""
    stream = client.makefile("rb")
    for _ in range(count):
        status, length = stream.readline(), 0
        while (line := stream.readline()) not in (b"\r\n", b""):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        stream.read(length)
        yield status


def send_refused(server: Server, seed: int, rounds: int, large: int) -> None:
    """Sends small refused requests in batches, and a few with bodies of a megabyte."""
    chance = random.Random(seed)
    with server.connect() as client:
        for _ in range(rounds):
            client.sendall(b"".join(refused(chance, chance.randint(0, 500)) for _ in range(BATCH)))
            assert {status.split()[1] for status in answers(client, BATCH)} == {b"401"}
        for _ in range(large):
            client.sendall(refused(chance, MEBIBYTE - 200))
            assert next(answers(client, 1)).split()[1] == b"401"


@pytest.mark.parametrize(
    ("rounds", "large"),
    [(ROUNDS, LARGE), pytest.param(1_000, 200, marks=pytest.mark.long)],
    ids=["thousands", "fifty_thousand"],
)
def test_refused_requests_leave_no_memory_behind(server: Server, rounds: int, large: int) -> None:
    send_refused(server, 1, 20, 10)  # What is made once is made now.
    before = server.memory()
    send_refused(server, 2, rounds, large)
    assert server.memory() - before < 5 * MEBIBYTE
    assert "Traceback" not in server.log.read_text()
