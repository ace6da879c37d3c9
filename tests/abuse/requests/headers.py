"""Floods of headers, and headers that are hard to read."""

from collections.abc import Iterator

from ..people import People
from .raw import APPOINTMENTS, HOST, Raw, get, head

FIRST = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
MEBIBYTE = 1 << 20


def requests(people: People) -> Iterator[Raw]:
    yield from floods()
    yield from sizes()
    yield from signing_in()
    yield from shapes()


def floods() -> Iterator[Raw]:
    """Headers without an end, at full speed, until the server hangs up."""
    for name, line in (
        ("short", b"a: b\r\n"),
        ("same", b"X-Same: 0123456789012345678901234567890123456789\r\n"),
        ("long", b"X-Long: " + b"v" * 60_000 + b"\r\n"),
        ("empty", b"x:\r\n"),
    ):
        yield Raw(f"flood-{name}", lambda line=line: flood(FIRST, line), patience=5)
    yield Raw("flood-one-value", lambda: flood(FIRST + b"X-One: ", b"v" * 60_000), patience=5)
    yield Raw("flood-one-name", lambda: flood(FIRST, b"n" * 60_000), patience=5)
    yield Raw("flood-target", lambda: flood(b"GET /", b"t" * 60_000), patience=5)
    yield Raw("flood-query", lambda: flood(b"GET /?", b"a=b&" * 15_000), patience=5)
    yield Raw("flood-method", lambda: flood(b"G", b"E" * 60_000), patience=5)
    yield Raw("flood-line-ends", lambda: flood(b"", b"\r\n" * 30_000, 30), patience=5)
    yield Raw("flood-trailers", lambda: flood(TRAILERS, b"X-T: 0123456789\r\n"), patience=5)


TRAILERS = (
    b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
)


def flood(beginning: bytes, line: bytes, mebibytes: int = 150) -> Iterator[bytes]:
    """Returns a beginning and then `line` over and over, in pieces as large as a socket takes."""
    yield beginning
    piece = line * max(1, 60_000 // len(line))
    for _ in range(mebibytes * MEBIBYTE // len(piece)):
        yield piece


def sizes() -> Iterator[Raw]:
    """Around the limits, ended properly."""
    for count in (99, 101, 1_000, 10_000):
        lines = (f"X-{n}: {n}" for n in range(count))
        yield Raw(f"lines-{count}", head("GET / HTTP/1.1", HOST, *lines))
    for size in (30_000, 33_000, 100_000, 1_000_000):
        yield Raw(f"value-{size}", get("/", "X-Long: " + "v" * size))
        yield Raw(f"name-{size}", get("/", "n" * size + ": v"))
        yield Raw(f"cookie-{size}", get("/", "Cookie: " + "a=b; " * (size // 5)))


def signing_in() -> Iterator[Raw]:
    """Invalid tokens."""
    for name, line in (
        ("long", "Authorization: Token " + "x" * 30_000),
        ("parts", "Authorization: Token " + "x " * 15_000),
        ("blanks", "Authorization: " + " " * 30_000),
        ("high", "Authorization: Token \xff\xfe"),
        ("basic", "Authorization: Basic " + "QQ==" * 7_000),
        ("minted", "Authorization: Token cct_" + "A" * 40),
        ("many", "\r\n".join(f"Authorization: Token {n}" for n in range(95))),
        ("api-key", "X-API-Key: " + "k" * 30_000),
        ("both", "Authorization: Token x\r\nX-API-Key: y"),
        ("empty", "Authorization:"),
    ):
        yield Raw(f"token-{name}", get(APPOINTMENTS, line))


def shapes() -> Iterator[Raw]:
    """Lines that the grammar forbids."""
    for name, line in (
        ("folded", "X-A: 1\r\n 2"),
        ("folded-token", "Authorization:\r\n Token x"),
        ("blank-before-colon", "X-A : 1"),
        ("no-colon", "nothing"),
        ("no-name", ": 1"),
        ("nul", "X-A: a\0b"),
        ("bare-cr", "X-A: a\rb"),
        ("bare-lf", "X-A: a\nX-B: b"),
        ("high-name", "X-\xe9: 1"),
        ("range", "Range: bytes=" + "0-0," * 5_000),
        ("if-none-match", "If-None-Match: " + '"x",' * 7_000),
        ("if-modified", "If-Modified-Since: " + "9" * 20_000),
        ("accept-language", "Accept-Language: " + "de;q=0.1," * 3_000),
        ("accept-encoding", "Accept-Encoding: " + "gzip;q=0.1," * 2_500),
        ("expect", "Expect: 200-maybe"),
        ("idempotency", "Idempotency-Key: " + "k" * 30_000),
        ("if-match", "If-Match: " + '"1",' * 7_000),
    ):
        yield Raw(f"shape-{name}", get("/openapi.json", line))
