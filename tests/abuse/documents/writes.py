"""Mutations: many in one request, large ones, ones that answer lists."""

from collections.abc import Iterator
from typing import Any

from ..people import People
from .document import Document, braced

NEW = 'title:"Abuse",startDateTime:"2031-05-05T10:00:00Z",durationMinutes:30'
ADD = "mutation($id:ID!,$v:[NewParticipant!]!){addParticipants(appointmentId:$id,participants:$v){...on ParticipantsAdded{added{id admission{code}} alreadyPresent{id admission{code} attendance{joinedAt}}}}}"
REMOVE = "mutation($id:ID!,$v:[ID!]!){removeParticipants(appointmentId:$id,participantIds:$v){...on ParticipantsRemoved{removedParticipantIds unknownIds}}}"
CREATE = "mutation($v:NewAppointment!){createAppointment(input:$v){...on AppointmentCreated{appointment{id participants(first:100){nodes{id accessLink}}}}}}"


def documents(people: People) -> Iterator[Document]:
    yield from many(people)
    yield from large(people)


def many(people: People) -> Iterator[Document]:
    """Many mutation fields in one operation."""
    for count in (5, 6, 50, 400):
        fields = (
            f"a{n}:createAppointment(input:{{{NEW},participants:[]}}){{__typename}}"
            for n in range(count)
        )
        yield Document(f"creates-{count}", "mutation" + braced(fields))
    deletes = (f'a{n}:deleteAppointment(id:"x{n}"){{__typename}}' for n in range(300))
    yield Document("deletes-300", "mutation" + braced(deletes))
    starts = (f'a{n}:startAppointment(id:"{people.appointment}"){{__typename}}' for n in range(5))
    yield Document("starts-5", "mutation" + braced(starts))


def large(people: People) -> Iterator[Document]:
    """Lists of participants and ids, below and over their limit."""
    for count in (100, 1_000, 1_001, 3_000, 10_000):
        yield Document(f"people-{count}", CREATE, {"v": booking(count)})
    full = {"id": people.crowded, "v": guests(1_000)}
    yield Document("already-present-1000", ADD, full)
    yield Document("duplicates-5000", ADD, {"id": people.crowded, "v": guests(1) * 5_000})
    for count in (1_000, 9_900, 20_000):
        ids = [f"{n:08d}-0000-7000-8000-000000000000" for n in range(count)]
        yield Document(f"remove-{count}", REMOVE, {"id": people.crowded, "v": ids})
    yield Document("title-900000", CREATE, {"v": {**booking(0), "title": "t" * 900_000}})
    long = {**booking(1), "participants": [{**guests(1)[0], "uniqueId": "u" * 900_000}]}
    yield Document("unique-id-900000", CREATE, {"v": long})


def booking(count: int) -> dict[str, Any]:
    """Returns a new appointment with so many people."""
    return {
        "title": "Abuse",
        "startDateTime": "2031-05-05T10:00:00Z",
        "durationMinutes": 30,
        "participants": guests(count),
    }


def guests(count: int) -> list[dict[str, Any]]:
    """Returns so many participants; the first thousand are those of the crowded appointment."""
    return [{"uniqueId": f"person-{n}@example.org", "role": "PARTICIPANT"} for n in range(count)]
