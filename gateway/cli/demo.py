"""A small demo organization: eight working days of a consulate, around the current time.

Only for an empty embedded database, never for one given by URL.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from strawberry import ID

from db.models import AppointmentStatus, EventSource, ParticipantRole
from schema.inputs import AppointmentConfigInput, NewAppointment, NewParticipant
from schema.operation.call import Call, Caller, Services
from schema.operator.tokens import NewToken, create_token
from schema.resolvers.appointments import create_appointment
from schema.resolvers.clockwork import advance
from schema.resolvers.lifecycle import (
    cancel_appointment,
    complete_appointment,
    start_appointment,
)

NAME = "Consulate General of Arcadia"
TOKEN_NAME = "Demo"  # noqa: S105  (what the list of tokens calls it)
BOOKED_AHEAD = timedelta(days=9, hours=3)
GRACE = timedelta(minutes=30)

Status = AppointmentStatus
Person = tuple[str, str]

HALE: Person = ("m.hale@arcadia.example", "Consul Miriam Hale")
BRANDT: Person = ("j.brandt@arcadia.example", "Vice-Consul Jonas Brandt")
INES: Person = ("ines.duarte@interpreters.example", "Inês Duarte (interpreter, pt)")
YUSUF: Person = ("yusuf.kaya@interpreters.example", "Yusuf Kaya (interpreter, tr)")
LAN: Person = ("lan.pham@interpreters.example", "Phạm Lan (interpreter, vi)")


class Entry(NamedTuple):
    """One appointment of the demo; `day` counts working days from today."""

    day: int
    hour: float
    minutes: int
    title: str
    officer: Person
    guests: tuple[Person, ...]
    outcome: AppointmentStatus = Status.SCHEDULED
    config: dict[str, bool] | None = None
    reason: str | None = None


WITNESSED = {"screenshare_enabled": True, "chat_enabled": True, "join_screen_enabled": True}
QUIET = {"chat_enabled": False, "raise_hand_enabled": True}
GROUP = {"breakout_rooms_enabled": True, "whiteboard_enabled": True, "raise_hand_enabled": True}

COSTA: Person = ("r.costa@mail.example", "Rafael Costa")
OKAFOR: Person = ("amara.okafor@mail.example", "Amara Okafor")
DEMIR: Person = ("elif.demir@mail.example", "Elif Demir")
TRAN: Person = ("tran.linh@mail.example", "Trần Thị Linh")
NOVAK: Person = ("petra.novakova@mail.example", "Petra Nováková")
SILVA: Person = ("beatriz.silva@mail.example", "Beatriz Silva")
ARSLAN: Person = ("kerem.arslan@mail.example", "Kerem Arslan")

WEEK = (
    Entry(-3, 8.5, 45, "Passport renewal", BRANDT, (OKAFOR,), Status.COMPLETED),
    Entry(-3, 13, 60, "Power of attorney", HALE, (COSTA, INES), Status.COMPLETED, WITNESSED),
    Entry(-2, 9, 30, "Visa interview", BRANDT, (TRAN, LAN), Status.NO_SHOW, QUIET),
    Entry(-1, 10, 45, "Emergency travel document", BRANDT, (NOVAK,), Status.COMPLETED),
    Entry(
        -1, 14, 60, "Legalisation of a school certificate", HALE, (DEMIR, YUSUF),
        Status.CANCELLED, WITNESSED, "The school sends the certified copy next week.",
    ),
    Entry(1, 8.5, 30, "Visa interview", BRANDT, (TRAN, LAN), config=QUIET),
    Entry(1, 12, 60, "Marriage abroad: declaration", HALE, (SILVA, COSTA, INES), config=WITNESSED),
    Entry(2, 9.5, 90, "Voting abroad: briefing", HALE, (OKAFOR, NOVAK, ARSLAN), config=GROUP),
    Entry(3, 13.5, 45, "Residence certificate", BRANDT, (ARSLAN, YUSUF)),
    Entry(4, 10, 60, "Naturalisation interview", HALE, (DEMIR, YUSUF), config=WITNESSED),
)  # fmt: skip
# These two are placed around the current time, whatever the day and hour.
PRESENT = Entry(0, 0, 60, "Birth registration", HALE, (SILVA, INES), Status.ACTIVE, WITNESSED)
NEXT = Entry(0, 0, 30, "Passport for a child", BRANDT, (OKAFOR,))


@dataclass
class StagedClock:
    """A clock that is set to the time of each step."""

    instant: datetime

    def now(self) -> datetime:
        """Returns the time of the step."""
        return self.instant

    def elapsed(self) -> float:
        """Returns the same time in seconds, so that this clock never seems to jump."""
        return self.instant.timestamp()


class Step(NamedTuple):
    """One change of an entry, and when it happens."""

    at: datetime
    place: int
    do: Callable[["Stage", int], Awaitable[None]]


class Stage:
    """Performs the steps of all entries in chronological order, as the event log needs it."""

    def __init__(self, call: Call, clock: StagedClock, entries: list[tuple[datetime, Entry]]):
        self.call = call
        self.clock = clock
        self.entries = entries
        self.ids: dict[int, ID] = {}

    async def play(self) -> None:
        """Performs every step up to now, with the operations that the faces use."""
        now = self.clock.now()
        steps = [
            step
            for place, (start, entry) in enumerate(self.entries)
            for step in _steps(place, start, entry, now)
        ]
        for step in sorted(steps, key=lambda step: step.at):
            self.clock.instant = step.at
            await step.do(self, step.place)
        self.clock.instant = now

    async def book(self, place: int) -> None:
        """Books the appointment of an entry."""
        start, entry = self.entries[place]
        wanted = NewAppointment(
            title=entry.title,
            start_date_time=start,
            duration_minutes=entry.minutes,
            participants=[
                _participant(entry.officer, ParticipantRole.MODERATOR),
                *(_participant(guest, ParticipantRole.PARTICIPANT) for guest in entry.guests),
            ],
            config=AppointmentConfigInput(**entry.config) if entry.config else None,
        )
        self.ids[place] = ID((await create_appointment(self.call, input=wanted)).id)

    async def open(self, place: int) -> None:
        """Starts the appointment."""
        await start_appointment(self.call, self.ids[place])

    async def finish(self, place: int) -> None:
        """Completes the appointment."""
        await complete_appointment(self.call, self.ids[place])

    async def call_off(self, place: int) -> None:
        """Cancels the appointment."""
        await cancel_appointment(self.call, self.ids[place], reason=self.entries[place][1].reason)

    async def miss(self, place: int) -> None:
        """Lets the clock mark the appointment as a no-show."""
        await advance(self.call.services, GRACE)


async def seed(services: Services, clock: StagedClock) -> str:
    """Creates the demo organization with its appointments and returns its token.

    `clock` must be the clock of the services; afterwards it shows the same time as before.
    """
    now = clock.now()
    issued = await create_token(services.database, NewToken(NAME, name=TOKEN_NAME), now)
    token = issued.token
    scopes = tuple(token.scopes.split())
    caller = Caller(token.organization_id, NAME, token.id, token.name, scopes)
    call = Call(caller, services, EventSource.CLI, "demo")
    await Stage(call, clock, _entries(now)).play()
    return issued.text


def _entries(now: datetime) -> list[tuple[datetime, Entry]]:
    quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    around = [
        (quarter - timedelta(minutes=15), PRESENT),
        (quarter + timedelta(minutes=75), NEXT),
    ]
    week = [(_working_day(midnight, v.day) + timedelta(hours=v.hour), v) for v in WEEK]
    return [*week, *around]


def _working_day(today: datetime, count: int) -> datetime:
    """Returns the day `count` working days from today; Saturdays and Sundays do not count."""
    step = timedelta(days=1 if count > 0 else -1)
    while count:
        today += step
        if today.weekday() < 5:
            count -= 1 if step.days > 0 else -1
    return today


def _steps(place: int, start: datetime, entry: Entry, now: datetime) -> list[Step]:
    end = start + timedelta(minutes=entry.minutes)
    steps = [Step(min(start - BOOKED_AHEAD, now), place, Stage.book)]
    if entry.outcome in {Status.ACTIVE, Status.COMPLETED}:
        steps.append(Step(start, place, Stage.open))
    if entry.outcome is Status.COMPLETED:
        steps.append(Step(end, place, Stage.finish))
    if entry.outcome is Status.NO_SHOW:
        steps.append(Step(end + GRACE + timedelta(seconds=1), place, Stage.miss))
    if entry.outcome is Status.CANCELLED:
        steps.append(Step(start - timedelta(hours=20), place, Stage.call_off))
    return steps


def _participant(person: Person, role: ParticipantRole) -> NewParticipant:
    unique_id, name = person
    return NewParticipant(unique_id=unique_id, display_name=name, role=role)
