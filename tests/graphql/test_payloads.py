"""What mutations answer: a payload of their own or a problem, each on its own."""

import ast
from pathlib import Path
from typing import Any, get_args

import pytest
from graphql import GraphQLNonNull, GraphQLObjectType, GraphQLUnionType

from db.queries import appointments
from schema.build import build
from schema.domain.codes import FieldProblemCode, ProblemCode
from schema.domain.errors import Problem
from schema.internals import core_of
from schema.types.problems import HANDLERS

from .conftest import Ask

ROOT = Path(__file__).parents[2]
SCHEMA = core_of(build())
MUTATIONS = SCHEMA.mutation_type.fields if SCHEMA.mutation_type else {}
BOOK = """mutation($title: String!) { createAppointment(input: {title: $title,
  startDateTime: "2026-03-02T13:00:00Z", durationMinutes: 30,
  participants: [{uniqueId: "a", role: MODERATOR}]}) {
  ... on AppointmentCreated { appointment { id participants { nodes { id } } } } } }"""
TWO = """mutation($id: ID!, $other: ID!) {
  first: deleteAppointment(id: $id) { ... on AppointmentDeleted { deletedAppointmentId } }
  second: updateAppointment(id: $other, changes: {title: "Kept"}) {
    ... on AppointmentUpdated { appointment { title version } } } }"""


def members(name: str) -> list[GraphQLObjectType]:
    union = MUTATIONS[name].type
    assert isinstance(union, GraphQLUnionType)
    return list(union.types)


def problems(name: str) -> set[str]:
    return {each.name for each in members(name) if "Problem" in {i.name for i in each.interfaces}}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_is_nullable_and_has_one_payload(name: str) -> None:
    assert not isinstance(MUTATIONS[name].type, GraphQLNonNull)
    (payload,) = [each for each in members(name) if each.name not in problems(name)]
    # A payload that were an object with an id would be taken for it by a normalizing cache.
    assert not payload.interfaces and "id" not in payload.fields


def test_only_transitions_share_a_payload() -> None:
    payloads: dict[str, set[str]] = {}
    for name in MUTATIONS:
        (payload,) = {each.name for each in members(name)} - problems(name)
        payloads.setdefault(payload, set()).add(name)
    shared = {payload: names for payload, names in payloads.items() if len(names) > 1}
    steps = {"startAppointment", "completeAppointment", "cancelAppointment"}
    assert shared == {"AppointmentTransitioned": steps}


async def booked(ask: Ask, title: str = "T") -> dict[str, Any]:
    answer = await ask(BOOK, title=title)
    made: dict[str, Any] = answer["data"]["createAppointment"]["appointment"]
    return made


@pytest.mark.parametrize("times", [1, 3], ids=["as it comes first", "by its plan"])
@pytest.mark.parametrize("failing", ["remove", "change"])
async def test_a_mutation_that_fails_leaves_the_other_its_result(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, failing: str, times: int
) -> None:
    for _ in range(times - 1):
        await ask(TWO, id="x", other="x")
    one, other = await booked(ask), await booked(ask)

    async def fail(*_: Any) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(appointments, failing, fail)
    answer = await ask(TWO, id=one["id"], other=other["id"])
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert "fault" not in error["message"]
    if failing == "remove":
        assert error["path"] == ["first"]
        assert answer["data"]["first"] is None
        assert answer["data"]["second"]["appointment"] == {"title": "Kept", "version": 2}
    else:
        assert error["path"] == ["second"]
        assert answer["data"]["first"] == {"deletedAppointmentId": one["id"]}
        assert answer["data"]["second"] is None


