"""Who can reach the service, and what they are told: addresses, proxies, origins, the log."""

from collections.abc import Iterator
from ipaddress import IPv4Network, ip_address, ip_network
from urllib.parse import urlsplit

from ...settings import Settings
from ..greeting import remarks
from .findings import Finding, ok, warn


def is_local(host: str) -> bool:
    """Whether a host name leads to this machine wherever it is asked for."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_private(host: str) -> bool:
    """Whether a host name says that it leads nowhere from elsewhere."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return is_local(host) or host.endswith((".local", ".internal")) or "." not in host


def address(settings: Settings) -> Iterator[Finding]:
    """Whether links name an address that people can open, and trust."""
    url = urlsplit(settings.public_url)
    host = url.hostname or ""
    if remarks(settings):
        yield warn(
            "address.unset",
            f"other machines reach the port ({settings.host}), and links say {settings.public_url}",
            "set CONNECT_PUBLIC_URL to the address that clients use",
        )
    elif url.scheme == "http" and not is_local(host):
        yield warn(
            "address.plain",
            f"CONNECT_PUBLIC_URL is {settings.public_url}: tokens and links can be read on the way",
            "put a proxy with a certificate in front, and set CONNECT_PUBLIC_URL to https://…",
        )
    else:
        yield ok("address", f"links start with {settings.public_url}")


def proxy(settings: Settings) -> Iterator[Finding]:
    """Whether proxies are trusted, and nobody else."""
    trusted = settings.forwarded_allow_ips
    wide = [each for each in trusted if _is_wide(each)]
    if wide:
        yield warn(
            "proxy.everyone",
            f"CONNECT_FORWARDED_ALLOW_IPS has {', '.join(wide)}: whoever reaches the port can "
            "claim any address",
            "list the addresses of your proxies alone, such as 127.0.0.1",
        )
    elif not trusted and settings.public_url.startswith("https:"):
        yield warn(
            "proxy.untrusted",
            "a proxy must be what speaks HTTPS, but its X-Forwarded-For is ignored: all clients "
            "have its address, and share its limits",
            "list the proxy's address in CONNECT_FORWARDED_ALLOW_IPS, 127.0.0.1 if it is here",
        )
    elif trusted:
        yield ok("proxy", f"trusted: {', '.join(trusted)}")


def _is_wide(text: str) -> bool:
    if text == "*":
        return True
    network = ip_network(text)
    most = 16 if isinstance(network, IPv4Network) else 32
    return network.prefixlen < most and not network.is_private


def cors(settings: Settings) -> Iterator[Finding]:
    """Whether every website may call."""
    if "*" in settings.cors_origins:
        yield warn(
            "cors.everyone",
            "CONNECT_CORS_ORIGINS is *: every website that somebody visits may call with a token",
            "list the origins of your frontends, such as https://app.example.org",
        )
    elif settings.cors_origins:
        yield ok("cors", f"frontends at {', '.join(settings.cors_origins)}")


def logging(settings: Settings) -> Iterator[Finding]:
    """Whether more is logged than production needs."""
    is_production = not settings.is_embedded or settings.given_public_url is not None
    if settings.log_level == "debug" and is_production:
        yield warn(
            "logging.debug",
            "CONNECT_LOG_LEVEL is debug: every request is logged, which costs time and room",
            "set it to info",
        )
