"""Where one request ends and the next begins: lengths, chunks, trailers, smuggling."""

from collections.abc import Iterator

from ..people import People
from .raw import HOST, Raw, get, head

FIRST = "POST /graphql HTTP/1.1"
JSON = "Content-Type: application/json"
CHUNKED = "Transfer-Encoding: chunked"
BODY = b'{"query":"{viewer{organization{name}}}"}'
SECOND = get("/healthz")
WHOLE = b"%x\r\n%s\r\n" % (len(BODY), BODY)

LENGTHS = {
    "negative": "-1", "text": "ten", "plus": "+5", "hex": "0x10", "huge": "9" * 30,
    "2-64": str(2**64), "blank": "", "list": "5, 5", "list-different": "5, 6", "float": "1.0",
    "million": str(10**9),
}  # fmt: skip
SIZES = {
    "negative": b"-1", "huge": b"f" * 17, "text": b"xyz", "blank": b"", "blanks": b" 5",
    "extension": b"5;" + b"e" * 100_000, "extensions": b"5" + b";a=b" * 20_000, "plus": b"+5",
    "zeros": b"0" * 100_000 + b"5", "underscore": b"1_0", "2-63": b"8000000000000000",
}  # fmt: skip
CODINGS = {
    "identity": "identity", "gzip": "gzip, chunked", "chunked-first": "chunked, gzip",
    "twice": "chunked, chunked", "tab": "\tchunked", "vertical-tab": "\x0bchunked",
    "quoted": '"chunked"', "case": "cHuNkEd", "prefix": "xchunked", "empty": "",
}  # fmt: skip


def requests(people: People) -> Iterator[Raw]:
    for name, length in LENGTHS.items():
        yield Raw(f"length-{name}", head(FIRST, HOST, JSON, f"Content-Length: {length}") + BODY)
    for name, size in SIZES.items():
        chunk = size + b"\r\nhello\r\n0\r\n\r\n"
        yield Raw(f"chunk-{name}", head(FIRST, HOST, JSON, CHUNKED) + chunk)
    for name, coding in CODINGS.items():
        lines = (HOST, JSON, f"Transfer-Encoding: {coding}")
        yield Raw(f"coding-{name}", head(FIRST, *lines) + WHOLE + b"0\r\n\r\n")
    yield from smuggling()
    yield from trailers()
    yield from pieces()


def smuggling() -> Iterator[Raw]:
    """Two truths about one length."""
    both = head(FIRST, HOST, JSON, "Content-Length: 5", CHUNKED)
    yield Raw("length-and-chunked", both + WHOLE + b"0\r\n\r\n" + SECOND)
    swapped = head(FIRST, HOST, JSON, CHUNKED, "Content-Length: 5")
    yield Raw("chunked-and-length", swapped + WHOLE + b"0\r\n\r\n" + SECOND)
    two = head(FIRST, HOST, JSON, "Content-Length: 5", "Content-Length: 40")
    yield Raw("two-lengths", two + BODY + SECOND)
    same = head(FIRST, HOST, JSON, *[f"Content-Length: {len(BODY)}"] * 50)
    yield Raw("fifty-lengths", same + BODY)
    twice = head(FIRST, HOST, JSON, CHUNKED, "Transfer-Encoding: identity")
    yield Raw("two-codings", twice + WHOLE + b"0\r\n\r\n" + SECOND)
    yield Raw("get-with-body", get("/healthz", f"Content-Length: {len(SECOND)}") + SECOND)
    yield Raw("chunk-end-missing", head(FIRST, HOST, JSON, CHUNKED) + b"5\r\nhelloX" + SECOND)
    yield Raw("chunk-bare-lf", head(FIRST, HOST, JSON, CHUNKED) + b"5\nhello\n0\n\n" + SECOND)


def trailers() -> Iterator[Raw]:
    """Headers behind the body: they must never sign anybody in."""
    start = head(FIRST, HOST, JSON, CHUNKED) + WHOLE + b"0\r\n"
    yield Raw("trailer-token", start + b"Authorization: Token TOKEN\r\n\r\n")
    yield Raw("trailer-key", start + b"X-API-Key: TOKEN\r\n\r\n")
    yield Raw("trailer-host", start + b"Host: evil.example\r\n\r\n")
    yield Raw("trailer-length", start + b"Content-Length: 5\r\n\r\n" + SECOND)
    yield Raw("trailer-1000", start + b"X-T: x\r\n" * 1_000 + b"\r\n")
    yield Raw("trailer-long", start + b"X-T: " + b"x" * 200_000 + b"\r\n\r\n")


def pieces() -> Iterator[Raw]:
    """A body in many chunks, or in none at all."""
    start = head(FIRST, HOST, JSON, CHUNKED)
    yield Raw("chunks-of-one", start + b"1\r\n \r\n" * 100_000 + WHOLE + b"0\r\n\r\n", patience=5)
    yield Raw("chunks-20-mb", start + b"10000\r\n" + b" " * 65_536 + b"\r\n"
              + (b"10000\r\n" + b" " * 65_536 + b"\r\n") * 300 + b"0\r\n\r\n", patience=5)  # fmt: skip
    yield Raw("chunk-never-ends", start + b"5\r\nhe")
    yield Raw("pipelined-50", get("/healthz") * 50)
    yield Raw("pipelined-2000-strangers", get("/api/v1/appointments/") * 2_000, patience=2)
