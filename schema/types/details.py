"""Parts of appointments and participants that have no id of their own."""

from datetime import datetime

import strawberry
from strawberry import Parent

from ..domain.admission import AdmissionCode


@strawberry.type(
    description="Room features. Null: the appointment did not set the flag, "
    "and the platform default applies."
)
class AppointmentConfig:
    """The six documented switches, read from the stored document."""

    @strawberry.field(description="Whether the room can be split into smaller ones.")
    def breakout_rooms_enabled(row: Parent[dict[str, bool]]) -> bool | None:
        return row.get("breakout_rooms_enabled")

    @strawberry.field(description="Whether there is a shared whiteboard.")
    def whiteboard_enabled(row: Parent[dict[str, bool]]) -> bool | None:
        return row.get("whiteboard_enabled")

    @strawberry.field(description="Whether people can write to each other.")
    def chat_enabled(row: Parent[dict[str, bool]]) -> bool | None:
        return row.get("chat_enabled")

    @strawberry.field(description="Whether devices are checked before joining.")
    def join_screen_enabled(row: Parent[dict[str, bool]]) -> bool | None:
        return row.get("join_screen_enabled")

    @strawberry.field(description="Whether people can share their screens.")
    def screenshare_enabled(row: Parent[dict[str, bool]]) -> bool | None:
        return row.get("screenshare_enabled")

    @strawberry.field(description="Whether people can raise a hand.")
    def raise_hand_enabled(row: Parent[dict[str, bool]]) -> bool | None:
        return row.get("raise_hand_enabled")


@strawberry.type(description="One stay in the room.")
class Attendance:
    """One stay, over a Stay."""

    joined_at: datetime = strawberry.field(description="When the person came in.")
    left_at: datetime | None = strawberry.field(
        description="When the person left; null when the room service did not report it."
    )


@strawberry.type(description="Whether an access link leads in now, or why not.")
class Admission:
    """The decision that the join page shows, too."""

    code: AdmissionCode = strawberry.field(description="The decision.")
    message: str = strawberry.field(description="The decision in a sentence for people.")
    opens_at: datetime = strawberry.field(description="When the link opens.")
    closes_at: datetime = strawberry.field(description="When the link closes.")
    server_time: datetime = strawberry.field(description="The instant of the decision.")
