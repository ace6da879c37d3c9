"""From a URL to the addresses of servers, with the ways that users of libpq expect.

The driver reads certificates and most environment variables by itself. Done here is what it lacks:
services and files of passwords as libpq reads them, a time limit for each of several hosts, and
names that it would send to the server as settings.
"""

import getpass
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from ...engine import DatabaseUnavailable
from .passwords import Login
from .service import service

NAME = "consularia-connect"
# What the driver understands in a URL.
PASSED_ON = frozenset(
    {
        *("user", "password", "passfile", "dbname", "target_session_attrs", "krbsrvname", "gsslib"),
        *("sslmode", "sslcert", "sslkey", "sslrootcert", "sslnegotiation", "sslcrl", "sslpassword"),
        *("ssl_min_protocol_version", "ssl_max_protocol_version", "options"),
    }
)
# Settings of sockets and looks: the time limits of transactions do what these are for.
WITHOUT_EFFECT = frozenset(
    {
        *("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count"),
        *("tcp_user_timeout", "sslsni", "sslcompression", "fallback_application_name"),
        *("client_encoding", "load_balance_hosts"),
    }
)
OWN = frozenset({"host", "port", "connect_timeout", "application_name", "service", "servicefile"})
# Demands that this release cannot meet; with these values nothing is demanded.
HARMLESS = {"channel_binding": {"prefer", "disable"}, "gssencmode": {"prefer", "disable"}}


class Address(NamedTuple):
    """One server as a URL for the driver, and how many seconds connecting to it may take."""

    dsn: str
    seconds: float
    # None where the URL or the environment has a password.
    login: Login | None = None


def addresses(
    dsn: str, seconds: float, environment: Mapping[str, str] = os.environ
) -> list[Address]:
    """Returns the servers that a URL names, in order; `seconds` holds unless it says otherwise.

    Raises DatabaseUnavailable for what is not understood.
    """
    given = _parameters(dsn)
    name = given.get("service") or environment.get("PGSERVICE")
    known = service(name, given.get("servicefile"), environment) | given if name else given
    _ensure_understood(known)
    hosts = _list(known.get("host") or environment.get("PGHOST", ""))
    ports = _list(known.get("port") or environment.get("PGPORT", ""))
    if len(ports) == 1:
        ports *= len(hosts)
    if len(ports) != len(hosts) and any(ports):
        raise DatabaseUnavailable(f"the URL has {len(hosts)} hosts and {len(ports)} ports")
    limit = _seconds(known, environment) or seconds
    passed_on = {key: value for key, value in known.items() if key in PASSED_ON}
    passed_on["application_name"] = (
        known.get("application_name") or environment.get("PGAPPNAME") or NAME
    )
    _ensure_readable(known)
    return [
        Address(_url(passed_on | _place(host, port)), limit, _login(known, environment, host, port))
        for host, port in zip(hosts, ports or [""] * len(hosts), strict=True)
    ]


def _parameters(dsn: str) -> dict[str, str]:
    parts = urlsplit(dsn)
    userinfo, _, places = parts.netloc.rpartition("@")
    user, _, password = userinfo.partition(":")
    split = [_host_and_port(place) for place in places.split(",")] if places else []
    given = {
        "user": unquote(user),
        "password": unquote(password),
        "host": ",".join(host for host, _ in split),
        "port": ",".join(port for _, port in split) if any(port for _, port in split) else "",
        "dbname": unquote(parts.path.removeprefix("/")),
    }
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if "database" in options:
        options.setdefault("dbname", options.pop("database"))
    return {key: value for key, value in (options | _filled(given)).items() if value}


def _filled(values: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in values.items() if value}


def _host_and_port(place: str) -> tuple[str, str]:
    if place.startswith("["):
        host, _, port = place[1:].partition("]")
        return host, port.removeprefix(":")
    host, _, port = place.partition(":")
    return unquote(host), port


def _list(text: str) -> list[str]:
    return text.split(",") if text else [""]


def _ensure_understood(known: Mapping[str, str]) -> None:
    for key, value in known.items():
        if key in PASSED_ON | WITHOUT_EFFECT | OWN or value in HARMLESS.get(key, ()):
            continue
        raise DatabaseUnavailable(f"the database's URL asks for {key}, which is not known here")


def _ensure_readable(known: Mapping[str, str]) -> None:
    # The driver says "No such file or directory" of those, and of a socket where nobody listens.
    for key in ("sslrootcert", "sslcert", "sslkey", "sslcrl"):
        if key in known and not os.access(known[key], os.R_OK):
            raise DatabaseUnavailable(f"{key} names {known[key]}, which cannot be read")


def _login(
    known: Mapping[str, str], environment: Mapping[str, str], host: str, port: str
) -> Login | None:
    if "password" in known or "PGPASSWORD" in environment:
        return None
    file = known.get("passfile") or environment.get("PGPASSFILE")
    user = known.get("user") or environment.get("PGUSER") or getpass.getuser()
    return Login(
        Path(file) if file else Path(environment.get("HOME", "/")) / ".pgpass",
        host or "localhost",
        port or "5432",
        known.get("dbname") or environment.get("PGDATABASE") or user,
        user,
    )


def _seconds(known: Mapping[str, str], environment: Mapping[str, str]) -> float:
    text = known.get("connect_timeout") or environment.get("PGCONNECT_TIMEOUT") or "0"
    try:
        return max(0.0, float(text))
    except ValueError:
        raise DatabaseUnavailable(f"connect_timeout must be a number of seconds: {text}") from None


def _place(host: str, port: str) -> dict[str, str]:
    return _filled({"host": host, "port": port})


def _url(parameters: Mapping[str, str]) -> str:
    rest = dict(parameters)
    # In the path, because the driver passes over `dbname` beside an empty one.
    name = rest.pop("dbname", "")
    return f"postgresql://{name and '/' + quote(name, safe='')}?{urlencode(rest)}"