async def test_every_payload_shows_what_was_done(ask: Ask) -> None:
    made = await booked(ask)
    id, person = made["id"], made["participants"]["nodes"][0]["id"]
    for text, payload, wanted in (
        ('updateAppointment(id: "ID", changes: {title: "N"}) { __typename '
         "... on AppointmentUpdated { appointment { id title } } }",
         "AppointmentUpdated", {"appointment": {"id": id, "title": "N"}}),
        ('updateParticipant(id: "P", changes: {displayName: "Ann"}) { __typename '
         "... on ParticipantUpdated { participant { id displayName } } }",
         "ParticipantUpdated", {"participant": {"id": person, "displayName": "Ann"}}),
        ('rotateAccessLink(id: "P") { __typename '
         "... on AccessLinkRotated { participant { id } } }",
         "AccessLinkRotated", {"participant": {"id": person}}),
        ('removeParticipant(id: "P") { __typename '
         "... on ParticipantRemoved { removedParticipantId appointment { participantCount } } }",
         "ParticipantRemoved",
         {"removedParticipantId": person, "appointment": {"participantCount": 0}}),
        ('addParticipants(appointmentId: "ID", participants: [{uniqueId: "b", role: MODERATOR}]) '
         "{ __typename ... on ParticipantsAdded { added { uniqueId } alreadyPresent { id } } }",
         "ParticipantsAdded", {"added": [{"uniqueId": "b"}], "alreadyPresent": []}),
        ('removeParticipants(appointmentId: "ID", participantIds: ["x"]) { __typename '
         "... on ParticipantsRemoved { removedParticipantIds unknownIds } }",
         "ParticipantsRemoved", {"removedParticipantIds": [], "unknownIds": ["x"]}),
        ('cancelAppointment(id: "ID", reason: "R") { __typename '
         "... on AppointmentTransitioned { appointment { status cancelReason } } }",
         "AppointmentTransitioned", {"appointment": {"status": "CANCELLED", "cancelReason": "R"}}),
        ('deleteAppointment(id: "ID") { __typename '
         "... on AppointmentDeleted { deletedAppointmentId } }",
         "AppointmentDeleted", {"deletedAppointmentId": id}),
    ):  # fmt: skip
        query = "mutation { done: " + text.replace('"ID"', f'"{id}"').replace('"P"', f'"{person}"')
        answer = await ask(query + " }")
        assert answer == {"data": {"done": {"__typename": payload, **wanted}}}


def test_no_payload_is_known_by_an_id() -> None:
    # Relay keeps whatever has an `id` under it, and would take a payload for the object. It is told
    # whose the one of `NotFound` is: see docs/clients.md.
    unions = [kind for kind in SCHEMA.type_map.values() if isinstance(kind, GraphQLUnionType)]
    members = {member for union in unions for member in union.types}
    assert members
    assert [each.name for each in members if "id" in each.fields] == ["NotFound"]


async def test_not_found_repeats_the_id_that_was_asked_for(ask: Ask) -> None:
    query = "mutation($id: ID!) { removeParticipant(id: $id) { ... on NotFound { code id } } }"
    for id in (
        "x",
        "0197b3f2-0000-7000-8000-000000000000",
        "a \N{LATIN SMALL LETTER E WITH ACUTE}",
    ):
        answer = await ask(query, id=id)
        assert answer["data"]["removeParticipant"] == {"code": "NOT_FOUND", "id": id}


async def test_a_null_order_is_the_default(ask: Ask) -> None:
    await booked(ask)
    page = "{ edges { cursor } }"
    wanted = await ask("{ appointments " + page + " }")
    assert await ask("{ appointments(orderBy: null) " + page + " }") == wanted
    query = "query($o: AppointmentOrder) { appointments(orderBy: $o) " + page + " }"
    for _ in range(3):
        assert await ask(query, o=None) == wanted
        assert await ask(query) == wanted


def test_problem_codes_are_those_of_the_problems_that_are_data() -> None:
    shown = {get_args(type(each).__orig_bases__[0])[0] for each in HANDLERS}
    assert all(issubclass(each, Problem) for each in shown)
    assert {each.code for each in shown} == set(ProblemCode)
    kinds = {ProblemCode(each.code): each.__name__ for each in shown}
    values = SCHEMA.type_map["ProblemCode"].values  # type: ignore[attr-defined]
    for code, name in kinds.items():
        assert values[code.name].description == f"`{name}`."


def test_every_code_of_a_field_is_used_somewhere() -> None:
    used = {
        node.attr
        for room in ("schema", "rest")
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "FieldProblemCode"
    }
    assert used == set(FieldProblemCode.__members__)
