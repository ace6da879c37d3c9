"""The schemas of what is sent and what is answered, limits read off `schema.inputs`."""

import types
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Le, MaxLen, MinLen
from strawberry import Maybe

from db.models import AppointmentStatus, EventSource, EventType, ParticipantRole
from schema.constraints import Rule, Trimmed, rule_of, rules_of
from schema.inputs import AppointmentConfigInput, NewParticipants, ParticipantIds

from .. import bodies
from .. import fields as fields_of
from ..event_fields import EVENT, LOGGED
from ..fields import (
    APPOINTMENT,
    CHANGED,
    DETAIL,
    ITEM,
    PARTICIPANT,
    PERSON,
    PERSON_CHANGED,
    Field,
    Json,
    Table,
)
from ..input.objects import Shape
from ..routes import ADDED_BODIES

TEXT = fields_of.TEXT.schema
COUNT = fields_of.COUNT.schema
UUID = fields_of.ID.schema
INSTANT = fields_of.INSTANT.schema
URL = fields_of.URL.schema
KINDS: dict[Any, Json] = {
    str: TEXT,
    int: fields_of.NUMBER.schema,
    bool: {"type": "boolean"},
    datetime: INSTANT,
}
# What the original documentation calls an input.
NEW_PARTICIPANT = "AppointmentParticipantDetailRequest"
DOCUMENTED_NAMES = {"NewParticipant": NEW_PARTICIPANT}
VALUES_MAY_BE_ADDED = "Values may be added in a later release: accept one that you do not know."
OPTIONAL = (Union, types.UnionType)


class NoSchema(Exception):
    """A value of an input is of a class that the description has no schema for."""


def ref(section: str, name: str) -> Json:
    """Points at a component."""
    return {"$ref": f"#/components/{section}/{name}"}


def nullable(schema: Json) -> Json:
    """Lets the value be null as well."""
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "type": [schema["type"], "null"]}


def complete(properties: Json) -> Json:
    """An object that has all of these properties, and in a later release perhaps others."""
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
    }


def listed(item: Json, constraints: Iterable[Any] = ()) -> Json:
    """A list of such items."""
    schema: Json = {"type": "array", "items": item}
    for each in constraints:
        if isinstance(each, MaxLen):
            schema["maxItems"] = each.max_length
    return schema


def kind_of(annotation: Any) -> Any:
    """The class that an annotation is about, or the annotation of a list."""
    while get_origin(annotation) in (Annotated, Maybe, *OPTIONAL):
        members = [each for each in get_args(annotation) if each is not type(None)]
        annotation = members[0]
    return annotation


def schema_of(annotation: Any, rule: Rule) -> Json:
    """The schema of a value that is declared so, without null; raises NoSchema."""
    kind = kind_of(annotation)
    if rule.item is not None:
        return listed(schema_of(get_args(kind)[0], rule.item), rule.constraints)
    if is_dataclass(kind) or issubclass(kind, Enum):
        return ref("schemas", DOCUMENTED_NAMES.get(kind.__name__, kind.__name__))
    if kind not in KINDS:
        raise NoSchema(f"say what {kind.__name__} is in JSON: add it to KINDS in {__name__}")
    return KINDS[kind] | _limits(rule.constraints)


def _limits(constraints: Iterable[Any]) -> Json:
    found: Json = {}
    for each in constraints:
        if isinstance(each, MinLen):
            found["minLength"] = each.min_length
            if Trimmed() in constraints:
                found["pattern"] = r"\S"  # Blanks are trimmed before they are counted.
        elif isinstance(each, MaxLen):
            found["maxLength"] = each.max_length
        elif isinstance(each, Ge):
            found["minimum"] = each.ge
        elif isinstance(each, Le):
            found["maximum"] = each.le
    return found


def descriptions(kind: Any) -> dict[str, str]:
    """What an input class says about its fields."""
    # The fields of a Strawberry input are Strawberry's own and carry a description.
    found = {each.name: getattr(each, "description", None) for each in fields(kind)}
    return {name: text for name, text in found.items() if text}


