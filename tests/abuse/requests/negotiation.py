"""Media types of quadratic and exponential shape, in Accept and in Content-Type."""

import random
from collections.abc import Iterator

from ..people import People
from .raw import APPOINTMENTS, Raw, get, post

# Each is repeated up to about 30 KB, just below what a request may carry.
SHAPES = {
    "semicolons": (";", 30_000),
    "equals": (";a=", 10_000),
    "open-quotes": (';a="', 7_000),
    "backslashes": (';a="\\', 5_000),
    "escaped-quotes": (';a=\\"', 5_900),
    "escaped-values": (';a=b\\"', 4_900),
    "quoted": (';a="\\"b"', 3_500),
    "commas": (",", 30_000),
    "ranges": ("application/json;q=0.1,", 1_300),
    "stars": ("*/*,", 7_000),
    "slashes": ("/", 30_000),
    "blanks": (" ;", 15_000),
    "names": (";abcdefgh", 3_000),
    "weights": (";q=0.", 6_000),
    "indents": (";indent=8", 3_000),
}
PLACES = {"graphql": "/graphql?query={__typename}", "rest": APPOINTMENTS, "page": "/"}


# Pieces that nobody thought of.
FUZZ = 12
ALPHABET = ';=",\\/ aq*'
SEED = 20261121


def shapes() -> dict[str, tuple[str, int]]:
    """Returns the shapes above and some at random."""
    pick = random.Random(SEED)
    pieces = ("".join(pick.choices(ALPHABET, k=pick.randint(2, 6))) for _ in range(FUZZ))
    return SHAPES | {f"random-{n}": (piece, 30_000 // len(piece)) for n, piece in enumerate(pieces)}


def requests(people: People) -> Iterator[Raw]:
    for name, (piece, count) in shapes().items():
        for place, target in PLACES.items():
            yield Raw(f"accept-{name}-{place}", get(target, f"Accept: {piece * count}"))
        for place in ("graphql", "rest"):
            target = PLACES[place].partition("?")[0]
            media_type = f"application/json{piece * count}"
            yield Raw(f"type-{name}-{place}", post(target, b"{}", media_type))
    yield Raw("charset", post("/graphql", b"{}", "application/json;charset=" + "u" * 30_000))
    for charset in ("utf-7", "zip", "bz2", "idna", "punycode", "unicode_escape", "rot13", "utf-32"):
        typed = f"application/json; charset={charset}"
        yield Raw(f"charset-{charset}", post(APPOINTMENTS, b"{}" * 50_000, typed))
    many = "\r\n".join(["Accept: application/json"] * 95)
    yield Raw("accept-95-lines", get(APPOINTMENTS, many))
