"""What OPTIONS answers about a path, in the words of the original service."""

from collections.abc import Mapping
from typing import Any

from annotated_types import Ge, Le, MaxLen

from schema.constraints import Rule

from . import fields
from .fields import Field, Json, Table
from .wire.request import FORM, JSON, MULTIPART

LIMITS = {MaxLen: ("max_length", "max_length"), Ge: ("min_value", "ge"), Le: ("max_value", "le")}


def _of_table(table: Table, answer: str) -> Json:
    rules, required = table.rules(), table.required()
    return {
        each.name: _of_field(each, rules.get(each.name), each.name in required)
        for each in table.shown(answer)
    }


def _of_field(field: Field, rule: Rule | None, is_required: bool) -> Json:
    described: Json = {
        "type": field.kind.type,
        "required": is_required,
        "read_only": field.is_read_only,
        "label": field.label,
    }
    if field.help_text:
        described["help_text"] = field.help_text
    return described | _limits(field, rule) | (field.kind.details or {})


def _limits(field: Field, rule: Rule | None) -> Json:
    # Lists show no limits, and neither did they in the original service.
    if rule is None or field.kind.parse is None:
        return {}
    found: Json = {}
    for constraint in rule.constraints:
        if constraint.__class__ in LIMITS:
            name, attribute = LIMITS[constraint.__class__]
            found[name] = getattr(constraint, attribute)
    return found


PARTICIPANT = _of_table(fields.PARTICIPANT, fields.PERSON)
APPOINTMENT = _of_table(fields.APPOINTMENT, fields.DETAIL)
APPOINTMENT["participants"]["child"] = {
    "type": "nested object",
    "required": True,
    "read_only": False,
    "children": PARTICIPANT,
}
# The bodies that OPTIONS describes, by the names of their components.
BODIES: Mapping[str, Json] = {
    "NewAppointment": APPOINTMENT,
    "AddedParticipants": PARTICIPANT,
    "RemovedParticipants": PARTICIPANT,
}


def options(name: str, body: Mapping[str, Any] | None) -> Json:
    """What OPTIONS answers; `body` describes what the caller may POST."""
    described: Json = {
        "name": name,
        "description": "",
        "renders": [JSON],
        "parses": [JSON, FORM, MULTIPART],
    }
    return described | {"actions": {"POST": body}} if body else described