def declared(kind: Any) -> Json:
    """The schemas of the fields of an input class by name, with descriptions, without null."""
    hints = get_type_hints(kind, include_extras=True)
    texts = descriptions(kind)
    return {
        name: schema_of(hints[name], rule) | ({"description": texts[name]} if name in texts else {})
        for name, rule in rules_of(kind).items()
    }


def sent(shape: Shape) -> Json:
    """An object as it is to be sent."""
    properties = declared(shape.kind)
    for each in shape.fields:
        if each.nullable:
            value = properties[each.name]
            texts = {name: value.pop(name) for name in ("description",) if name in value}
            properties[each.name] = nullable(value) | texts
    required = [each.name for each in shape.fields if each.required]
    schema: Json = {"type": "object", "properties": properties}
    return schema | ({"required": required} if required else {})


SWITCHES = declared(AppointmentConfigInput)


def answered(table: Table, answer: str) -> Json:
    """An answer that shows fields of a table."""
    rules, words = table.rules(), descriptions(table.input)
    return complete(
        {
            each.name: _field(each, rules.get(each.name, Rule()), words.get(each.name, ""))
            for each in table.shown(answer)
        }
    )


def _field(field: Field, rule: Rule, description: str) -> Json:
    if "$ref" in field.kind.schema or rule.item is not None:
        return nullable(field.kind.schema) if rule.nullable else field.kind.schema
    schema = field.kind.schema | _limits(rule.constraints)
    description = field.description or description
    schema |= {"description": description} if description else {}
    schema |= {"x-addition": True} if field.is_addition else {}
    return nullable(schema) if rule.nullable else schema


def _page(item: str) -> Json:
    link = {**nullable(URL), "description": "Absolute URL; null when there is no such page."}
    return complete(
        {
            "count": {**COUNT, "description": "Length of the whole list."},
            "next": link,
            "previous": link,
            "results": listed(ref("schemas", item)),
        }
    )


def _words(words: type[Enum]) -> Json:
    """An enumeration, described in the words of GraphQL."""
    found = words.__strawberry_definition__  # type: ignore[attr-defined]
    meanings = [f"- `{each.value}`: {each.description}" for each in found.values]
    text = "\n".join([f"{found.description} {VALUES_MAY_BE_ADDED}", "", *meanings])
    return {**TEXT, "enum": [each.value for each in words], "description": text}


ANSWERS: Json = {
    **{name: answered(APPOINTMENT, name) for name in (DETAIL, ITEM, CHANGED)},
    "AppointmentPage": _page("AppointmentItem"),
    "AppointmentConfig": {
        "type": "object",
        "properties": SWITCHES,
        "description": "Room features that were set; a missing one follows the platform.",
    },
    "AppointmentStatus": _words(AppointmentStatus),
    **{name: answered(PARTICIPANT, name) for name in (PERSON, PERSON_CHANGED)},
    "ParticipantPage": _page("Participant"),
    "ParticipantRole": _words(ParticipantRole),
    LOGGED: answered(EVENT, LOGGED),
    "EventPage": complete(
        {
            "results": listed(ref("schemas", LOGGED)),
            "next_cursor": {
                **TEXT,
                "description": "Give it as `after` for what follows.",
            },
            "has_more": {"type": "boolean", "description": "Whether more follows already."},
        }
    ),
    "EventType": _words(EventType),
    "EventSource": _words(EventSource),
}

INPUTS: Json = {
    "NewAppointment": sent(bodies.NEW_APPOINTMENT),
    "AppointmentChanges": sent(bodies.APPOINTMENT_CHANGES),
    "AppointmentConfigInput": {"type": "object", "properties": SWITCHES},
    NEW_PARTICIPANT: sent(bodies.NEW_PARTICIPANT),
    "AddedParticipant": sent(bodies.ADDED_PARTICIPANT),
    "AddedParticipants": listed(
        ref("schemas", "AddedParticipant"), rule_of(NewParticipants).constraints
    ),
    "ParticipantChanges": sent(bodies.PARTICIPANT_CHANGES),
    **{name: sent(each.shape) for name, each in ADDED_BODIES.items()},
    "RemovedParticipant": {"type": "object", "required": ["id"], "properties": {"id": UUID}},
    "RemovedParticipants": listed(
        ref("schemas", "RemovedParticipant"), rule_of(ParticipantIds).constraints
    ),
}
