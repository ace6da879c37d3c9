"""Parsers of single settings; each returns a value or raises InvalidValue."""

import re
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

from db.location import InvalidUrl, Location, in_ascii, parse_url
from schema.operation.throttle import Rate

T = TypeVar("T")

UNITS = {"second": 1, "minute": 60, "hour": 3600}
HOST = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\]")


class InvalidValue(ValueError):
    """The text is not accepted; the message says why, and what is accepted."""


def text(value: str) -> str:
    """Accepts any text."""
    return value


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Accepts a whole number from `least` to `most`."""

    def read(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
            raise InvalidValue(f"is {value!r}, but must be a whole number from {least} to {most}")
        return int(value)

    return read


def seconds(least: float, most: float) -> Callable[[str], float]:
    """Accepts a number of seconds from `least` to `most`, with or without decimals."""

    def read(value: str) -> float:
        is_number = re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value)
        if not is_number or not least <= float(value) <= most:
            raise InvalidValue(
                f"is {value!r}, but must be a number of seconds from {least} to {most}"
            )
        return float(value)

    return read


def rate(value: str) -> Rate | None:
    """Accepts points per second, minute or hour, such as 60000/minute, or `off`."""
    if value.lower() == "off":
        return None
    points, _, unit = value.lower().partition("/")
    if not re.fullmatch(r"[1-9][0-9]{0,8}", points) or unit not in UNITS:
        raise InvalidValue(f"is {value!r}, but must be off, or a number per unit: 60000/minute")
    return Rate(int(points), UNITS[unit])


def port(value: str) -> int:
    """Accepts a TCP port, or 0 for any free one."""
    if value.startswith("tcp://"):
        # Kubernetes sets CONNECT_PORT like this for a Service that is called `connect`.
        raise InvalidValue(
            f"is {value!r}, which Kubernetes sets for a Service named `connect`: "
            "set it yourself, or `enableServiceLinks: false`"
        )
    return whole_number(0, 65535)(value)


def one_of(*words: str) -> Callable[[str], str]:
    """Accepts one of the words, in upper or lower case."""

    def read(value: str) -> str:
        if value.lower() not in words:
            raise InvalidValue(f"is {value!r}, but must be {' or '.join(words)}")
        return value.lower()

    return read


def comma_separated(read_one: Callable[[str], T]) -> Callable[[str], tuple[T, ...]]:
    """Accepts a list of items separated by commas; skips empty items."""

    def read(value: str) -> tuple[T, ...]:
        return tuple(read_one(item.strip()) for item in value.split(",") if item.strip())

    return read


def path(value: str) -> Path:
    """Accepts a path; a relative one starts from the working directory."""
    if "\x00" in value:
        raise InvalidValue("holds a null character, but must be a path")
    return Path(value).expanduser()


def host(value: str) -> str:
    """Accepts a host name or an IP address without a port; `*.` in front allows subdomains."""
    name = value.lower()
    if ":" in name and not name.startswith("["):
        raise InvalidValue(f"names {value!r}, but must list hosts without scheme, port or path")
    if not name.isascii():
        raise InvalidValue(f"names {value!r}, but must name hosts {_as_dns(name)}")
    if name != "*" and not HOST.fullmatch(name):
        raise InvalidValue(f"names {value!r}, but must list host names such as connect.example.org")
    return name


def network(value: str) -> str:
    """Accepts an IP address or a network, or `*` for all."""
    try:
        return value if value == "*" else str(ip_network(value))
    except ValueError:
        raise InvalidValue(
            f"names {value!r}, but must list IP addresses or networks such as 10.0.0.0/8, or be *"
        ) from None


def origin(value: str) -> str:
    """Accepts a web origin, as browsers send it, or `*`."""
    if value == "*":
        return value
    parts = _http_url(value, "https://app.example.org")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise InvalidValue(f"names {value!r}, but an origin ends after its host and port")
    return f"{parts.scheme}://{parts.netloc}".lower()


def public_url(value: str) -> str:
    """Accepts the address by which clients reach the gateway; removes a trailing slash."""
    parts = _http_url(value, "https://connect.example.org")
    base = parts.path.rstrip("/")
    if parts.query or parts.fragment or (base and not _is_plain(base)):
        raise InvalidValue(
            f"is {value!r}, but must end after its host and port, or after a path such as "
            "https://example.org/connect"
        )
    return f"{parts.scheme}://{parts.netloc}{base}"


def collector(value: str) -> str:
    """Accepts the address of a collector that takes OTLP over HTTP; removes a trailing slash."""
    parts = _http_url(value, "http://localhost:4318")
    if parts.query or parts.fragment:
        raise InvalidValue(f"is {value!r}, but must end after its path")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def rest_prefix(value: str) -> str:
    """Accepts the path below which the REST operations are; removes a trailing slash."""
    prefix = value.rstrip("/")
    if not _is_plain(prefix):
        raise InvalidValue(f"is {value!r}, but must be a path such as /api/v1")
    return prefix


def _is_plain(path: str) -> bool:
    """Whether everybody writes the path in the same way: without escapes, empty or dot segments."""
    return bool(re.fullmatch(r"(/[A-Za-z0-9_.~-]+)+", path)) and "/." not in path


def metrics(value: str) -> str:
    """Accepts `open`, `off` or `token:` followed by the token that a scraper has to send."""
    if value in {"open", "off"} or re.fullmatch(r"token:[!-~]{16,}", value):
        return value
    # The value is not quoted, because it may contain most of a token.
    raise InvalidValue("must be open, off or token:<at least 16 characters without spaces>")


def secret_key(value: str) -> str:
    """Accepts a key of printable ASCII characters."""
    if not value.isascii() or not value.isprintable():
        raise InvalidValue("holds a key with characters that are not printable ASCII")
    return value


def database(url: str) -> Location:
    """Accepts the URL of a database, of SQLite or PostgreSQL."""
    try:
        return parse_url(url)
    except InvalidUrl as invalid:
        raise InvalidValue(str(invalid)) from None


def _http_url(value: str, example: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        known = parts.scheme in {"http", "https"} and bool(parts.hostname)
        known = known and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        known = False
    if known and not parts.netloc.isascii():
        raise InvalidValue(f"is {value!r}, but must name its host {_as_dns(parts.hostname or '')}")
    if not known or not value.isascii() or any(character.isspace() for character in value):
        raise InvalidValue(f"is {value!r}, but must be an address such as {example}")
    return parts


def _as_dns(host: str) -> str:
    """Returns how an international host name must be written."""
    subdomains = "*." if host.startswith("*.") else ""
    found = in_ascii(host.removeprefix("*."))
    if found is None:
        return "in ASCII, as DNS has it (xn--…); what stands there is the name of no host"
    return f"in ASCII, as DNS has it: {subdomains}{found}"
