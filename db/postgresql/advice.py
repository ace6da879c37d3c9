"""What an operator can do about a server that cannot be used, in one line."""

import socket
import ssl

import asyncpg

from .address.passwords import Login

GRANT = "GRANT CREATE ON SCHEMA public TO it, or make it the owner of the database"
PRIMARY = "name the primary, or add target_session_attrs=read-write"
ADVICE = {
    "28P01": "the server refuses the user or its password: check both in the URL, or in PGPASSWORD",
    "28000": "the server does not let this user in: check the URL, and pg_hba.conf there",
    "3D000": "the server has no database of this name: create it with createdb",
    "25006": f"the server only reads: {PRIMARY}",
    "42501": f"the user lacks a right: {GRANT}",
    "53100": "the server's disk is full: make room there",
    "53300": "the server has no connection left: raise max_connections there, or lower what "
    "every process may open",
    "55P03": "somebody holds its tables, a backup for instance: run this again later",
    "57P03": "the server is starting or stopping: try again in a moment",
}


def advice(error: BaseException, login: Login | None = None) -> str:
    """Returns what is wrong and what to do; the server's own words follow in brackets.

    `login` says where the password came from, if neither URL nor environment had one.
    """
    code = getattr(error, "sqlstate", None) or ""
    known = ADVICE.get(code) or _of_the_way(error)
    if code == "28P01" and login is not None:
        known = f"the server refuses the user or its password: {login.explained()}"
    return f"{known} ({_line(error)})" if known else _line(error)


def _of_the_way(error: BaseException) -> str | None:
    """What is wrong between here and the server."""
    if isinstance(error, asyncpg.TargetServerAttributeNotMatched):
        return f"no server of the URL does what target_session_attrs asks for: {PRIMARY}"
    if isinstance(error, socket.gaierror):
        return "the name of the server is unknown here: check the host in the URL"
    if isinstance(error, ssl.SSLError):
        return "the server's TLS is not trusted: check sslmode and sslrootcert"
    if "rejected SSL upgrade" in str(error):
        return "the server offers no TLS: switch it on there, or ask for less with sslmode"
    if isinstance(error, TimeoutError):
        return "the server does not answer: check host and port in the URL, and the network"
    if isinstance(error, OSError):
        return "no server answers there: check host and port in the URL, and that it runs"
    return None


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
