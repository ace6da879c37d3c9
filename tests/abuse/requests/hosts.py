"""Games with Host and with the headers of proxies."""

from collections.abc import Iterator

from ..people import People
from .raw import APPOINTMENTS, Raw, head

HOSTS = {
    "evil": "evil.example",
    "empty": "",
    "user": "localhost@evil.example",
    "port-text": "localhost:port",
    "port-huge": "localhost:99999999999",
    "ports": "localhost:80:80",
    "brackets": "[::1",
    "brackets-text": "[x]:80",
    "long": "a." * 8_000,
    "dots": "localhost" + "." * 5_000,
    "blank": "localhost evil",
    "high": "löcalhost",
    "comma": "localhost,evil.example",
    "slash": "localhost/evil.example",
    "percent": "localhost%00.evil.example",
}
PROXIES = {
    "for-long": "X-Forwarded-For: " + "10.0.0.1, " * 3_000,
    "for-nonsense": "X-Forwarded-For: ',;--",
    "for-many": "\r\n".join(["X-Forwarded-For: 10.0.0.1"] * 90),
    "proto": "X-Forwarded-Proto: javascript",
    "host": "X-Forwarded-Host: evil.example",
    "forwarded": "Forwarded: " + "for=1;" * 5_000,
    "request-id": "X-Request-Id: " + "r" * 30_000,
    "traceparent": "Traceparent: " + "0" * 30_000,
}


def requests(people: People) -> Iterator[Raw]:
    for name, host in HOSTS.items():
        yield Raw(name, head(f"GET {APPOINTMENTS} HTTP/1.1", f"Host: {host}"))
    yield Raw("none", head("GET / HTTP/1.1"))
    yield Raw("two", head("GET / HTTP/1.1", "Host: localhost", "Host: evil.example"))
    yield Raw("hundred", head("GET / HTTP/1.1", *["Host: localhost"] * 99))
    for name, line in PROXIES.items():
        yield Raw(f"proxy-{name}", head("GET /healthz HTTP/1.1", "Host: localhost", line))
