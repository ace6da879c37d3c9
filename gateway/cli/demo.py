"""A small demo organization: eight working days of a consulate, around the moment it is made.

Called by `gateway.cli.run` for an empty embedded database, never for one given by URL.
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


class Visit(NamedTuple):
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
    Visit(-3, 8.5, 45, "Passport renewal", BRANDT, (OKAFOR,), Status.COMPLETED),
    Visit(-3, 13, 60, "Power of attorney", HALE, (COSTA, INES), Status.COMPLETED, WITNESSED),
    Visit(-2, 9, 30, "Visa interview", BRANDT, (TRAN, LAN), Status.NO_SHOW, QUIET),
    Visit(-1, 10, 45, "Emergency travel document", BRANDT, (NOVAK,), Status.COMPLETED),
    Visit(
        -1, 14, 60, "Legalisation of a school certificate", HALE, (DEMIR, YUSUF),
        Status.CANCELLED, WITNESSED, "The school sends the certified copy next week.",
    ),
    Visit(1, 8.5, 30, "Visa interview", BRANDT, (TRAN, LAN), config=QUIET),
    Visit(1, 12, 60, "Marriage abroad: declaration", HALE, (SILVA, COSTA, INES), config=WITNESSED),
    Visit(2, 9.5, 90, "Voting abroad: briefing", HALE, (OKAFOR, NOVAK, ARSLAN), config=GROUP),
    Visit(3, 13.5, 45, "Residence certificate", BRANDT, (ARSLAN, YUSUF)),
    Visit(4, 10, 60, "Naturalisation interview", HALE, (DEMIR, YUSUF), config=WITNESSED),
)  # fmt: skip
# These two stand around the present moment, whatever day and hour it is.
PRESENT = Visit(0, 0, 60, "Birth registration", HALE, (SILVA, INES), Status.ACTIVE, WITNESSED)
NEXT = Visit(0, 0, 30, "Passport for a child", BRANDT, (OKAFOR,))


@dataclass
class StagedClock:
    """A clock that tells the moment that is being made up."""

    instant: datetime

    def now(self) -> datetime:
        """Returns the moment that is being made up."""
        return self.instant

    def elapsed(self) -> float:
        """Returns what the moment says: nobody asks a made-up clock whether it jumped."""
        return self.instant.timestamp()


class Step(NamedTuple):
    """Something that happened to a visit, and when."""

    at: datetime
    place: int
    do: Callable[["Stage", int], Awaitable[None]]


class Stage:
    """Plays the visits in the order of time, so that the event log tells a story."""

    def __init__(self, call: Call, clock: StagedClock, visits: list[tuple[datetime, Visit]]):
        self.call = call
        self.clock = clock
        self.visits = visits
        self.ids: dict[int, ID] = {}

    async def play(self) -> None:
        """Does everything that had happened by now, with the operations that the faces use."""
        now = self.clock.now()
        steps = [
            step
            for place, (start, visit) in enumerate(self.visits)
            for step in _steps(place, start, visit, now)
        ]
        for step in sorted(steps, key=lambda step: step.at):
            self.clock.instant = step.at
            await step.do(self, step.place)
        self.clock.instant = now

    async def book(self, place: int) -> None:
        """Somebody at the consulate books the visit."""
        start, visit = self.visits[place]
        wanted = NewAppointment(
            title=visit.title,
            start_date_time=start,
            duration_minutes=visit.minutes,
            participants=[
                _participant(visit.officer, ParticipantRole.MODERATOR),
                *(_participant(guest, ParticipantRole.PARTICIPANT) for guest in visit.guests),
            ],
            config=AppointmentConfigInput(**visit.config) if visit.config else None,
        )
        self.ids[place] = ID((await create_appointment(self.call, input=wanted)).id)

    async def open(self, place: int) -> None:
        """The officer opens it."""
        await start_appointment(self.call, self.ids[place])

    async def finish(self, place: int) -> None:
        """The officer ends it."""
        await complete_appointment(self.call, self.ids[place])

    async def call_off(self, place: int) -> None:
        """The officer calls it off."""
        await cancel_appointment(self.call, self.ids[place], reason=self.visits[place][1].reason)

    async def miss(self, place: int) -> None:
        """Nobody came; the clock notices."""
        await advance(self.call.services, GRACE)


async def seed(services: Services, clock: StagedClock) -> str:
    """Makes the demo organization with its week and returns the text of its token.

    `clock` is the one of the services; it shows the same moment afterwards as before.
    """
    now = clock.now()
    issued = await create_token(services.database, NewToken(NAME, name=TOKEN_NAME), now)
    token = issued.token
    scopes = tuple(token.scopes.split())
    caller = Caller(token.organization_id, NAME, token.id, token.name, scopes)
    call = Call(caller, services, EventSource.CLI, "demo")
    await Stage(call, clock, _visits(now)).play()
    return issued.text


def _visits(now: datetime) -> list[tuple[datetime, Visit]]:
    quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    around = [
        (quarter - timedelta(minutes=15), PRESENT),
        (quarter + timedelta(minutes=75), NEXT),
    ]
    week = [(_working_day(midnight, v.day) + timedelta(hours=v.hour), v) for v in WEEK]
    return [*week, *around]


def _working_day(today: datetime, count: int) -> datetime:
    """Returns the day `count` working days from today; consulates rest at the weekend."""
    step = timedelta(days=1 if count > 0 else -1)
    while count:
        today += step
        if today.weekday() < 5:
            count -= 1 if step.days > 0 else -1
    return today


def _steps(place: int, start: datetime, visit: Visit, now: datetime) -> list[Step]:
    end = start + timedelta(minutes=visit.minutes)
    steps = [Step(min(start - BOOKED_AHEAD, now), place, Stage.book)]
    if visit.outcome in {Status.ACTIVE, Status.COMPLETED}:
        steps.append(Step(start, place, Stage.open))
    if visit.outcome is Status.COMPLETED:
        steps.append(Step(end, place, Stage.finish))
    if visit.outcome is Status.NO_SHOW:
        steps.append(Step(end + GRACE + timedelta(seconds=1), place, Stage.miss))
    if visit.outcome is Status.CANCELLED:
        steps.append(Step(start - timedelta(hours=20), place, Stage.call_off))
    return steps


def _participant(person: Person, role: ParticipantRole) -> NewParticipant:
    unique_id, name = person
    return NewParticipant(unique_id=unique_id, display_name=name, role=role)
