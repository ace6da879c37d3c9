"""Input objects: unknown fields, unknown arguments, wrong types, whole lists of nonsense."""

import random
from collections.abc import Iterator
from typing import Any

from ..people import People
from .document import Document

SEED = 20261121
CREATE = "mutation($v:NewAppointment!){createAppointment(input:$v){__typename}}"
LIST = "query($v:AppointmentFilter){appointments(filter:$v){nodes{id}}}"
WRONG: tuple[tuple[str, Any], ...] = (
    ("null", None), ("true", True), ("number", 7), ("huge", 10**4000), ("fraction", 0.5),
    ("text", "x"), ("list", []), ("lists", [[[]]]), ("object", {}), ("negative", -1),
)  # fmt: skip


def documents(people: People) -> Iterator[Document]:
    yield from unknown_in_document()
    yield from unknown_in_variables()
    yield from wrong_types()
    yield from long_lists()


def unknown_in_document() -> Iterator[Document]:
    """Every error about such a field can repeat the whole object."""
    for count in (100, 2_400, 60_000):
        fields = ",".join(f"unknown{n}:1" for n in range(count))
        yield Document(f"fields-{count}", f"{{appointments(filter:{{{fields}}}){{nodes{{id}}}}}}")
    config = ",".join(f"chatEnable{n}:true" for n in range(1_000))
    body = f'title:"t",startDateTime:"2030-01-01T00:00:00Z",durationMinutes:30,participants:[],config:{{{config}}}'
    yield Document("config-1000", f"mutation{{createAppointment(input:{{{body}}}){{__typename}}}}")
    arguments = ",".join(f"firs{n}:1" for n in range(2_000))
    yield Document("arguments-2000", f"{{appointments({arguments}){{nodes{{id}}}}}}")
    same = ",".join(["first:1"] * 2_000)
    yield Document("one-argument-2000", f"{{appointments({same}){{nodes{{id}}}}}}")
    objects = ",".join("{uniqueId:1,role:NOBODY,x:1}" for _ in range(2_000))
    yield Document(
        "bad-people-2000",
        f'mutation{{addParticipants(appointmentId:"x",participants:[{objects}]){{__typename}}}}',
    )


def unknown_in_variables() -> Iterator[Document]:
    """The same where the document is small."""
    for count in (100, 2_400, 9_900, 50_000):
        unknown = {f"unknown{n}": 1 for n in range(count)}
        yield Document(f"variable-fields-{count}", LIST, {"v": unknown})
        yield Document(f"variable-create-{count}", CREATE, {"v": unknown})
    for count in (2_400, 10_000):
        people = [{"uniqueId": 1, "role": "NOBODY", "x": n} for n in range(count)]
        yield Document(f"variable-bad-people-{count}", CREATE, {"v": {"participants": people}})
    statuses = {"v": {"status": [f"SCHEDULE{n}" for n in range(20_000)]}}
    yield Document("variable-bad-statuses", LIST, statuses)
    extra = {f"unused{n}": "x" * 20 for n in range(20_000)}
    yield Document("variables-not-asked-for", LIST, {"v": {}, **extra})


def wrong_types() -> Iterator[Document]:
    """Each place with each kind of value."""
    pick = random.Random(SEED)
    for name, value in WRONG:
        yield Document(f"create-{name}", CREATE, {"v": value})
        fields = ("title", "startDateTime", "durationMinutes", "participants", "config")
        mixed = {field: pick.choice(WRONG)[1] for field in fields}
        yield Document(f"mixed-{name}", CREATE, {"v": {**mixed, "title": value}})
    for place in ("first", "last", "after", "before", "orderBy"):
        typed = f"query($v:Int){{appointments({place}:$v){{nodes{{id}}}}}}"
        yield Document(f"wrong-{place}", typed, {"v": 10**12})


def long_lists() -> Iterator[Document]:
    """Lists far over their limit, of well-formed members."""
    for count in (9_900, 60_000):
        yield Document(f"statuses-{count}", LIST, {"v": {"status": ["SCHEDULED"] * count}})
    literal = ",".join(["SCHEDULED"] * 5_000)
    yield Document(
        "statuses-literal-5000", f"{{appointments(filter:{{status:[{literal}]}}){{nodes{{id}}}}}}"
    )
