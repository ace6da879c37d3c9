"""The seeded data set: the same organizations, appointments and participants in every run.
`databases.py` writes it in each target's own tables, `operations.py` asks about it."""

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

# So far in the future that the clock never changes one of these appointments.
FIRST_START = datetime(2040, 1, 1, tzinfo=UTC)
FIRST_CREATION = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 365
PARTICIPANTS_EACH = 3
CANCELLED_ONE_IN = 10
FLAGS = (
    "breakout_rooms_enabled",
    "whiteboard_enabled",
    "chat_enabled",
    "join_screen_enabled",
    "screenshare_enabled",
    "raise_hand_enabled",
)
SUBJECTS = ("Beratung", "Consultation", "Überprüfung", "Follow-up", "Entrevue", "相談", "Intake")
NAMES = ("Ana Sousa", "Jürgen Groß", "Mei Lin", "Olu Adeyemi", "Sam O'Neil", "Zoë Dupont")


class Organization(NamedTuple):
    """One tenant with the one token the load generator uses for it."""

    id: str
    name: str
    token: str


class Participant(NamedTuple):
    """One participant; the names of the fields are those of the columns."""

    id: str
    unique_id: str
    display_name: str | None
    role: str


class Appointment(NamedTuple):
    """One appointment with its participants; instants are aware and in UTC."""

    id: str
    organization: Organization
    title: str
    start: datetime
    duration_minutes: int
    config: dict[str, bool] | None
    status: str
    created_at: datetime
    participants: tuple[Participant, ...]


class Size(NamedTuple):
    """How large the data set is; everything else follows from the seed."""

    appointments: int = 100_000
    organizations: int = 50
    seed: int = 2040

    @property
    def people_each(self) -> int:
        """Distinct people of one organization: each is in about twenty appointments."""
        return max(3, self.appointments * PARTICIPANTS_EACH // self.organizations // 20)


def ordered_id(instant: datetime, position: int, source: random.Random) -> str:
    """Make a UUIDv7 whose order is the order of `instant`, then `position` (below 4,096)."""
    milliseconds = int(instant.timestamp() * 1000)
    value = milliseconds << 80 | 0x7 << 76 | position << 64 | 0b10 << 62 | source.getrandbits(62)
    return str(uuid.UUID(int=value))


def organizations(size: Size) -> list[Organization]:
    """Return the tenants; their tokens are the same in every run."""
    source = random.Random(size.seed)
    return [
        Organization(
            ordered_id(FIRST_CREATION, number, source),
            f"Organization {number:02d}",
            f"bench-{number:02d}-{source.getrandbits(96):024x}",
        )
        for number in range(size.organizations)
    ]


def person(organization: Organization, number: int) -> str:
    """Return the unique id of a person, which no other organization uses."""
    return f"person-{number:04d}@{organization.name.split()[1]}.example.com"


def appointments(size: Size) -> Iterator[Appointment]:
    """Return the appointments in the order of their creation, organizations taking turns."""
    source = random.Random(size.seed + 1)
    tenants = organizations(size)
    for number in range(size.appointments):
        yield appointment(number, tenants[number % len(tenants)], size, source)


def appointment(
    number: int, organization: Organization, size: Size, source: random.Random
) -> Appointment:
    """Make one appointment; draws from `source` in a fixed order."""
    created_at = FIRST_CREATION + timedelta(
        seconds=30 * number, microseconds=source.randrange(1_000_000)
    )
    minutes = source.randrange(DAYS * 24 * 4) * 15
    cancelled = source.randrange(CANCELLED_ONE_IN) == 0
    return Appointment(
        id=ordered_id(created_at, 0, source),
        organization=organization,
        title=f"{source.choice(SUBJECTS)} {number}",
        start=FIRST_START + timedelta(minutes=minutes),
        duration_minutes=source.choice((15, 30, 45, 60, 90)),
        config=configuration(source),
        status="cancelled" if cancelled else "scheduled",
        created_at=created_at,
        participants=tuple(guests(created_at, organization, size, source)),
    )


def configuration(source: random.Random) -> dict[str, bool] | None:
    """Draw the switches of one appointment: none for a third, else some of the six."""
    if source.randrange(3) == 0:
        return None
    return {flag: bool(source.getrandbits(1)) for flag in FLAGS if source.getrandbits(1)}


def guests(
    created_at: datetime, organization: Organization, size: Size, source: random.Random
) -> Iterator[Participant]:
    """Draw different people for one appointment; the first moderates."""
    numbers = source.sample(range(size.people_each), PARTICIPANTS_EACH)
    for position, number in enumerate(numbers):
        yield Participant(
            ordered_id(created_at, position + 1, source),
            person(organization, number),
            source.choice(NAMES) if source.randrange(5) else None,
            "participant" if position else "moderator",
        )
