"""Sizes: negative, huge, multiplied; lists of ids; the widest page that is allowed."""

from collections.abc import Iterator

from ..people import People
from .document import Document, braced

PERSON = "id uniqueId displayName role accessLink admission{code message opensAt closesAt} attendance{joinedAt leftAt}"
PLAIN = "id uniqueId displayName role createdAt accessLink"
SEATED = "id accessLink admission{code message opensAt closesAt}"
SIZES = (-(2**31), -100, -1, 0, 101, 10**6, 2**31 - 1, 2**31, 2**63)


def documents(people: People) -> Iterator[Document]:
    yield from sizes()
    yield from cheating()
    yield from ids(people)
    yield from wide(people)
    yield from within()


def sizes() -> Iterator[Document]:
    """Every invalid size, as a literal and as a variable."""
    for size in SIZES:
        yield Document(f"first{size}", f"{{appointments(first:{size}){{nodes{{id}}}}}}")
        query = "query($n:Int){appointments(last:$n){nodes{id participants(first:$n){nodes{id}}}}}"
        yield Document(f"variable{size}", query, {"n": size})
    yield Document("both", "{appointments(first:100,last:100){nodes{id}}}")
    for cursor in ("x", "-1", "A" * 100_000, "eyJhIjoxfQ==", "%00"):
        name = f"cursor-{len(cursor)}-{cursor[0]}"
        yield Document(name, f'{{appointments(first:5,after:"{cursor}"){{nodes{{id}}}}}}')


def cheating() -> Iterator[Document]:
    """A field that counts negative pays for one that does not."""
    inside = f"nodes{{participants(first:100){{nodes{{{PERSON}}}}}}}"
    for count in (2, 10):
        credit = " ".join(f"c{n}:appointments(first:-1000){{nodes{{id}}}}" for n in range(count))
        yield Document(f"credit-{count}", f"{{{credit} a:appointments(first:100){{{inside}}}}}")
        text = f"query($m:Int,$n:Int){{c:appointments(first:$m){{nodes{{id}}}} {lists(count)}}}"
        yield Document(f"credit-variable-{count}", text, {"m": -(10**6), "n": 100})


def lists(count: int) -> str:
    """Returns aliased lists of the size `$n`."""
    inside = f"nodes{{participants(first:$n){{nodes{{{PERSON}}}}}}}"
    return " ".join(f"a{place}:appointments(first:$n){{{inside}}}" for place in range(count))


def ids(people: People) -> Iterator[Document]:
    """Lists of ids, of things that exist and of things that do not."""
    wide = f"...on Appointment{{participants(first:100){{nodes{{{PERSON}}}}}}}"
    for count in (100, 101, 1_000, 20_000):
        known = [people.appointment] * count
        query = f"query($v:[ID!]!){{nodes(ids:$v){{id {wide}}}}}"
        yield Document(f"nodes-{count}", query, {"v": known})
    # Ids of three characters, so that 100,000 of them still fit into one body.
    yield Document("nodes-100000", "query($v:[ID!]!){nodes(ids:$v){id}}", {"v": ["abc"] * 100_000})
    literal = ",".join(['"x"'] * 5_000)
    yield Document("nodes-literal-5000", f"{{nodes(ids:[{literal}]){{id}}}}")
    many = (f"a{n}:nodes(ids:$v){{id {wide}}}" for n in range(20))
    yield Document(
        "nodes-twenty-times", f"query($v:[ID!]!){braced(many)}", {"v": [people.appointment] * 100}
    )


def wide(people: People) -> Iterator[Document]:
    """What stays within every limit, as expensive as it gets."""
    for first in (1, 5, 9, 20, 100):
        inside = f"nodes{{id participants(first:100){{totalCount nodes{{{PERSON}}}}}}}"
        yield Document(f"people-{first}x100", f"{{appointments(first:{first}){{{inside}}}}}")
    counts = (f"a{n}:appointments{{totalCount}}" for n in range(20))
    yield Document("counts-20", braced(counts))
    back = "participants(first:100){nodes{appointment{participants(first:100){nodes{id}}}}}"
    yield Document("there-and-back", f'{{appointment(id:"{people.appointment}"){{{back}}}}}')
    unique = (
        f'a{n}:appointments(first:100,filter:{{participantUniqueId:"person-{n}@example.org",'
        'status:[SCHEDULED,NO_SHOW]},orderBy:{field:UPDATED_AT,direction:ASC}){totalCount}'
        for n in range(20)
    )  # fmt: skip
    yield Document("filters-20", braced(unique))


def within() -> Iterator[Document]:
    """As much as a budget of a thousand points lets through, in different shapes."""
    for first, guests in ((1, 100), (3, 100), (9, 100), (20, 20), (20, 45), (40, 20), (100, 8)):
        for name, fields in (("plain", PLAIN), ("seated", SEATED)):
            query = page(first, f"participants(first:{guests}){{nodes{{{fields}}}}}")
            yield Document(f"within-{name}-{first}x{guests}", f"{{{query}}}")
    for count in (5, 10, 20):
        pages = (f"a{n}:{page(45, 'title status version')}" for n in range(count))
        yield Document(f"within-lists-{count}", braced(pages))
        filters = (f"a{n}:{filtered(n)}{{totalCount nodes{{id}}}}" for n in range(count))
        yield Document(f"within-filters-{count}", braced(filters))
    nodes = "...on Appointment{participants(first:9){nodes{id accessLink}}}"
    yield Document(
        "within-nodes", f"query($v:[ID!]!){{nodes(ids:$v){{id {nodes}}}}}", {"v": ["x"] * 99}
    )


def page(first: int, inside: str) -> str:
    return f"appointments(first:{first}){{nodes{{id {inside}}}}}"


def filtered(number: int) -> str:
    """Returns a list that no index serves alone, short enough to be cheap in points."""
    person = f"person-{number}@example.org"
    return (
        f'appointments(first:20,filter:{{participantUniqueId:"{person}",status:[SCHEDULED,NO_SHOW]}},'
        "orderBy:{field:UPDATED_AT,direction:ASC})"
    )
