"""The schemas of errors: a sentence, or sentences at the positions in what was sent."""

from collections.abc import Iterable

from schema.constraints import rules_of

from .. import bodies
from ..fields import Json
from ..input.objects import WHOLE, Shape
from ..routes import ADDED_BODIES, CONDITIONS
from .schemas import TEXT, complete, listed, ref

MESSAGES = ref("schemas", "Messages")
WHOLE_ONLY = ref("schemas", "WholeErrors")


def _some_of(properties: Json) -> Json:
    return {"type": "object", "properties": properties}


def _at(names: Iterable[str]) -> Json:
    """Sentences under some of these names, or about the object as a whole."""
    return _some_of(dict.fromkeys((*names, WHOLE), MESSAGES))


def _of(shape: Shape) -> Json:
    errors = _at(each.name for each in shape.fields)
    for name, rule in rules_of(shape.kind).items():
        if rule.item is not None:
            errors["properties"][name] = ref("schemas", "ParticipantsErrors")
        elif rule.inside is not None:
            errors["properties"][name] = ref("schemas", "ConfigErrors")
    return errors


def _of_list(item: str, *others: Json) -> Json:
    """Items without errors are `{}`; an item that is null is a list of sentences."""
    return {"anyOf": [listed({"anyOf": [ref("schemas", item), MESSAGES, *others]}), WHOLE_ONLY]}


ERRORS: Json = {
    "Detail": complete({"detail": TEXT}),
    "ServerError": complete({"detail": TEXT, "request_id": TEXT}),
    "Messages": {**listed(TEXT), "minItems": 1},
    "WholeErrors": complete({WHOLE: MESSAGES}),
    "FilterErrors": {
        **_some_of(dict.fromkeys(CONDITIONS, MESSAGES)),
        "minProperties": 1,
        "description": "Sentences under the parameters whose values are not accepted, such as "
        "a date that cannot be read or a state that there is not.",
    },
    "EventErrors": {**_some_of({"limit": MESSAGES}), "minProperties": 1},
    "NewAppointmentErrors": _of(bodies.NEW_APPOINTMENT),
    "AppointmentChangesErrors": _of(bodies.APPOINTMENT_CHANGES),
    "ConfigErrors": {"anyOf": [MESSAGES, {"type": "object", "additionalProperties": MESSAGES}]},
    "NewParticipantErrors": _of(bodies.NEW_PARTICIPANT),
    "NewParticipantsErrors": _of_list("NewParticipantErrors"),
    # Sentences about the list itself stand in a list too. Beside another list in one union,
    # generated clients take the first that they try for all of them.
    "ParticipantsErrors": _of_list("NewParticipantErrors", TEXT),
    "ParticipantChangesErrors": _of(bodies.PARTICIPANT_CHANGES),
    **{f"{name}Errors": _of(each.shape) for name, each in ADDED_BODIES.items()},
    "RemovedParticipantErrors": _at(["id"]),
    "RemovedParticipantsErrors": _of_list("RemovedParticipantErrors"),
}
