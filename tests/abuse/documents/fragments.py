"""Fragments: circular, exponential, many, unknown."""

from collections.abc import Iterator

from ..people import People
from .document import Document, braced, nested


def documents(people: People) -> Iterator[Document]:
    yield from circular()
    yield from exponential()
    yield from many()
    yield from strange()


def circular() -> Iterator[Document]:
    """Rings of fragments."""
    yield Document("itself", "{...A} fragment A on Query {...A}")
    yield Document("schema-ring", "{__schema{...A}} fragment A on __Schema{__typename ...B}"
                   " fragment B on __Schema{...A}")  # fmt: skip
    for length in (2, 50, 500, 3_000):
        ring = (
            f"fragment F{n} on Query{{...F{(n + 1) % length} __typename}}" for n in range(length)
        )
        yield Document(f"ring-{length}", "{...F0} " + " ".join(ring))
    full = (
        f"fragment F{n} on Query" + braced(f"...F{other}" for other in range(30)) for n in range(30)
    )
    yield Document("everyone-names-everyone", "{...F0} " + " ".join(full))


def exponential() -> Iterator[Document]:
    """Each fragment names the next twice or more: the paths double with every one."""
    for width, depth in ((2, 10), (2, 20), (2, 40), (2, 400), (10, 10), (30, 30)):
        yield Document(f"doubling-{width}x{depth}", doubling(width, depth))
    inline = nested("... on Query{...{", 40, "__typename", "}}")
    yield Document("inline-40", "{" + inline + "}")
    wide = "fragment W on Participant{" + " ".join(f"a{n}:role" for n in range(30)) + "}"
    spread = " ".join("...W" for _ in range(300))
    yield Document(
        "one-spread-300", f"{{appointments{{nodes{{participants{{nodes{{{spread}}}}}}}}}}} {wide}"
    )


def doubling(width: int, depth: int) -> str:
    """Returns a chain of fragments in which each names the next `width` times."""
    chain = (
        f"fragment F{n} on Appointment" + braced([f"...F{n + 1}"] * width) for n in range(depth)
    )
    return (
        f'{{appointment(id:"x"){{...F0}}}} {" ".join(chain)} fragment F{depth} on Appointment{{id}}'
    )


def many() -> Iterator[Document]:
    """More fragments than anybody writes."""
    for count in (100, 1_000, 5_000):
        unused = " ".join(f"fragment F{n} on Query{{__typename}}" for n in range(count))
        yield Document(f"unused-{count}", "{__typename} " + unused)
    unknown = braced(f"...Missing{n}" for n in range(2_000))
    yield Document("unknown-2000", unknown)
    same = " ".join("fragment F on Query{__typename}" for _ in range(1_500))
    yield Document("same-name-1500", "{...F} " + same)


def strange() -> Iterator[Document]:
    """On types that cannot have any."""
    yield Document("on-a-scalar", "{...A} fragment A on DateTime{__typename}")
    yield Document("on-nothing", "{...A} fragment A on Nobody{x}")
    impossible = braced("...on Participant{id}" for _ in range(1_000))
    yield Document("impossible-1000", f'{{appointment(id:"x"){impossible}}}')
    guesses = braced(f"...on Appointmen{n}{{id}}" for n in range(1_000))
    yield Document("types-to-guess-1000", f'{{node(id:"x"){guesses}}}')
    directives = braced("...A @include(if:true)" for _ in range(500))
    yield Document("spreads-with-directives", directives + " fragment A on Query{__typename}")
