"""Other protocols and other versions: 0.9, 1.0, 2, TLS, WebSocket, nonsense."""

import random
from collections.abc import Iterator

from ..people import People
from .raw import HOST, Raw, get, head

SEED = 20261121
UPGRADE = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13")
KEY = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
TLS_HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(range(200))
HTTP2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000")


def requests(people: People) -> Iterator[Raw]:
    yield from versions()
    yield from sockets()
    yield from foreign()
    yield from preflights()


def versions() -> Iterator[Raw]:
    """Versions of HTTP that are not 1.1."""
    yield Raw("http-0.9", b"GET /\r\n")
    yield Raw("http-0.9-crlf", b"GET /\r\n\r\n")
    yield Raw("http-1.0", b"GET /healthz HTTP/1.0\r\n\r\n")
    yield Raw("http-1.0-host", head("GET /healthz HTTP/1.0", HOST, "Connection: keep-alive"))
    yield Raw("http-1.0-chunked", head("POST / HTTP/1.0", HOST, "Transfer-Encoding: chunked"))
    for version in ("1.2", "2.0", "3", "9.9", "11.1", "x", "1.1 x", "999999999999.1", ""):
        yield Raw(f"version-{version or 'none'}", head(f"GET / HTTP/{version}", HOST))
    yield Raw("http-2-preface", HTTP2)
    yield Raw("http-2-flood", HTTP2 + bytes.fromhex("000000040000000000") * 5_000)


def sockets() -> Iterator[Raw]:
    """Handshakes, whole and broken, and frames behind them."""
    for place in ("/", "/graphql", "/api/v1/appointments/"):
        shake = get(place, *UPGRADE, KEY, "Sec-WebSocket-Protocol: graphql-transport-ws")
        yield Raw(f"websocket-{place}", shake)
        frames = bytes.fromhex("8184000000007b7d7b7d") * 200
        yield Raw(f"websocket-frames-{place}", shake + frames)
    yield Raw("websocket-no-key", get("/graphql", *UPGRADE))
    yield Raw("websocket-bad-key", get("/graphql", *UPGRADE, "Sec-WebSocket-Key: x"))
    yield Raw("websocket-version", get("/graphql", *UPGRADE[:2], KEY, "Sec-WebSocket-Version: 7"))
    protocols = "Sec-WebSocket-Protocol: " + "p," * 10_000
    yield Raw("websocket-protocols", get("/graphql", *UPGRADE, KEY, protocols))
    extensions = "Sec-WebSocket-Extensions: " + "permessage-deflate;a=b," * 1_200
    yield Raw("websocket-extensions", get("/graphql", *UPGRADE, KEY, extensions))
    yield Raw("websocket-origin", get("/graphql", *UPGRADE, KEY, "Origin: https://evil.example"))
    for name in ("h2c", "foo", "TLS/1.0", "websocket, h2c"):
        lines = (
            "Connection: Upgrade, HTTP2-Settings",
            f"Upgrade: {name}",
            "HTTP2-Settings: AAMAAA",
        )
        yield Raw(f"upgrade-{name}", get("/", *lines))


def foreign() -> Iterator[Raw]:
    """What other services' clients would say."""
    pick = random.Random(SEED)
    yield Raw("tls-hello", TLS_HELLO)
    yield Raw("ssh", b"SSH-2.0-OpenSSH_9.9\r\n")
    yield Raw("smtp", b"EHLO evil.example\r\n" * 100)
    yield Raw("redis", b"*1\r\n$4\r\nPING\r\n" * 100)
    yield Raw("proxy-protocol", b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + get("/healthz"))
    yield Raw("nuls", b"\0" * 100_000)
    yield Raw("line-ends-10000", b"\r\n" * 10_000 + get("/healthz"))
    for size in (10, 1_000, 100_000):
        yield Raw(f"noise-{size}", pick.randbytes(size))
    yield Raw("nothing", b"")


def preflights() -> Iterator[Raw]:
    """What a browser asks before it asks."""
    for place in ("/graphql", "/api/v1/appointments/", "/"):
        lines = (HOST, "Origin: https://evil.example", "Access-Control-Request-Method: POST")
        yield Raw(f"preflight-{place}", head(f"OPTIONS {place} HTTP/1.1", *lines))
        asked = "Access-Control-Request-Headers: " + "x-a, " * 6_000
        yield Raw(f"preflight-headers-{place}", head(f"OPTIONS {place} HTTP/1.1", *lines, asked))
    origins = "Origin: " + "https://evil.example " * 1_400
    yield Raw("origin-long", get("/graphql", origins))
