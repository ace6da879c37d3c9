"""What an operator can do about a server that cannot be used, in one line.

The text of the server is left out where it might quote the URL.
"""

import asyncio
import socket
import ssl

ADVICE = {
    "28P01": "the server refuses the user or its password",
    "28000": "the server refuses the user from this address: see its pg_hba.conf",
    "3D000": "there is no database of this name: create it with createdb",
    "25006": "the server only reads: name the primary, or add target_session_attrs=read-write",
    "42501": "the user may not: GRANT CREATE ON SCHEMA public, or make it owner of the database",
    "53100": "the disk of the server is full",
    "53300": "the server has no connection left: raise its max_connections, or take smaller pools",
    "55P03": "somebody holds its tables for long, a backup for instance: try again later",
    "57P03": "the server is starting or stopping: try again in a moment",
    "0A000": "the server lacks something that is needed",
}


def advice(error: BaseException) -> str:
    """Returns what is wrong and what to do."""
    state = getattr(error, "sqlstate", None)
    if state is not None:
        known, said = ADVICE.get(state), _line(error)
        return f"{known} ({said})" if known else said
    if isinstance(error, socket.gaierror):
        return "the name of the server is unknown here: check the host in the URL"
    if isinstance(error, ssl.SSLError):
        return f"no TLS with the server: check sslmode and sslrootcert ({_line(error)})"
    if isinstance(error, TimeoutError | asyncio.TimeoutError):
        return "the server does not answer: check host and port in the URL, and the network"
    if isinstance(error, OSError):
        return f"nothing answers there: check host and port in the URL ({error.strerror or error})"
    return _line(error)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
