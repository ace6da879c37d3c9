"""Many connections at once: opened together, looked at together, closed together."""

import select
import socket
import struct
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

from ..wire import Answer, connect, exchange

RESET = struct.pack("ii", 1, 0)


@contextmanager
def crowd(port: int, count: int, receive_buffer: int = 0) -> Iterator[list[socket.socket]]:
    """Opens `count` connections for the time of a block; refused ones are left out."""
    links: list[socket.socket] = []
    try:
        for _ in range(count):
            with suppress(OSError):
                links.append(small(port, receive_buffer) if receive_buffer else connect(port))
        yield links
    finally:
        for link in links:
            link.close()


def small(port: int, receive_buffer: int) -> socket.socket:
    """Opens a connection that takes in little before the server has to wait."""
    link = socket.socket()
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    link.settimeout(5)
    link.connect(("127.0.0.1", port))
    return link


def say(links: Iterable[socket.socket], text: bytes) -> None:
    """Sends to all, as much as each takes at once; those hung up on are passed over."""
    for link in links:
        link.setblocking(False)
        with suppress(OSError):
            link.send(text)


def hung_up(links: Iterable[socket.socket]) -> list[socket.socket]:
    """Returns the connections that the server closed; what they were told is read and dropped."""
    closed = []
    listed = list(links)
    poll = select.poll()
    for link in listed:
        poll.register(link, select.POLLIN)
    ready = {handle for handle, _ in poll.poll(0)}
    for link in listed:
        if link.fileno() in ready and is_over(link):
            closed.append(link)
    return closed


def is_over(link: socket.socket) -> bool:
    """Reads what is there; whether the end was among it."""
    link.setblocking(False)
    try:
        while data := link.recv(65_536):
            del data
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def together(port: int, requests: list[bytes]) -> list[Answer]:
    """Sends all requests at the same time, each on a connection of its own."""
    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(lambda each: exchange(port, each, 30), requests))


def reset(link: socket.socket) -> None:
    """Closes with RST instead of FIN."""
    with suppress(OSError):
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    link.close()
