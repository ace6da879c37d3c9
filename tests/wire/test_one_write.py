"""The head and the body of an answer leave together, in one call of the system."""

import asyncio
from typing import Any

from gateway.wire.outlet import Outlet


class Sent:
    """A transport that notes what is asked of it."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.is_lost = False

    def is_closing(self) -> bool:
        return self.is_lost

    def write(self, data: bytes) -> None:
        self.calls.append(data)

    def writelines(self, parts: tuple[bytes, ...]) -> None:
        self.calls.append(b"".join(parts))

    def write_eof(self) -> None:
        self.calls.append("eof")

    def close(self) -> None:
        self.calls.append("close")

    def abort(self) -> None:
        self.calls.append("abort")


def outlet() -> tuple[Any, list[Any]]:
    transport: Any = Sent()
    return Outlet(transport, asyncio.get_running_loop()), transport.calls


async def test_what_follows_at_once_goes_along() -> None:
    made, calls = outlet()
    made.write(b"head ")
    made.write(b"body")
    assert calls == [b"head body"]
    await asyncio.sleep(0)
    assert calls == [b"head body"]


async def test_what_nothing_follows_goes_in_the_next_turn() -> None:
    made, calls = outlet()
    made.write(b"head")
    assert calls == []
    await asyncio.sleep(0)
    assert calls == [b"head"]
    made.write(b"1")
    made.write(b"2")
    made.write(b"3")
    await asyncio.sleep(0)
    assert calls == [b"head", b"12", b"3"]


async def test_nothing_that_was_written_is_lost_when_it_ends() -> None:
    made, calls = outlet()
    made.write(b"last")
    made.write_eof()
    made.write(b"")
    made.close()
    await asyncio.sleep(0)
    assert calls == [b"last", "eof", b"", "close"]


async def test_nothing_is_written_to_who_has_left_in_between() -> None:
    made, calls = outlet()
    made.write(b"head")
    made.transport.is_lost = True
    await asyncio.sleep(0)
    assert calls == []


async def test_the_rest_is_the_transports_own() -> None:
    made, calls = outlet()
    made.abort()
    assert calls == ["abort"]
