"""Services: parameters under a name, in the files in which libpq looks for them."""

import configparser
from collections.abc import Iterator, Mapping
from pathlib import Path

from ...engine import DatabaseUnavailable

FILE, SYSTEM_FILE = ".pg_service.conf", "pg_service.conf"


def service(name: str, file: str | None, environment: Mapping[str, str]) -> dict[str, str]:
    """Returns the parameters of a service; raises DatabaseUnavailable when there is none."""
    for path in _files(file, environment):
        found = _read(path)
        if found.has_section(name):
            return dict(found.items(name, raw=True))
    raise DatabaseUnavailable(f"no service file defines the service {name}")


def _files(file: str | None, environment: Mapping[str, str]) -> Iterator[Path]:
    own = file or environment.get("PGSERVICEFILE")
    if own:
        yield Path(own)
    elif "HOME" in environment:
        yield Path(environment["HOME"]) / FILE
    folder = environment.get("PGSYSCONFDIR", "/etc/postgresql-common")
    yield Path(folder) / SYSTEM_FILE


def _read(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(
        interpolation=None, delimiters=("=",), comment_prefixes=("#",), default_section=""
    )
    try:
        parser.read(path, encoding="utf-8")
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        # Without the text of the error: it may quote a line that holds a password.
        raise DatabaseUnavailable(
            f"the service file {path} cannot be read: {type(error).__name__}"
        ) from None
    return parser
