"""Values: huge, odd, half a character, in every argument that takes text."""

from collections.abc import Iterator

from ..people import People
from .document import Document

LONE = "\ud800"
ODD = (
    ("surrogate", LONE),
    ("surrogate-inside", f"a{LONE}b"),
    ("nul", "a\0b"),
    ("bidi", "\u202e\u2066x"),
    ("noncharacter", "\uffff\ufdd0"),
    ("combining", "e" + "\u0301" * 20_000),
    ("long", "x" * 14_900),
    ("million", "x" * 900_000),
)
# Every argument of text, as a variable `$v`.
ARGUMENTS = {
    "id": "query($v:ID!){appointment(id:$v){id}}",
    "participant": "query($v:ID!){participant(id:$v){id}}",
    "nodes": "query($v:ID!){nodes(ids:[$v]){id}}",
    "cursor": "query($v:String){appointments(after:$v){nodes{id}}}",
    "unique-id": "query($v:String){appointments(filter:{participantUniqueId:$v}){nodes{id}}}",
    "instant": "query($v:DateTime){appointments(filter:{startsFrom:$v}){nodes{id}}}",
    "status": "query($v:AppointmentStatus!){appointments(filter:{status:[$v]}){nodes{id}}}",
    "title": 'mutation($v:String!){createAppointment(input:{title:$v,startDateTime:"2030-01-01T00:00:00Z",durationMinutes:30,participants:[]}){__typename}}',
    "role": 'mutation($v:ParticipantRole!){addParticipants(appointmentId:"x",participants:[{uniqueId:"u",role:$v}]){__typename}}',
    "reason": 'mutation($v:String){cancelAppointment(id:"x",reason:$v){__typename}}',
    "name": 'mutation($v:String){updateParticipant(id:"x",changes:{displayName:$v}){__typename}}',
}  # fmt: skip


def documents(people: People) -> Iterator[Document]:
    yield from odd_variables()
    yield from odd_literals()
    yield from numbers()
    yield from lexing()


def odd_variables() -> Iterator[Document]:
    """Each odd text in each argument."""
    for place, query in ARGUMENTS.items():
        for name, text in ODD:
            yield Document(f"{place}-{name}", query, {"v": text})
        yield Document(f"{place}-key", query, {"v": "x", LONE: LONE})


def odd_literals() -> Iterator[Document]:
    """The same in the document, escaped in GraphQL's own ways."""
    for name, text in (
        ("escape", "\\ud800"),
        ("escape-pair", "\\ud83d\\ude00"),
        ("braces", "\\u{110000}"),
        ("braces-long", "\\u{" + "0" * 5_000 + "41}"),
        ("braces-surrogate", "\\u{D800}"),
        ("unknown-escape", "\\x41"),
    ):
        yield Document(f"literal-{name}", f'{{appointment(id:"{text}"){{id}}}}')
    yield Document("escapes-100000", '{appointment(id:"' + "\\u0041" * 100_000 + '"){id}}')
    yield Document("surrogate-in-document", f'{{appointment(id:"{LONE}"){{id}}}}')
    yield Document("surrogate-as-name", f"{{{LONE}}}")
    yield Document("operation-name-surrogate", "query A{__typename}", None, LONE)


def numbers() -> Iterator[Document]:
    """Numbers that no machine word holds."""
    for digits in (12, 4_000, 5_000, 100_000):
        yield Document(f"int-{digits}", f"{{appointments(first:{'9' * digits}){{nodes{{id}}}}}}")
    for text in ("1e999999", "-0", "0.0000000000000000001", "1" * 50_000 + ".5", "1e-99999999"):
        yield Document(f"float-{text[:12]}", f"{{appointments(first:{text}){{nodes{{id}}}}}}")
    yield Document("as-id", f"{{appointment(id:{'7' * 100_000}){{id}}}}")


def lexing() -> Iterator[Document]:
    """Strings, names and marks that are long or never end."""
    yield Document("string-open", '{a(b:"' + "x" * 500_000)
    yield Document("block-open", '{a(b:"""' + "\n" * 500_000)
    yield Document("block-indented", '{a(b:"""' + "\n    x" * 100_000 + '"""){id}}')
    yield Document("block-quotes", '{a(b:"""' + '\\"""' * 50_000 + '"""){id}}')
    yield Document("name-900000", "{" + "n" * 900_000 + "}")
    yield Document("marks", "\ufeff" * 100_000 + "{__typename}")
    yield Document("nul", "{\0__typename}")
    yield Document("unicode", "{" + "é" * 100_000 + "}")
    yield Document("backslashes", '{a(b:"' + "\\\\" * 200_000 + '")}')
    yield Document("empty", "")
    yield Document("type-system", "type A{b:Int} " * 3_000)
    yield Document("extensions", "extend type Query{b:Int} " * 3_000 + "{__typename}")
