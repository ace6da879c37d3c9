"""Operations and their variables: many, unnamed, of the wrong kind."""

from collections.abc import Iterator

from ..people import People
from .document import Document, braced


def documents(people: People) -> Iterator[Document]:
    yield from many()
    yield from declared()
    yield Document("subscription", "subscription{events{id}}")
    yield Document("subscription-typename", "subscription{__typename}")
    yield Document("mutation-typename", "mutation{__typename}")
    yield Document("no-selection", "query{}")
    yield Document("number-as-query", "5")
    yield Document("cop", "qwerty cop { abc }")


def many() -> Iterator[Document]:
    """Documents that hold more than one operation."""
    for count in (2, 1_000, 10_000):
        texts = " ".join(f"query Q{n}{{__typename}}" for n in range(count))
        yield Document(f"named-{count}", texts, None, f"Q{count - 1}")
        yield Document(f"unnamed-choice-{count}", texts)
    yield Document("anonymous-1000", "{__typename}" * 1_000)
    yield Document("anonymous-and-named", "{__typename} query A{__typename}", None, "A")
    yield Document("same-name-2000", "query A{__typename}" * 2_000, None, "A")
    yield Document("name-of-900000", "query A{__typename}", None, "A" * 900_000)


def declared() -> Iterator[Document]:
    """Variables that are declared and not used, or used and not declared."""
    for count in (100, 3_000):
        names = " ".join(f"$v{n}:Int" for n in range(count))
        yield Document(f"unused-{count}", f"query({names}){{__typename}}")
        uses = braced(f"a{n}:appointments(first:$v{n}){{nodes{{id}}}}" for n in range(count))
        yield Document(f"undeclared-{count}", f"query {uses}")
    same = "$v:Int " * 3_000
    yield Document("same-variable-3000", f"query({same}){{__typename}}")
    default = ",".join(["1"] * 50_000)
    yield Document("default-list-50000", f"query($v:[Int]=[{default}]){{__typename}}")
    directives = "@include(if:true)" * 1_000
    yield Document("directives-on-variable", f"query($v:Int {directives}){{__typename}}")
    yield Document("variables-as-list", "{__typename}", [1, 2])
    yield Document("variables-as-text", "{__typename}", "x")
    yield Document("variables-of-800000", "{__typename}", {"v": "x" * 800_000})
    yield Document("variables-100000", "{__typename}", {f"v{n}": n for n in range(60_000)})
