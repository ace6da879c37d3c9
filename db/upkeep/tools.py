"""The tools of PostgreSQL that copy a database on a server: which to run, and how."""

import shlex
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from ..location import Server

# What may be shown; of any other option nobody knows whether it is a misspelt password.
SHOWN = frozenset(
    {
        *("host", "hostaddr", "port", "dbname", "user", "service", "servicefile", "passfile"),
        *("sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslnegotiation", "sslsni"),
        *("ssl_min_protocol_version", "ssl_max_protocol_version", "channel_binding"),
        *("connect_timeout", "target_session_attrs", "application_name", "options"),
        *("gssencmode", "krbsrvname", "load_balance_hosts", "keepalives", "keepalives_idle"),
        *("keepalives_interval", "keepalives_count", "tcp_user_timeout", "client_encoding"),
    }
)


def dump_line(server: Server, path: Path, now: datetime) -> str:
    """Returns what to run for a backup; the password is asked for, or read from a file.

    In a folder the backup gets a dated name.
    """
    if path.is_dir():
        name = urlsplit(server.dsn).path.strip("/") or "connect"
        path = path / f"{name}-{now:%Y%m%dT%H%M%SZ}.dump"
    line = f"pg_dump --format=custom --no-owner --file={_word(path)} {_word(address(server))}"
    return (
        f"{server} is backed up by PostgreSQL's own tool, also while the service runs: {line}\n"
        "connect: it reads one snapshot. Make the file private (umask 077); keep the keys in "
        "CONNECT_SECRET_KEYS too, apart from it"
    )


def restore_line(server: Server, path: Path) -> str:
    """Returns what to run to restore a backup."""
    line = (
        "pg_restore --clean --if-exists --no-owner --single-transaction "
        f"--dbname={_word(address(server))} {_word(path)}"
    )
    return (
        f"{server} is restored by PostgreSQL's own tool, once every process of the service is "
        f"stopped: {line}"
    )


def address(server: Server) -> str:
    """Returns the URL of a server without its passwords, nor anything that is not known here."""
    parts = urlsplit(server.dsn)
    credentials, at, hosts = parts.netloc.rpartition("@")
    user = credentials.partition(":")[0]
    options = [pair for pair in parse_qsl(parts.query) if pair[0] in SHOWN]
    shown = f"postgresql://{user}{at if user else ''}{hosts}{parts.path}"
    return shown + (f"?{urlencode(options, quote_via=quote, safe='/:,')}" if options else "")


def _word(text: object) -> str:
    return shlex.quote(str(text))
