"""The socket that connections arrive at."""

import socket

BACKLOG = 2048


class CannotListen(Exception):
    """The address is in use or not available; the message is one line."""


def listen(host: str, port: int) -> socket.socket:
    """Returns a socket that listens on the address; raises CannotListen when that fails."""
    try:
        found = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotListen(
            f"cannot listen on {host} port {port}: {reason}; choose others with --host and --port"
        ) from error
    return listener
