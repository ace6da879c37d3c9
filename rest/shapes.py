"""Rows as the documented JSON, keys in the documented order.

The functions are compiled from the table of fields when this is imported: a row then costs no call.
Date-times and enumerations are left to `rest.wire.answer`.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from db.models import (
    AppointmentItem,
    AppointmentRow,
    LoggedEvent,
    ParticipantEvent,
    ParticipantItem,
    ParticipantRow,
    Person,
)
from schema.operation.call import Call
from schema.resolvers.cursors import write_event_cursor

from . import event_fields, fields
from .fields import Field, Json, Table

# What no column holds: looked up once for all rows of an answer.
FROM_THE_CALL = {
    "organization_name": "call.caller.organization_name",
    "link_to": "call.services.links.url",
    "log_of": "call.caller.organization_id",
}


class NoColumn(Exception):
    """An answer shows a field that neither a column nor an expression fills."""


def _compiled(heading: str, shown: list[Field], body: str, **names: Any) -> Any:
    values = {each.name: each.value or each.name for each in shown}
    content = ", ".join(f"{name!r}: {value}" for name, value in values.items())
    found = [
        f"    {name} = {source}"
        for name, source in FROM_THE_CALL.items()
        if any(name in value for value in values.values())
    ]
    text = "\n".join([f"def render{heading}:", *found, body.format(f"{{{content}}}")])
    # The text holds names of fields and columns only, nothing that a client sent.
    exec(compile(text, "<rest.shapes>", "exec"), names)  # noqa: S102
    return names["render"]


def _one(table: Table, answer: str, row: Any, **names: Any) -> Any:
    """Compiles what renders one row."""
    body = f"    {', '.join(row._fields)} = row\n    return {{}}"
    return _compiled("(call, row)", _shown(table, answer, row), body, **names)


def _many(table: Table, answer: str, row: Any, **names: Any) -> Any:
    """Compiles what renders a list of rows, which may have more columns than `row`."""
    body = f"    return [{{}} for {', '.join(row._fields)}, *_ in rows]"
    return _compiled("(call, rows)", _shown(table, answer, row), body, **names)


def _shown(table: Table, answer: str, row: Any) -> list[Field]:
    shown = table.shown(answer)
    known = {*row._fields, *FROM_THE_CALL}
    for each in shown:
        if not each.value and each.name not in known:
            raise NoColumn(
                f"{answer} shows {each.name!r}, and {row.__name__} has no such column: add it"
                " there, or give the field a `value` in rest/fields.py"
            )
    return shown


One = Callable[[Call, AppointmentRow], Json]
OnePerson = Callable[[Call, ParticipantRow], Json]

participant: OnePerson = _one(fields.PARTICIPANT, fields.PERSON, ParticipantRow)
participant_changed: OnePerson = _one(fields.PARTICIPANT, fields.PERSON_CHANGED, ParticipantRow)
participants: Callable[[Call, Iterable[Person]], list[Json]] = _many(
    fields.PARTICIPANT, fields.PERSON, ParticipantItem
)
appointment: One = _one(
    fields.APPOINTMENT, fields.DETAIL, AppointmentRow, render_people=participants
)
appointment_changed: One = _one(fields.APPOINTMENT, fields.CHANGED, AppointmentRow)
appointment_items: Callable[[Call, Sequence[AppointmentItem]], list[Json]] = _many(
    fields.APPOINTMENT, fields.ITEM, AppointmentItem
)
events: Callable[[Call, Iterable[LoggedEvent]], list[Json]] = _many(
    event_fields.EVENT, event_fields.LOGGED, ParticipantEvent, write_cursor=write_event_cursor
)
