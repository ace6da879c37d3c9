"""Fields of one response key: validation compares them with each other, pair by pair."""

from collections.abc import Iterator

from ..people import People
from .document import Document, braced, nested


def documents(people: People) -> Iterator[Document]:
    for count in (50, 300, 1_000, 4_000):
        yield Document(f"arguments-{count}", braced(
            f'appointment(id:"{n}"){{id}}' for n in range(count)))  # fmt: skip
        yield Document(f"lists-{count}", braced("appointments{nodes{id}}" for _ in range(count)))
    for count in (100, 400):
        yield Document(f"in-fragments-{count}", in_fragments(count))
        yield Document(f"inline-{count}", inline(count))
    for width, depth in ((2, 8), (3, 6), (5, 5), (20, 3)):
        yield Document(f"tree-{width}x{depth}", tree(width, depth))
    yield Document("conflicts-1000", conflicts(1_000))
    yield Document("exclusive-600", exclusive(600))
    yield Document("many-keys-each-twice", many_keys(1_500))


def in_fragments(count: int) -> str:
    """Fragments that select the same fields: every pair of them is compared."""
    spreads = braced(f"...F{n}" for n in range(count))
    texts = " ".join(
        f"fragment F{n} on Appointment{{id title status participants{{nodes{{id role}}}}}}"
        for n in range(count)
    )
    return f'{{appointment(id:"x"){spreads}}} {texts}'


def inline(count: int) -> str:
    """The same without names."""
    parts = ("...on Appointment{id organization{id name}}" for _ in range(count))
    return f'{{appointment(id:"x"){braced(parts)}}}'


def tree(width: int, depth: int) -> str:
    """The same subtree several times at every level."""
    text = "id"
    for _ in range(depth):
        text = " ".join([f"participants{{nodes{{appointment{{{text}}}}}}}"] * width)
        if len(text) > 900_000:
            break
    return f'{{appointment(id:"x"){{{text}}}}}'


def conflicts(count: int) -> str:
    """One alias for many different fields."""
    fields = ("id", "title", "status", "version", "createdAt")
    return f'{{appointment(id:"x"){braced(f"a:{fields[n % 5]}" for n in range(count))}}}'


def exclusive(count: int) -> str:
    """Types that exclude each other still have their shapes compared."""
    types = ("Appointment", "Participant", "Organization")
    parts = (f"...on {types[n % 3]}{{same:id other:__typename}}" for n in range(count))
    return f'{{node(id:"x"){braced(parts)}}}'


def many_keys(count: int) -> str:
    """Many keys, each twice, deep enough to matter."""
    parts = (f"k{n}:organization{{id}} k{n}:organization{{id}}" for n in range(count))
    inside = nested("participants{nodes{appointment{", 2, " ".join(parts), "}}}")
    return f'{{appointment(id:"x"){{{inside}}}}}'
