"""What is asked of a database every day, with values of an appointment in the middle of the list."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from db.engine import Database, Tenancy
from db.models import AppointmentItem, AppointmentStatus, EventType, ParticipantRow
from db.queries import appointments, events, histogram, participants, rooms, system
from db.queries.appointments import KeysetPage, Position
from db.queries.filters import Filter, OrderField, Sorting
from db.statement import Statement

SCHEDULED, COMPLETED = AppointmentStatus.SCHEDULED, AppointmentStatus.COMPLETED
MISSED = AppointmentStatus.NO_SHOW


LATEST = KeysetPage(1, OrderField.UPDATED_AT)


class Subject(NamedTuple):
    """An organization, and an appointment and a person in the middle of it."""

    organization_id: str
    appointment: AppointmentItem
    person: ParticipantRow
    last_event: int
    latest: datetime


class Question(NamedTuple):
    """A statement with its values; `may_sort` where few rows are sorted on purpose."""

    name: str
    statement: Statement[Any]
    values: Mapping[str, Any]
    may_sort: bool = False
    crosses: bool = False


async def subject_of(database: Database, organization_id: str) -> Subject:
    """Returns the subject of the questions."""
    async with database.read(organization_id) as transaction:
        tx = Tenancy(transaction, organization_id)
        middle = await appointments.count(tx, Filter()) // 2
        (found,) = await appointments.offset_page(tx, Filter(), 1, middle)
        people = await participants.all_of(tx, found.id)
        ends = await events.ends(tx)
        (latest,) = await appointments.keyset_page(tx, Filter(), LATEST)
    return Subject(organization_id, found, people[-1], ends.last, latest.updated_at)


def questions(subject: Subject) -> Iterator[Question]:
    """Yields them all."""
    found = (*_rows(subject), *_lists(subject), *_log(subject), *_rooms(subject))
    for question in (*found, *_across(subject)):
        within = {} if question.crosses else {"organization_id": subject.organization_id}
        yield question._replace(values={**question.values, **within})


def _rows(subject: Subject) -> Iterator[Question]:
    appointment, person = subject.appointment, subject.person
    yield Question("retrieve", appointments._BY_ID, {"id": appointment.id})
    yield Question("retrieve several", appointments._BY_IDS, {"ids": [appointment.id] * 3})
    yield Question("a participant", participants._BY_ID, {"id": person.id})
    of = {"appointment_id": appointment.id}
    yield Question("participants of one", participants._ALL_OF, of, may_sort=True)
    many = {"appointment_ids": [appointment.id] * 20}
    yield Question("participants of a page", participants._ITEMS_OF_MANY, many, may_sort=True)
    yield Question(
        "a page of participants of each",
        participants._pages(False, False, False), many | {"limit": 21}, may_sort=True,
    )  # fmt: skip


FILTERS = {
    "everything": Filter(),
    "a status": Filter(status=(COMPLETED,)),
    "two statuses": Filter(status=(SCHEDULED, MISSED)),
}


def _lists(subject: Subject) -> Iterator[Question]:
    start = subject.appointment.start_date_time
    dates = {"starts_from": start - timedelta(days=3), "starts_until": start}
    person = Filter(subject.person.unique_id)
    wanted = FILTERS | {
        "a span": Filter(**dates),
        "a status in a span": Filter(status=(COMPLETED,), **dates),
        "a person": person,
        "a status of a person": person._replace(status=(COMPLETED,)),
        "what changed": Filter(updated_since=subject.latest - timedelta(hours=1)),
    }
    for name, each in wanted.items():
        is_found = "person" in name or "changed" in name
        if each.status is None or is_found:
            yield _counted(name, each, may_sort=is_found)
        values = {**each.values(), "limit": 20, "offset": 0}
        statement = appointments._offset_page(each.shape)
        yield Question(f"numbered page of {name}", statement, values, may_sort=is_found)
        yield from _next_pages(subject, name, each, OrderField.START_DATE_TIME, is_found)
    for field in (OrderField.CREATED_AT, OrderField.UPDATED_AT):
        yield from _next_pages(subject, f"everything by {field}", Filter(), field, False)
    since = wanted["what changed"]
    yield from _next_pages(subject, "what changed, in order", since, OrderField.UPDATED_AT, False)
    ordered = Sorting(OrderField.CREATED_AT, False)
    asked = appointments._offset_page(frozenset(), ordered)
    yield Question("numbered page in another order", asked, {"limit": 20, "offset": 0})
    yield from _places(subject)


def _counted(name: str, wanted: Filter, *, may_sort: bool) -> Question:
    if not may_sort and wanted.starts_from is not None:
        statement = appointments._count_few(wanted.shape)
        return Question(f"count of {name}", statement, {**wanted.values(), "most": 1000})
    return Question(f"count of {name}", appointments._count(wanted.shape), wanted.values())


def _next_pages(
    subject: Subject, name: str, wanted: Filter, field: OrderField, may_sort: bool
) -> Iterator[Question]:
    """Pages over a cursor, both ways, and the first and the last one."""
    key = getattr(subject.appointment, field, subject.person.created_at)
    position = Position(key, subject.appointment.id)
    for kind, page in {
        "first": KeysetPage(21, field),
        "last": KeysetPage(21, field, backwards=True),
        "next": KeysetPage(21, field, after=position),
        "next the other way": KeysetPage(21, field, descending=False, after=position),
        "previous": KeysetPage(21, field, backwards=True, before=position),
    }.items():
        statement = appointments._keyset_page(*appointments._variant(wanted, page))
        values = {**wanted.values(), "limit": 21}
        for end in ("after", "before"):
            if getattr(page, end) is not None:
                values |= {f"{end}_key": position.key, f"{end}_id": position.id}
        yield Question(f"{kind} page of {name}", statement, values, may_sort)


def _places(subject: Subject) -> Iterator[Question]:
    at = subject.appointment.start_date_time
    hour = at.replace(minute=0, second=0, microsecond=0)
    text = hour.isoformat()
    periods = {name: text[:length] for name, length in histogram.LENGTHS.items()}
    yield Question("how many of a status", histogram._total(1), {"status_0": COMPLETED})
    values = {**periods, "begins_at": hour, "instant": at, "status_0": COMPLETED}
    yield Question("how many before", histogram._before(1), values)
    # A level of the histogram has 31 periods at most, apart from the months.
    yield Question("page 5,000", histogram._hour(0, True), {"place": 900}, may_sort=True)


def _log(subject: Subject) -> Iterator[Question]:
    after, of = subject.last_event - 200, {"appointment_id": subject.appointment.id}
    reach = {"after": after, "until": subject.last_event, "limit": 26}
    types = {"types": [EventType.APPOINTMENT_CREATED, EventType.PARTICIPANT_JOINED]}
    yield Question("resume", events._AFTER, {"after": after, "limit": 100})
    yield Question("resume a part", events._part(False, False), reach)
    yield Question("resume of some types", events._part(False, True), reach | types)
    yield Question("resume of an appointment", events._part(True, False), reach | of, True)
    nth = {**of, "after": 0, "skipped": 3}
    yield Question("the nth event", events._NTH_OF_APPOINTMENT, nth, may_sort=True)
    people = {"participant_ids": [subject.person.id] * 20, "limit": 50}
    yield Question("presence", events._PRESENCE, people, may_sort=True)
    for type, statement in events._BACK.items():
        latest = {"participant_id": subject.person.id, "skipped": 1}
        yield Question(f"the latest {type}", statement, latest, may_sort=True)
    yield Question("a known event", events._BY_ID, {"id": subject.person.id})
    yield Question("the oldest events", events._OLDEST, {"after": 0, "limit": 500})
    yield Question("how far the log reaches", events._ENDS, {})


def _rooms(subject: Subject) -> Iterator[Question]:
    of = {"appointment_id": subject.appointment.id}
    yield Question("who is in a room", rooms._OCCUPANTS, of, may_sort=True)
    yield Question("the seats of a room", rooms._OF_ROOM, of, may_sort=True)
    some = of | {"participant_ids": [subject.person.id]}
    yield Question("the seats of somebody", rooms._OF_PEOPLE, some)


def _across(subject: Subject) -> Iterator[Question]:
    now = subject.person.created_at
    for name, statement, values in (
        ("a link", system._HOME, {"id": subject.person.id}),
        ("a token", system._TOKEN_BY_DIGEST, {"digest": "d" * 64}),
        ("tokens to import", system._KNOWN_DIGESTS, {"digests": ["d" * 64] * 50}),
        ("due by the clock", system._DUE, {"before": now, "limit": 100}),
        ("how long it has been due", system._OLDEST_DUE, {"before": now}),
        ("a seat that somebody comes back to", system._SEAT_HOME, {"id": subject.person.id}),
    ):
        yield Question(name, statement, values, crosses=True)
