"""Whatever JSON is sent, our reading of a body and the original serializers come to the same.

Compared without HTTP, so that many values fit into a second: what is taken, or every error.
"""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strawberry import UNSET, Some

from rest import bodies
from rest.errors import render
from rest.input.objects import InvalidInput
from schema.inputs import AppointmentConfigInput
from tests.oracle.app import Oracle
from tests.rest import values

SWITCHES = sorted(vars(AppointmentConfigInput()))
SERIALIZERS = Oracle.serializers

any_character = st.characters(exclude_categories=())
text = st.text(any_character, max_size=20) | st.sampled_from(["x" * 61, "x" * 256, " \x1c", "\0"])
scalar = (
    st.none()
    | st.booleans()
    | st.integers(-10, 10**25)
    | st.integers(0, 800)
    | st.floats(allow_nan=False)
    | text
)
anything = st.recursive(
    scalar, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3)
)


def one_of_table(table: list[str]) -> st.SearchStrategy[Any]:
    """The values of a table; drawn by place, because a failure would print the whole table."""
    return st.integers(0, len(table) - 1).map(lambda at: json.loads(table[at]))


@st.composite
def edited_dates(draw_one: Any) -> str:
    """A date-time with a few characters changed, dropped or added."""
    written = list(draw_one(st.sampled_from([
        "2025-10-30T15:26:22.539536+02:00", "2025-10-30 15:26:22Z", "20251030T152622",
        "2025-W44-4T10:00", "2025-1-2 3:04:05,5 -0530",
    ])))  # fmt: skip
    for _ in range(draw_one(st.integers(0, 4))):
        at = draw_one(st.integers(0, len(written)))
        new = draw_one(st.sampled_from([*"0123456789-:TZW+., \n", "", "٣", "\xa0"]))
        written[at : at + draw_one(st.integers(0, 1))] = [new]
    return "".join(written)


number = one_of_table(values.NUMBERS) | anything | st.integers(10, 725).map(str)
moment = one_of_table(values.DATE_TIMES) | edited_dates() | anything
title = one_of_table(values.TEXTS) | text | anything
role = one_of_table(values.ROLES) | anything
switch = one_of_table(values.BOOLEANS) | anything
# Unknown switches are read alike, but not kept (REST.md: C); see test_extras.
config = st.dictionaries(st.sampled_from(SWITCHES), switch, max_size=4) | anything.filter(
    lambda value: not isinstance(value, dict)
)
person = st.fixed_dictionaries({}, optional={
    "unique_id": title, "display_name": title, "role": st.just("moderator") | role,
    "other": anything,
}) | anything  # fmt: skip


def unrepeated(people: Any) -> bool:
    """Whether no id stands twice: where one is repeated is ours to say (REST.md: C)."""
    ids = [str(each.get("unique_id")).strip() for each in people if isinstance(each, dict)]
    return len(set(ids)) == len(ids)


people = st.lists(person, max_size=4).filter(unrepeated) | anything.filter(
    lambda value: not isinstance(value, list) or unrepeated(value)
)
appointment = st.fixed_dictionaries({}, optional={
    "title": title, "start_date_time": moment, "duration_minutes": number, "config": config,
    "participants": people, "status": anything,
})  # fmt: skip
bounded = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def ours(read: Any, sent: Any) -> tuple[bool, Any]:
    """Whether we take it, and what we take or the errors."""
    try:
        return True, plain(read(sent).value)
    except InvalidInput as refusal:
        return False, render(refusal).content


def theirs(serializer: Any) -> tuple[bool, Any]:
    """Whether the original takes it, and what it takes or its errors."""
    if serializer.is_valid():
        return True, plain(serializer.validated_data)
    return False, plain(serializer.errors)


def plain(value: Any) -> Any:
    """Inputs, serializer values and error lists as plain values; what is not set left out."""
    if hasattr(value, "__dataclass_fields__") and not isinstance(value, Some):
        value = {name: each for name, each in vars(value).items() if each is not UNSET}
    if isinstance(value, Some):
        return plain(value.value)
    if isinstance(value, dict):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value if type(value) in (bool, int, float, type(None)) else str(value)


@bounded
@given(appointment | anything.filter(lambda value: not isinstance(value, dict)))
def test_a_new_appointment_is_read_alike(sent: Any) -> None:
    serializer = SERIALIZERS.AppointmentCreate(data=sent)
    assert ours(bodies.new_appointment, sent) == theirs(serializer)


@bounded
@given(appointment | anything.filter(lambda value: not isinstance(value, dict)))
def test_changes_of_an_appointment_are_read_alike(sent: Any) -> None:
    serializer = SERIALIZERS.AppointmentUpdate(data=sent, partial=True)
    assert ours(changes(bodies.appointment_changes), sent) == theirs(serializer)


@bounded
@given(person)
def test_changes_of_a_participant_are_read_alike(sent: Any) -> None:
    serializer = SERIALIZERS.ParticipantUpdate(data=sent, partial=True)
    assert ours(changes(bodies.participant_changes), sent) == theirs(serializer)


@bounded
@given(people)
def test_participants_to_add_are_read_alike(sent: Any) -> None:
    serializer = SERIALIZERS.ParticipantAdd(data=sent, many=True)
    assert ours(bodies.added_participants, sent) == theirs(serializer)


@bounded
@given(st.lists(st.fixed_dictionaries({}, optional={
    "id": anything | st.uuids().map(str) | st.uuids().map(lambda made: made.int)
}) | anything, max_size=3) | anything)  # fmt: skip
def test_participants_to_remove_are_read_alike(sent: Any) -> None:
    serializer = SERIALIZERS.ParticipantRemove(data=sent, many=True)
    taken, content = theirs(serializer)
    assert ours(bodies.removed_participants, sent) == (
        taken,
        [each["id"] for each in content] if taken else content,
    )


def changes(read: Any) -> Any:
    """Reads changes as the serializers give them: only what was sent."""

    def only_sent(sent: Any) -> Any:
        taken = read(sent)
        given = {name: some for name, some in vars(taken.value).items() if some is not None}
        return taken._replace(value=given)

    return only_sent
