"""The certificate that clients are shown at the public address."""

import socket
import ssl
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from ...settings import Settings
from .findings import Finding, fail, ok, warn

SECONDS = 3.0
SOON_DAYS = 14
# Numbers of OpenSSL, which Python does not name.
NOT_YET_VALID, EXPIRED = 9, 10
OTHER_NAME = frozenset({62, 64})
RENEW = "renew it, and see why whatever renews it (certbot, Caddy) did not"


def certificate(settings: Settings) -> Iterator[Finding]:
    """Whether clients that know the usual authorities trust the host of CONNECT_PUBLIC_URL."""
    url = urlsplit(settings.given_public_url or "")
    if url.scheme != "https" or not url.hostname:
        return
    host, port = url.hostname, url.port or 443
    try:
        yield _expiry(host, time.time(), _valid_until(host, port))
    except ssl.SSLCertVerificationError as error:
        yield _distrusted(host, error)
    except ssl.SSLError as error:
        yield fail(
            "certificate.none",
            f"what answers at {host} port {port} does not speak TLS ({error.reason or error})",
            "give the proxy a certificate there, or correct CONNECT_PUBLIC_URL",
        )
    except OSError as error:
        yield warn(
            "certificate.unreachable",
            f"nothing answers at {host} port {port} as seen from here ({_reason(error)})",
            "see to the DNS entry, the firewall and the proxy; if clients do reach it, all is well",
        )


def _valid_until(host: str, port: int) -> float:
    """Returns until when the certificate is valid, in seconds of the epoch; raises OSError."""
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), SECONDS) as link,
        context.wrap_socket(link, server_hostname=host) as tls,
    ):
        shown = tls.getpeercert() or {}
    return ssl.cert_time_to_seconds(str(shown["notAfter"]))


def _expiry(host: str, now: float, until: float) -> Finding:
    days = (until - now) / 86_400
    day = time.strftime("%Y-%m-%d", time.gmtime(until))
    if days < SOON_DAYS:
        return warn(
            "certificate.expiring",
            f"that of {host} expires in {days:.0f} days, on {day}",
            RENEW,
        )
    return ok("certificate", f"that of {host} is trusted, and valid until {day}")


def _distrusted(host: str, error: ssl.SSLCertVerificationError) -> Finding:
    if error.verify_code == EXPIRED:
        return fail("certificate.expired", f"that of {host} has expired", RENEW)
    if error.verify_code == NOT_YET_VALID:
        advice = "set the clock of this machine, or of the one that made it"
        return fail("certificate.early", f"that of {host} is not valid yet", advice)
    if error.verify_code in OTHER_NAME:
        return fail(
            "certificate.name",
            f"the one that is shown for {host} is that of another host",
            "have one made for this name, or correct CONNECT_PUBLIC_URL",
        )
    return fail(
        "certificate.issuer",
        f"that of {host} comes from nobody who is trusted here ({error.verify_message})",
        "use one of a public authority with its whole chain, or make your own authority known to "
        "clients, and to this machine with SSL_CERT_FILE",
    )


def _reason(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__
