"""Much of one thing: aliases, directives, fields, root fields, tokens, comments."""

from collections.abc import Iterator

from ..people import People
from .document import Document, braced


def documents(people: People) -> Iterator[Document]:
    yield from aliases()
    yield from directives()
    yield from duplicates()
    yield from root_fields(people)
    yield from tokens()


def aliases() -> Iterator[Document]:
    """Aliases of something cheap."""
    for count in (31, 101, 1_000, 10_000, 60_000):
        yield Document(f"aliases-{count}", braced(f"alias{n}:__typename" for n in range(count)))
    inner = " ".join(f"a{n}:title" for n in range(1_000))
    yield Document("aliases-inside-1000", f"{{appointments(first:100){{nodes{{{inner}}}}}}}")
    yield Document("alias-of-100000", "{" + "a" * 100_000 + ":__typename}")
    shared = " ".join(f"{'n' * 500}{n}:__typename" for n in range(1_000))
    yield Document("aliases-with-one-beginning", "{" + shared + "}")


def directives() -> Iterator[Document]:
    """Directives, known and not."""
    for count in (10, 100, 1_000, 20_000):
        yield Document(f"include-{count}", "{__typename" + "@include(if:true)" * count + "}")
        yield Document(f"unknown-{count}", "{__typename" + "@aa" * count + "}")
    different = "".join(f"@skip{n}(if:false)" for n in range(2_000))
    yield Document("to-guess-2000", "{__typename" + different + "}")
    yield Document("on-operation-1000", "query" + "@include(if:true)" * 1_000 + "{__typename}")
    deferred = "{...@defer{__typename} viewer@stream{organization{name}}}"
    yield Document("defer-and-stream", deferred)
    arguments = " ".join(f"if{n}:true" for n in range(3_000))
    yield Document("directive-arguments-3000", f"{{__typename@include({arguments})}}")


def duplicates() -> Iterator[Document]:
    """The same field again and again."""
    for count in (21, 500, 5_000, 50_000):
        yield Document(f"typename-{count}", "{" + "__typename " * count + "}")
    fields = "id title status " * 700
    yield Document("fields-2100", f"{{appointments{{nodes{{{fields}}}}}}}")
    objects = "viewer{organization{name}} " * 800
    yield Document("objects-800", "{" + objects + "}")


def root_fields(people: People) -> Iterator[Document]:
    """Work that is cheap once."""
    for count in (20, 21, 400, 2_000):
        lists = (
            f"a{n}:appointments(first:100,filter:{{status:[CANCELLED]}}){{totalCount nodes{{id}}}}"
            for n in range(count)
        )
        yield Document(f"lists-{count}", braced(lists))
    reads = (f'a{n}:appointment(id:"{people.appointment}"){{id}}' for n in range(1_000))
    yield Document("reads-1000", braced(reads))
    yield Document("viewers-400", braced(f"a{n}:viewer{{organization{{id}}}}" for n in range(400)))


def tokens() -> Iterator[Document]:
    """Text that a lexer has to go through."""
    yield Document("tokens-100000", "{" + "a " * 100_000 + "}")
    yield Document("braces-100000", "{" * 100_000)
    yield Document("closing-100000", "}" * 100_000)
    yield Document("brackets-100000", "{a(b:" + "[" * 100_000)
    yield Document("spreads-100000", "{" + "..." * 100_000 + "}")
    yield Document("comments-only", "# nothing\n" * 90_000)
    yield Document("one-comment", "#" + "x" * 900_000 + "\n{__typename}")
    yield Document("blanks-only", " \t" * 400_000)
    yield Document("commas", "{" + "," * 900_000 + "__typename}")
    yield Document("line-ends", "\r\n" * 400_000 + "{__typename")
    yield Document("dollars", "$" * 100_000)
    yield Document("unknown-fields-3000", braced(f"appointmens{n}" for n in range(3_000)))
    yield Document("near-fields-500", braced(f"appointment{chr(97 + n % 26)}" for n in range(500)))
    yield Document("field-of-200000", "{" + "appointment" * 20_000 + "}")
