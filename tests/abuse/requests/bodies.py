"""Bodies for GraphQL that are no request of GraphQL."""

import gzip
import json
from collections.abc import Iterator

from ..people import People
from .raw import HOST, Raw, get, graphql, head, post

TOKEN = "Authorization: Token TOKEN"
QUERY = '{"query":"{__typename}"}'
TEXTS = {
    "null": "null", "number": "1", "text": '"x"', "list": "[]", "empty-object": "{}",
    "query-number": '{"query":5}', "query-null": '{"query":null}', "query-list": '{"query":[]}',
    "nan": '{"query":"{__typename}","variables":{"a":NaN}}',
    "infinity": '{"query":"{__typename}","variables":{"a":-Infinity}}',
    "variables-list": '{"query":"{__typename}","variables":[]}',
    "operation-number": '{"query":"{__typename}","operationName":7}',
    "extensions-list": '{"query":"{__typename}","extensions":[1]}',
    "same-key": '{"query":"{__typename}","query":"{__schema{types{name}}}"}',
    "cut-off": '{"query":"{__typena', "two-values": QUERY * 2, "comment": "/* */" + QUERY,
    "single-quotes": QUERY.replace('"', "'"), "trailing-comma": '{"query":"{__typename}",}',
    "lone-escape": '{"query":"\\ud800"}', "blanks": " " * 900_000 + QUERY,
    "persisted": '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"' + "0" * 64 + '"}}}',
}  # fmt: skip


def requests(people: People) -> Iterator[Raw]:
    for name, text in TEXTS.items():
        yield Raw(name, graphql(text.encode()))
    yield from deep()
    yield from wide()
    yield from packed()
    yield from typed()
    yield from persisted()


def deep() -> Iterator[Raw]:
    """Nested further than any parser likes."""
    for depth in (33, 1_000, 100_000, 500_000):
        yield Raw(f"lists-{depth}", graphql(b"[" * depth + b"]" * depth))
        yield Raw(
            f"objects-{depth // 5}", graphql(b'{"a":' * (depth // 5) + b"1" + b"}" * (depth // 5))
        )
    yield Raw("open-lists-900000", graphql(b"[" * 900_000))
    yield Raw("quotes-open", graphql(b'{"query":"' + b"x" * 900_000))
    yield Raw("backslashes", graphql(b'{"query":"' + b"\\\\" * 450_000))


def wide() -> Iterator[Raw]:
    """Many of one thing."""
    for count in (10, 1_000, 30_000):
        batch = f"[{','.join([QUERY] * count)}]"
        yield Raw(f"batch-{count}", graphql(batch.encode()))
    keys = ",".join(f'"k{n}":{n}' for n in range(70_000))
    yield Raw("keys-70000", graphql(f"{{{keys}}}".encode()))
    same = ",".join('"k":1' for _ in range(150_000))
    yield Raw("same-key-150000", graphql(f"{{{same}}}".encode()))
    for digits in (4_000, 5_000, 900_000):
        yield Raw(f"digits-{digits}", graphql(b'{"a":' + b"9" * digits + b"}"))
    yield Raw("fraction-900000", graphql(b'{"a":0.' + b"1" * 900_000 + b"}"))
    yield Raw("exponent", graphql(b'{"a":1e' + b"9" * 100_000 + b"}"))
    yield Raw("escapes", graphql(b'{"query":"' + b"\\u0041" * 150_000 + b'"}'))
    for mebibytes in (1, 2, 30):
        yield Raw(f"body-{mebibytes}-mb", graphql(b" " * (mebibytes << 20)), patience=5)


def persisted() -> Iterator[Raw]:
    """Hashes in place of documents, or beside others."""
    wrong, long = "0" * 64, "é" * 400_000
    for name, hash, query in (
        ("unknown", wrong, None), ("long-hash", long, None), ("other", wrong, "{viewer{tokenName}}"),
        ("long-query", wrong, "{viewer{tokenName}} #" + long),
        ("full-query", wrong, "{viewer{tokenName}} #" + "é" * 14_900),
    ):  # fmt: skip
        body = {
            "extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash}},
            "query": query,
        }
        sent = json.dumps(body, ensure_ascii=False).encode()
        yield Raw(f"persisted-{name}", graphql(sent))
        yield Raw(f"persisted-{name}+token", graphql(sent, TOKEN), True)
    yield Raw("document-id", graphql(json.dumps({"documentId": long}).encode(), TOKEN), True)
    yield Raw("document-id-by-get", get(f"/graphql?documentId=sha256:{wrong}", TOKEN), True)


def packed() -> Iterator[Raw]:
    """Compressed: small on the wire, large in memory."""
    bomb = gzip.compress(b" " * (50 << 20))
    for coding in ("gzip", "deflate", "br", "zstd", "gzip, gzip", "identity", "x" * 20_000):
        yield Raw(f"coding-{coding[:10]}", graphql(bomb, f"Content-Encoding: {coding}"))
    yield Raw("gzip-unannounced", graphql(bomb))


def typed() -> Iterator[Raw]:
    """Of other media types and in other encodings."""
    form = b"query=%7B__typename%7D"
    for media_type in (
        "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "x",
        "application/graphql", "application/json-patch+json", "application/graphql+json",
    ):  # fmt: skip
        yield Raw(f"type-{media_type or 'none'}", post("/graphql", form, media_type))
    for encoding in ("utf-16", "utf-32", "utf-8-sig", "latin-1"):
        yield Raw(f"encoding-{encoding}", graphql((QUERY + " é").encode(encoding)))
    yield Raw("not-utf-8", graphql(b'{"query":"\xff\xfe\xed\xa0\x80"}'))
    yield Raw("no-body", head("POST /graphql HTTP/1.1", HOST, "Content-Type: application/json"))
    yield Raw("expects-first", graphql(QUERY.encode(), "Expect: 100-continue"))
    upload = multipart('{"query":"mutation($f:Upload!){__typename}"}')
    yield Raw("upload", post("/graphql", upload, "multipart/form-data; boundary=b"))
    variables = json.dumps({f"v{n}": n for n in range(300)}).replace(" ", "").replace('"', "%22")
    yield Raw("get-variables", get(f"/graphql?query={{__typename}}&variables={variables}"))


def multipart(operations: str) -> bytes:
    """Returns an upload as some servers of GraphQL take it."""
    part = '--b\r\nContent-Disposition: form-data; name="operations"\r\n\r\n' + operations
    return f"{part}\r\n--b--\r\n".encode()
