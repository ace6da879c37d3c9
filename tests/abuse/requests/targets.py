"""Methods and targets: unknown, endless, encoded, absolute, one level too high."""

from collections.abc import Iterator

from ..people import People
from .raw import APPOINTMENTS, HOST, Raw, get, head

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW")
PATHS = ("/", "/graphql", APPOINTMENTS, "/join/x", "/schema.graphql", "/openapi.json")
ODD = {
    "nul": "/%00",
    "nul-in-id": f"{APPOINTMENTS}%00/",
    "nul-in-filter": f"{APPOINTMENTS}?participant_unique_id=%00",
    "half-escape": "/%",
    "bad-escape": "/%zz%f",
    "overlong": "/%c0%ae%c0%ae/",
    "not-utf-8": "/%ff%fe",
    "parents": "/../../../../etc/passwd",
    "parents-escaped": "/explorer/assets/..%2f..%2f..%2fsettings.py",
    "backslashes": "/explorer/assets/..\\..\\settings.py",
    "double-slash": "//evil.example/",
    "double-escape": "/explorer/assets/%252e%252e%252fsettings.py",
    "absolute": "http://evil.example/graphql",
    "absolute-ours": "http://localhost/healthz",
    "authority": "evil.example:443",
    "asterisk": "*",
    "fragment": "/#" + "a" * 4_000,
    "blank": "/a b",
    "tab": "/a\tb",
    "high": "/é",
    "semicolons": "/;" * 3_000,
    "questions": "/" + "?" * 6_000,
    "escapes": "/" + "%41" * 2_600,
    "slashes": "/" * 8_000,
    "dots": "/" + "./" * 3_900,
    "join-long": "/join/" + "A" * 8_000,
    "join-dots": "/join/" + "." * 8_000,
    "join-nul": "/join/%00",
    "id-long": APPOINTMENTS + "a" * 7_000 + "/",
    "id-hyphens": APPOINTMENTS + "-" * 7_000 + "/participants/",
    "graphql-below": "/graphql/" + "x/" * 3_000,
    "prefix": "/api/v1appointments/",
    "metrics": "/metrics",
    "ready": "/readyz",
}
QUERIES = {
    "page-huge": "page=" + "9" * 7_000,
    "page-negative": "page=-1",
    "page-2-63": "page=9223372036854775808",
    "page-unicode": "page=%EF%BC%91",
    "size-many": "&".join(["page_size=100"] * 500),
    "ampersands": "&" * 8_000,
    "equals": "=" * 8_000,
    "names": "&".join(f"a{n}" for n in range(1_500)),
    "filter-long": "participant_unique_id=" + "u" * 7_900,
    "surrogate": "participant_unique_id=%ED%A0%80",
    "plus": "participant_unique_id=" + "+" * 7_900,
}


def requests(people: People) -> Iterator[Raw]:
    for method in METHODS:
        for path in PATHS:
            if method != "HEAD":
                yield Raw(f"{method.lower()}-{path}", head(f"{method} {path} HTTP/1.1", HOST))
    for name, target in ODD.items():
        yield Raw(name, get(target))
    for name, query in QUERIES.items():
        yield Raw(
            f"query-{name}", get(f"{APPOINTMENTS}?{query}", "Authorization: Token TOKEN"), True
        )
        yield Raw(f"query-{name}-stranger", get(f"{APPOINTMENTS}?{query}"))
    for size in (9_000, 70_000, 2_000_000):
        yield Raw(f"target-{size}", get("/" + "t" * size))
        yield Raw(f"query-{size}", get("/?" + "q" * size))
    yield Raw("method-long", head("M" * 100_000 + " / HTTP/1.1", HOST))
    yield Raw("graphql-get-long", get("/graphql?query=" + "%7B" * 2_600))
    yield Raw("graphql-get-names", get("/graphql?" + "&".join(f"q{n}=" for n in range(1_500))))
    yield Raw("graphql-get-twice", get("/graphql?query={__typename}&query={__schema{types{name}}}"))
