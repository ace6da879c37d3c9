"""Which appointments a list or a count takes in, and what lists are sorted by."""

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from ..models import AppointmentStatus

Shape = frozenset[str]
NO_STATUS = "no_status"


class OrderField(StrEnum):
    """What appointments can be sorted by."""

    START_DATE_TIME = "start_date_time"
    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"


class Filter(NamedTuple):
    """Conditions joined by AND; None does not restrict."""

    participant_unique_id: str | None = None
    starts_from: datetime | None = None
    starts_until: datetime | None = None
    status: tuple[AppointmentStatus, ...] | None = None

    @property
    def shape(self) -> Shape:
        """Names of the parameters that are bound: what the statement's text depends on."""
        return frozenset(self.values()) | ({NO_STATUS} if self.status == () else frozenset())

    def values(self) -> dict[str, Any]:
        """What the statement's parameters are bound to, each status to one of its own."""
        values = {name: value for name, value in self._asdict().items() if value is not None}
        for place, status in enumerate(dict.fromkeys(values.pop("status", ()))):
            values[f"status_{place}"] = status
        return values
