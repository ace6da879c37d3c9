"""What callers read of a wrong value: JSON's words, never Python's, whatever is sent for whatever."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_object_type,
)

from gateway.settings import Settings
from schema.build import build
from schema.execution.wording import in_json
from schema.internals import core_of
from tests.people import Tenant

SCHEMA = core_of(build())
PYTHON = re.compile(
    r"\b(None|NoneType|True|False|Undefined|inf|nan|dict|tuple|str|Traceback|self)\b"
    r"|\w+(Error|Exception)\b|\{'|\['|b'|<class|0x[0-9a-f]{6}|__\w+__|\\x[0-9a-f]{2}"
)
WRONG: list[Any] = [
    None, True, 7, -1, 0.5, 10**12, 10**40, 1e308, "", "x", "it's \"quoted\"", "\x00", "\ud800",
    "é" * 400, [], [None], [[]], ["x", 1], {}, {"a": None}, {"a": {"b": [{"c": True}]}},
    {"it's": False}, [{"a": 1}],
]  # fmt: skip
LITERALS = [
    "null", "true", "7", "-1", "0.5", "1000000000000", '""', '"x"', "NO_SUCH", "[]", "[null]",
    '["x", 1]', "{}", "{a: null}", '{a: {b: [{c: true}]}}', "[{a: 1}]", '"\\u0000"',
]  # fmt: skip
SAMPLES = {
    "ID": "x", "String": "x", "Int": 30, "Boolean": True, "DateTime": "2030-01-01T00:00:00Z",
}  # fmt: skip
PROBLEMS = "... on Problem { code message } ... on ValidationFailed { fields { path message } }"


def sample(kind: Any) -> Any:
    """A value that is accepted."""
    if isinstance(kind, GraphQLNonNull):
        return sample(kind.of_type)
    if isinstance(kind, GraphQLList):
        return [sample(kind.of_type)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        return {name: sample(field.type) for name, field in kind.fields.items()}
    return SAMPLES[kind.name]


def spoilt(kind: Any, value: Any) -> Iterator[Any]:
    """A sample in which the wrong value stands once, at every place in turn."""
    yield value
    bare = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(bare, GraphQLList):
        yield from ([each] for each in spoilt(bare.of_type, value))
    if isinstance(bare, GraphQLInputObjectType):
        for name, field in bare.fields.items():
            yield from (sample(bare) | {name: each} for each in spoilt(field.type, value))
            yield {other: each for other, each in sample(bare).items() if other != name}
        yield sample(bare) | {"titel": value}


Place = tuple[GraphQLObjectType, str, str, GraphQLArgument]


def places() -> Iterator[Place]:
    """Every argument of the schema."""
    for kind in SCHEMA.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for name, field in kind.fields.items():
                for argument, definition in field.args.items():
                    yield kind, name, argument, definition


# The way to a field that is not one of an operation.
WAYS = {
    "Appointment": "query{} {{ nodes(ids: [\"APPOINTMENT\"]) {{ ... on Appointment {{ {} }} }} }}",
    "Participant": "query{} {{ nodes(ids: [\"PERSON\"]) {{ ... on Participant {{ {} }} }} }}",
    "Query": "query{} {{ {} }}",
    "Mutation": "mutation{} {{ {} }}",
    "Subscription": "subscription{} {{ {} }}",
}  # fmt: skip


def document(place: Place, given: str, declared: str) -> str:
    kind, name, argument, _ = place
    field = kind.fields[name]
    others = {
        other: json.dumps("x") if get_named_type(each.type).name == "ID" else "{}"
        for other, each in field.args.items()
        if other != argument and isinstance(each.type, GraphQLNonNull)
    }
    others = {
        other: "[]" if isinstance(field.args[other].type.of_type, GraphQLList) else text
        for other, text in others.items()
    }
    arguments = ", ".join(f"{n}: {v}" for n, v in {**others, argument: given}.items())
    below = PROBLEMS if kind.name == "Mutation" else ""
    named = get_named_type(field.type)
    if is_object_type(named) and "totalCount" in named.fields:  # type: ignore[attr-defined]
        below = "totalCount nodes { id }"
    return WAYS[kind.name].format(declared, f"{name}({arguments}) {{ __typename {below} }}")


def messages(answer: Any) -> Iterator[str]:
    if isinstance(answer, dict):
        for name, below in answer.items():
            if name == "message":
                yield below
            else:
                yield from messages(below)
    if isinstance(answer, list):
        for each in answer:
            yield from messages(each)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """No limit to how often one may be wrong."""
    return replace(settings, rate_limit=None)


@pytest.fixture
async def known(client: httpx2.AsyncClient, tenant: Tenant) -> dict[str, str]:
    """Ids of what there is, by the words that stand for them in documents."""
    book = """mutation($i: NewAppointment!) { createAppointment(input: $i) { ... on AppointmentCreated {
      appointment { id participants { nodes { id } } } } } }"""
    wanted = sample(SCHEMA.type_map["NewAppointment"])
    headers = {"Authorization": f"Bearer {tenant.write}"}
    body = {"query": book, "variables": {"i": wanted}}
    answer = (await client.post("/graphql", json=body, headers=headers)).json()
    made = answer["data"]["createAppointment"]["appointment"]
    return {"APPOINTMENT": made["id"], "PERSON": made["participants"]["nodes"][0]["id"]}


PLACES = list(places())


def test_every_argument_can_be_reached() -> None:
    assert {kind.name for kind, *_ in PLACES} == WAYS.keys()
    assert len(PLACES) > 30


@pytest.mark.parametrize(
    "place", PLACES, ids=lambda place: f"{place[0].name}.{place[1]}.{place[2]}"
)
async def test_no_message_about_a_wrong_value_shows_python(
    client: httpx2.AsyncClient, tenant: Tenant, known: dict[str, str], place: Place
) -> None:
    kind = place[3].type
    by_variable = document(place, "$v", f"($v: {kind})")
    sent = [(by_variable, {"v": each}) for value in WRONG for each in spoilt(kind, value)]
    sent += [(document(place, literal, ""), {}) for literal in LITERALS]
    headers = {"Authorization": f"Bearer {tenant.write}", "Content-Type": "application/json"}
    seen = 0
    for text, variables in sent:
        query = text.replace("APPOINTMENT", known["APPOINTMENT"]).replace("PERSON", known["PERSON"])
        body = json.dumps({"query": query, "variables": variables}).encode()
        response = await client.post("/graphql", content=body, headers=headers)
        # A valid subscription is told where to go instead.
        expected = (200, 400) if place[0].name == "Subscription" else (200,)
        assert response.status_code in expected, response.text
        for message in messages(response.json()):
            seen += 1
            assert not PYTHON.search(message), (body[-300:], message)
            assert "our side" not in message, (body, message)
    assert seen > 5


@pytest.mark.parametrize(
    ("by_core", "shown"),
    [
        ("Expected value of non-null type 'ID!' not to be None.",
         "Expected value of non-null type 'ID!' not to be null."),
        ("Int cannot represent non-integer value: 'it\"s'",
         'Int cannot represent non-integer value: "it\\"s"'),
        ("Boolean cannot represent a non boolean value: True",
         "Boolean cannot represent a non boolean value: true"),
        ("ID cannot represent value: {'a': {'b': {...}}}", "ID cannot represent value: an object"),
        ("Expected value of type 'T' to be an object, found: [1, 'x'].",
         "Expected value of type 'T' to be an object, found: a list."),
        ("Expected value of type 'T' to include required field 'title', found: {'a': 1}.",
         "Expected value of type 'T' to include required field 'title'."),
        ("Expected value of type 'T' not to include unknown field 'titel'. Did you mean 'title'?"
         " Found: {'titel': 1}.",
         "Expected value of type 'T' not to include unknown field 'titel'. Did you mean 'title'?"),
        ("Enum 'R' cannot represent non-string value: None. Did you mean the enum value 'A'?",
         "Enum 'R' cannot represent non-string value: null. Did you mean the enum value 'A'?"),
        ("Value 'None' does not exist in 'R' enum.", "Value 'None' does not exist in 'R' enum."),
    ],
)  # fmt: skip
def test_a_sentence_is_told_in_json(by_core: str, shown: str) -> None:
    assert in_json(by_core) == shown
