"""Filters and sort orders of lists of appointments."""

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from ..models import AppointmentStatus

Shape = frozenset[str]
NO_STATUS = "no_status"
OF_PERSON: Shape = frozenset({"participant_unique_id"})


class OrderField(StrEnum):
    """What appointments can be sorted by."""

    START_DATE_TIME = "start_date_time"
    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"


class Sorting(NamedTuple):
    """A column to sort by, and which of its ends comes first."""

    field: OrderField
    descending: bool


LATEST_FIRST = (Sorting(OrderField.START_DATE_TIME, True),)


class Filter(NamedTuple):
    """Conditions joined by AND; None does not restrict."""

    participant_unique_id: str | None = None
    starts_from: datetime | None = None
    starts_until: datetime | None = None
    status: tuple[AppointmentStatus, ...] | None = None
    updated_since: datetime | None = None

    @property
    def shape(self) -> Shape:
        """Names of the bound parameters, which determine the text of the statement."""
        return frozenset(self.values()) | ({NO_STATUS} if self.status == () else frozenset())

    def values(self) -> dict[str, Any]:
        """The values of the statement's parameters; each status has a parameter of its own."""
        values: dict[str, Any] = {}
        if self.participant_unique_id is not None:
            values["participant_unique_id"] = self.participant_unique_id
        if self.starts_from is not None:
            values["starts_from"] = self.starts_from
        if self.starts_until is not None:
            values["starts_until"] = self.starts_until
        if self.updated_since is not None:
            values["updated_since"] = self.updated_since
        for place, status in enumerate(dict.fromkeys(self.status or ())):
            values[f"status_{place}"] = status
        return values
