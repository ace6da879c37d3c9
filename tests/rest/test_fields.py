"""One table of fields: answers, OPTIONS, forms and OpenAPI show the same ones in the same order."""

import json
from dataclasses import fields as fields_of
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from db.models import AppointmentItem, AppointmentRow, ParticipantRow
from gateway.version import VERSION
from rest import bodies, fields, metadata, shapes
from rest.fields import Field, Table
from rest.input.objects import NoParser, Shape, plain
from rest.input.values import text
from rest.openapi.document import committed
from rest.openapi.schemas import NoSchema, schema_of
from schema.constraints import Rule
from schema.inputs import AppointmentChanges, NewAppointment, NewParticipant, ParticipantChanges

CALL: Any = SimpleNamespace(
    caller=SimpleNamespace(organization_name="Consulate"),
    services=SimpleNamespace(
        links=SimpleNamespace(url=lambda person, version: f"/join/{person}{version}")
    ),
)
NOW = datetime(2026, 11, 21, tzinfo=UTC)
PERSON = ParticipantRow("p", "a", "u", None, "moderator", 1, NOW, NOW)  # type: ignore[arg-type]
VALUES: dict[str, Any] = dict.fromkeys(AppointmentRow._fields, 1) | {
    "participants": (PERSON,),
    "config": None,
}
ROW = AppointmentRow(**VALUES)
LISTED = AppointmentItem(**{name: VALUES[name] for name in AppointmentItem._fields})
SCHEMAS = json.loads(committed(VERSION))["components"]["schemas"]
RENDERED = {
    "Appointment": shapes.appointment(CALL, ROW),
    "AppointmentItem": shapes.appointment_items(CALL, [LISTED])[0],
    "AppointmentChanged": shapes.appointment_changed(CALL, ROW),
    "Participant": shapes.participant(CALL, PERSON),
    "ParticipantChanged": shapes.participant_changed(CALL, PERSON),
}


@pytest.mark.parametrize("answer", RENDERED)
def test_an_answer_shows_what_is_documented_in_that_order(answer: str) -> None:
    assert list(RENDERED[answer]) == list(SCHEMAS[answer]["properties"])


def test_what_no_column_holds_is_found_as_well() -> None:
    assert RENDERED["Participant"]["access_link"] == "/join/p1"
    assert RENDERED["Appointment"]["participants"] == [RENDERED["Participant"]]
    assert RENDERED["AppointmentItem"]["organization_name"] == "Consulate"


def test_options_describe_what_the_detail_shows() -> None:
    assert list(metadata.APPOINTMENT) == list(RENDERED["Appointment"])
    assert list(metadata.PARTICIPANT) == list(RENDERED["Participant"])


@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        (bodies.NEW_APPOINTMENT, NewAppointment),
        (bodies.APPOINTMENT_CHANGES, AppointmentChanges),
        (bodies.NEW_PARTICIPANT, NewParticipant),
        (bodies.PARTICIPANT_CHANGES, ParticipantChanges),
    ],
)
def test_every_field_of_an_input_can_be_sent(shape: Any, kind: type[Any]) -> None:
    assert shape.names == {each.name for each in fields_of(kind)}


def test_a_new_field_needs_an_entry_and_nothing_else() -> None:
    place = Field("status_text", fields.TEXT, (fields.DETAIL,), "open", value="str(status)")
    table = Table(NewAppointment, (*fields.APPOINTMENT.fields, place))
    render = shapes._one(table, fields.DETAIL, AppointmentRow, render_people=shapes.participants)
    assert render(CALL, ROW) == {**RENDERED["Appointment"], "status_text": "1"}
    assert metadata._of_table(table, fields.DETAIL)["status_text"]["label"] == "Status text"


def test_a_field_that_cannot_be_parsed_is_named_when_the_service_starts() -> None:
    with pytest.raises(NoParser, match=r"NewParticipant\.role has no parser.*rest/fields\.py"):
        Shape(NewParticipant, dict.fromkeys(("unique_id", "display_name"), plain(text)))


def test_a_field_that_no_column_fills_is_named_when_the_service_starts() -> None:
    table = Table(NewAppointment, (Field("colour", fields.TEXT, (fields.DETAIL,)),))
    with pytest.raises(shapes.NoColumn, match=r"Appointment shows 'colour'.*AppointmentRow"):
        shapes._one(table, fields.DETAIL, AppointmentRow)


def test_a_value_without_a_schema_is_named() -> None:
    with pytest.raises(NoSchema, match=r"float.*rest\.openapi\.schemas"):
        schema_of(float, Rule())
