"""An invented agenda of an organization: who met whom, when, and what became of it.

Made in the order of time, so that any number of appointments needs little memory.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any, NamedTuple

from db.models import AppointmentRow, AppointmentStatus, EventSource, EventType, ParticipantRow

from ..domain import rules
from .cast import Cast, ordered_id

GRACE = timedelta(minutes=30)
QUARTER = timedelta(minutes=15)
OPENS, QUARTERS_OPEN = time(8), 36
MEAN_LEAD_DAYS, LONGEST_LEAD_DAYS = 10.0, 45.0
# The days over which bookings are spread: a million of them are three years of a large consulate.
LEAST_DAYS, MOST_DAYS, A_DAY = 30, 1095, 900
TITLES = (
    "Passport renewal",
    "Visa interview",
    "Power of attorney",
    "Birth registration",
    "Marriage abroad: declaration",
    "Legalisation of a certificate",
    "Naturalisation interview",
    "Residence certificate",
    "Emergency travel document",
    "Pension: certificate of life",
)
REASONS = ("A document is missing.", "Asked for a later date.", "Ill.", None)
CONFIGS: tuple[dict[str, bool] | None, ...] = (
    None,
    None,
    {"chat_enabled": False},
    {"chat_enabled": True, "screenshare_enabled": True},
    {"join_screen_enabled": True, "raise_hand_enabled": True},
)
DURATIONS = (15, 30, 30, 30, 45, 45, 60, 60, 90)
STAYS = frozenset({EventType.PARTICIPANT_JOINED, EventType.PARTICIPANT_LEFT})


class Booking(NamedTuple):
    """An appointment as it stands at the end, with its participants."""

    row: AppointmentRow
    people: list[ParticipantRow]


class Happened(NamedTuple):
    """Something that happened, sorted by when it did."""

    at: datetime
    place: int
    type: EventType
    appointment_id: str
    participant_id: str | None
    changed_fields: list[str]
    actor: str
    source: EventSource

    def event(self, id: str) -> dict[str, Any]:
        """Returns it as an event that has no number yet."""
        return {
            "id": id,
            "type": self.type,
            "appointment_id": self.appointment_id,
            "participant_id": self.participant_id,
            "changed_fields": self.changed_fields,
            "data": None,
            "actor": self.actor,
            "source": self.source,
            "request_id": "seed",
            "occurred_at": self.at,
        }


class Agenda:
    """`size` appointments that were booked up to `now`; the same for the same random numbers."""

    def __init__(self, size: int, now: datetime, random: Random) -> None:
        self.now = now
        self._size = size
        self._random = random
        self._cast = Cast(size, random)
        self._span = timedelta(days=min(MOST_DAYS, max(LEAST_DAYS, size / A_DAY)))
        self._places = count()
        self._ahead: list[Happened] = []

    def play(self) -> Iterator[Booking | Happened]:
        """Yields each booking, and all that happened, in the order of time."""
        step = self._span / self._size
        for place in range(self._size):
            created_at = self.now - self._span + step * (place + self._random.random())
            yield from self._until(created_at)
            yield self._book(created_at)
        yield from self._until(self.now)

    def _until(self, instant: datetime) -> Iterator[Happened]:
        while self._ahead and self._ahead[0].at <= instant:
            yield heappop(self._ahead)

    def _book(self, created_at: datetime) -> Booking:
        random = self._random
        start = self._start_after(created_at)
        minutes = random.choice(DURATIONS)
        id = ordered_id(created_at, 0, random)
        people = self._cast.people(id, created_at)
        row = AppointmentRow(
            id, random.choice(TITLES), start, minutes, random.choice(CONFIGS), rules.SCHEDULED,
            1, None, None, None, None, start + timedelta(minutes=minutes), created_at, created_at,
            len(people),
        )  # fmt: skip
        self._note(created_at, row, EventType.APPOINTMENT_CREATED)
        return Booking(self._live(row, people), people)

    def _start_after(self, created_at: datetime) -> datetime:
        lead = min(self._random.expovariate(1 / MEAN_LEAD_DAYS), LONGEST_LEAD_DAYS)
        day = created_at + timedelta(days=1 + lead)
        day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
        quarter = self._random.randrange(QUARTERS_OPEN)
        return datetime.combine(day.date(), OPENS, created_at.tzinfo) + quarter * QUARTER

    def _live(self, row: AppointmentRow, people: list[ParticipantRow]) -> AppointmentRow:
        """Takes an appointment through its life, as far as that lies before now."""
        luck = self._random.random()
        if luck < 0.08:
            between = row.start_date_time - row.created_at
            return self._step(row, rules.CANCEL, row.created_at + between * self._random.random())
        if luck < 0.16:
            return self._step(row, rules.MISS, row.end_date_time + GRACE)
        begun = self._step(row, rules.START, row.start_date_time, people[0])
        if begun.status is not AppointmentStatus.ACTIVE:
            return row
        self._attend(begun, people)
        if luck < 0.4:
            return self._step(begun, rules.EXPIRE, row.end_date_time + GRACE)
        return self._step(begun, rules.COMPLETE, row.end_date_time)

    def _step(
        self,
        row: AppointmentRow,
        step: rules.Transition,
        at: datetime,
        by: ParticipantRow | None = None,
    ) -> AppointmentRow:
        if at > self.now:
            return row
        reason = self._random.choice(REASONS) if step is rules.CANCEL else None
        values = rules.values_after(row, step, at, reason)
        changed = sorted(rules.changed(row, values).keys() - {"clock_end_at", "updated_at"})
        by_clock = step is rules.MISS or step is rules.EXPIRE
        self._note(at, row, step.event, changed, by=by, by_clock=by_clock)
        return row._replace(**values, version=row.version + 1)

    def _attend(self, row: AppointmentRow, people: list[ParticipantRow]) -> None:
        """Lets people join and leave: the moderator at the start, others a little later."""
        random, end = self._random, row.end_date_time
        late = timedelta(0)
        for person in people:
            if late and random.random() < 0.08:
                continue
            self._note(row.start_date_time + late, row, EventType.PARTICIPANT_JOINED, by=person)
            left_at = end - timedelta(seconds=random.randrange(120))
            self._note(left_at, row, EventType.PARTICIPANT_LEFT, by=person)
            late = timedelta(seconds=random.randrange(1, 240))

    def _note(
        self,
        at: datetime,
        row: AppointmentRow,
        type: EventType,
        changed: list[str] | None = None,
        *,
        by: ParticipantRow | None = None,
        by_clock: bool = False,
    ) -> None:
        if at > self.now:
            return
        actor, source = "seed", EventSource.CLI
        if by_clock:
            actor, source = "system", EventSource.CLOCK
        elif by is not None:
            left = type is EventType.PARTICIPANT_LEFT
            actor, source = "rooms" if left else f"participant:{by.id}", EventSource.LINK
        of = by.id if by is not None and type in STAYS else None
        place = next(self._places)
        heappush(self._ahead, Happened(at, place, type, row.id, of, changed or [], actor, source))
