"""The doctor asks STUN and TURN servers whether they are there, by datagrams and connections."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from gateway.cli.doctor.rooms import rooms
from gateway.settings import Settings
from schema.rooms.builtin import BuiltinSettings


class Answering(threading.Thread):
    """A server that answers each datagram as STUN does, after it lost the first ones."""

    def __init__(self, lost: int = 0, *, is_foreign: bool = False) -> None:
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.seen: list[bytes] = []
        self._lost = lost
        self._is_foreign = is_foreign

    def run(self) -> None:
        while True:
            try:
                request, asker = self.socket.recvfrom(2048)
            except OSError:
                return
            self.seen.append(request)
            if len(self.seen) > self._lost:
                number = b"\x00" * 12 if self._is_foreign else request[8:20]
                self.socket.sendto(b"\x01\x01\x00\x00\x21\x12\xa4\x42" + number, asker)


@pytest.fixture
def answering() -> Iterator[Answering]:
    server = Answering(lost=1)
    server.start()
    yield server
    server.socket.close()


def found(servers: str) -> dict[str, str]:
    vendor = BuiltinSettings(ice_servers=servers, turn_secret="north" if "turn" in servers else "")
    return {each.code: each.message for each in rooms(replace(Settings(), rooms=vendor))}


@pytest.mark.parametrize(("scheme", "kind"), [("stun", 1), ("turn", 3)])
def test_a_server_that_answers_is_well(answering: Answering, scheme: str, kind: int) -> None:
    checks = found(f"{scheme}:127.0.0.1:{answering.port}")
    assert checks == {"rooms": "builtin, 6 seats, with servers that answer"}
    assert [each[:8] for each in answering.seen] == [bytes([0, kind, 0, 0, 33, 18, 164, 66])] * 2


def test_who_answers_something_else_is_no_relay() -> None:
    server = Answering(is_foreign=True)
    server.start()
    try:
        assert "rooms.unreachable" in found(f"turn:127.0.0.1:{server.port}")
    finally:
        server.socket.close()


def test_connections_are_tried_where_the_address_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        for server in (f"turn:127.0.0.1:{port}?transport=tcp", f"turns:127.0.0.1:{port}"):
            assert found(server) == {"rooms": "builtin, 6 seats, with servers that answer"}
    assert f"127.0.0.1 port {port}" in found(f"turns:127.0.0.1:{port}")["rooms.unreachable"]


def test_a_room_on_this_machine_needs_no_servers() -> None:
    assert found("") == {"rooms": "builtin, 6 seats"}
