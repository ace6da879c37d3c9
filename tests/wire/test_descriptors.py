"""Idle sockets use up the file descriptors: newcomers are served, and so is who is being answered."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from .server import Server, eventually, request, status_of

DESCRIPTORS = 200


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, descriptors=DESCRIPTORS)
    yield server
    server.end()


def is_open(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        while client.recv(4_096):
            pass
        return False
    except BlockingIOError:
        return True
    except ConnectionError:
        return False


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\n", request("/healthz", keep=True)])
def test_the_longest_idle_go_first(server: Server, begun: bytes) -> None:
    clients = []
    for _ in range(2 * DESCRIPTORS):
        client = server.connect()
        client.sendall(begun)
        clients.append(client)
        if begun.endswith(b"\r\n\r\n"):
            assert status_of(client.recv(4_096)) == 200
    assert status_of(server.exchange(request("/readyz"))) == 200
    token = {"Authorization": f"Token {server.token}"}
    for _ in range(20):
        assert status_of(server.exchange(request("/api/v1/appointments/", headers=token))) == 200
    eventually(lambda: server.open_sockets() < DESCRIPTORS)
    open_ones = [is_open(client) for client in clients]
    assert open_ones == sorted(open_ones), "the longest idle were not the first to go"
    assert sum(open_ones) > DESCRIPTORS // 2
    for client in clients:
        client.close()
    assert "Traceback" not in server.log.read_text()
    assert not [line for line in server.log_lines() if line["level"] not in ("info", "debug")]


def test_a_burst_of_connections_costs_nobody_the_service(server: Server) -> None:
    clients = []
    for _ in range(5 * DESCRIPTORS):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(("127.0.0.1", server.port))
        clients.append(client)
    eventually(lambda: status_of(server.exchange(request("/readyz"))) == 200)
    assert server.open_sockets() < DESCRIPTORS
    for client in clients:
        client.close()
