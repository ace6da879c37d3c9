"""The types of the Strawberry target, as its users write them: the measured part of the schema.
`strawberry_app.py` resolves and serves them."""

from collections.abc import Callable
from enum import Enum
from typing import Annotated, NewType

import orjson
import strawberry
from strawberry.types.scalar import ScalarDefinition

from .floor.reads import SWITCHES
from .floor.storage import link, shown, stored

Instant = NewType("Instant", str)
# Instants are kept as text here too, so that no target pays for a conversion alone.
SCALARS: dict[object, ScalarDefinition] = {
    Instant: ScalarDefinition(
        name="DateTime",
        description=None,
        specified_by_url=None,
        serialize=shown,
        parse_value=stored,
        parse_literal=None,
    )
}


@strawberry.enum
class AppointmentStatus(Enum):
    SCHEDULED = "scheduled"
    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


@strawberry.enum
class ParticipantRole(Enum):
    MODERATOR = "moderator"
    PARTICIPANT = "participant"


@strawberry.type
class Organization:
    name: str


@strawberry.type
class AppointmentConfig:
    breakout_rooms_enabled: bool | None = None
    whiteboard_enabled: bool | None = None
    chat_enabled: bool | None = None
    join_screen_enabled: bool | None = None
    screenshare_enabled: bool | None = None
    raise_hand_enabled: bool | None = None


@strawberry.type
class Participant:
    id: strawberry.ID
    unique_id: str
    display_name: str | None
    role: ParticipantRole
    version: strawberry.Private[int]

    @strawberry.field
    def access_link(self) -> str:
        return link(self.id, self.version)


@strawberry.type
class ParticipantConnection:
    nodes: list[Participant]


@strawberry.type
class PageInfo:
    has_next_page: bool


@strawberry.type
class Appointment:
    id: strawberry.ID
    title: str
    start_date_time: Instant
    duration_minutes: int
    status: AppointmentStatus
    participant_count: int
    organization: Organization
    created_at: Instant
    updated_at: Instant
    config_text: strawberry.Private[str | None]
    guests: strawberry.Private[Callable[[str], list[Participant]]]

    @strawberry.field
    def config(self) -> AppointmentConfig | None:
        if self.config_text is None:
            return None
        return AppointmentConfig(**orjson.loads(self.config_text))

    @strawberry.field
    def participants(self) -> ParticipantConnection:
        return ParticipantConnection(nodes=self.guests(self.id))


@strawberry.type
class AppointmentConnection:
    total_count: int
    page_info: PageInfo
    nodes: list[Appointment]


@strawberry.type
class FieldProblem:
    path: list[str]
    code: str
    message: str


@strawberry.type
class ValidationFailed:
    message: str
    fields: list[FieldProblem]


@strawberry.type
class AppointmentCreated:
    appointment: Appointment


CreateAppointmentResult = Annotated[
    AppointmentCreated | ValidationFailed, strawberry.union("CreateAppointmentResult")
]


@strawberry.input
class AppointmentFilter:
    starts_from: Instant | None = None
    starts_until: Instant | None = None


@strawberry.input
class AppointmentConfigInput:
    breakout_rooms_enabled: bool | None = None
    whiteboard_enabled: bool | None = None
    chat_enabled: bool | None = None
    join_screen_enabled: bool | None = None
    screenshare_enabled: bool | None = None
    raise_hand_enabled: bool | None = None

    def stored(self) -> dict[str, bool]:
        given = {name: getattr(self, name) for name in SWITCHES.values()}
        return {name: value for name, value in given.items() if value is not None}


@strawberry.input
class NewParticipant:
    unique_id: str
    role: ParticipantRole
    display_name: str | None = None


@strawberry.input
class NewAppointment:
    title: str
    start_date_time: Instant
    duration_minutes: int
    participants: list[NewParticipant]
    config: AppointmentConfigInput | None = None
