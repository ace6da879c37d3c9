"""Questions about the schema: the usual one from memory, others at their price."""

import os
import time
from itertools import product
from typing import Any

import httpx2
import orjson
import pytest
from graphql import execute_sync, get_introspection_query, parse

from schema.build import build
from schema.execution.errors import RequestError
from schema.execution.executor import Executor
from tests.graphql.documents import Documents

FLAGS = (
    "descriptions", "specified_by_url", "directive_is_repeatable", "schema_description",
    "input_value_deprecation", "one_of",
)  # fmt: skip


@pytest.mark.parametrize("flags", list(product((True, False), repeat=len(FLAGS)))[::5])
async def test_the_standard_introspection_in_all_its_versions(flags: tuple[bool, ...]) -> None:
    query = get_introspection_query(**dict(zip(FLAGS, flags, strict=True)))
    executor = Executor()
    operation = executor.prepare_public(query, None)
    assert operation is not None and operation.is_standard
    assert executor.points(operation, {}, is_public=True) == 1
    answer = await executor.run(operation, None, {})
    assert answer == {"data": execute_sync(build()._schema, parse(query)).data}


def with_typenames(query: str) -> str:
    """The query as clients send it that add `__typename` to every selection."""
    return query.replace("{", "{ __typename ").replace(
        "query IntrospectionQuery { __typename", "query {"
    )


async def test_the_standard_introspection_as_tools_change_it(client: httpx2.AsyncClient) -> None:
    plain = get_introspection_query(input_value_deprecation=True, one_of=True)
    answer = await client.post("/graphql", json={"query": with_typenames(plain)})
    assert answer.json()["data"]["__schema"]["__typename"] == "__Schema"
    varied = plain.replace("description", "description @include(if: $more)").replace(
        "query IntrospectionQuery", "query I($more: Boolean!)"
    )
    for more in (True, False):
        body = {"query": varied, "variables": {"more": more}}
        answer = await client.post("/graphql", json=body)
        assert ("description" in answer.json()["data"]["__schema"]["types"][0]) is more
    wrong = await client.post("/graphql", json={"query": varied, "variables": {"more": "x"}})
    assert wrong.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    large = {"query": "{ a: __schema { types { fields { name type { name kind } } } } }"}
    refused = await client.post("/graphql", json=large)
    assert "/schema.graphql" in refused.json()["errors"][0]["message"]


PARTS = [
    "query($d: Boolean = true, $o: Boolean!) { __schema { types { name description @include(if: $d)"
    " kind @skip(if: $o) fields(includeDeprecated: $o) { name ... @include(if: $o) { isDeprecated } } } } }",
    "query($d: Boolean!) { __schema @include(if: $d) { types { ...A @skip(if: $d) kind } } __typename }"
    " fragment A on __Type { name }",
    "{ __schema { queryType { name fields { name } } } }",
    "{ __schema { types { name } __typename } __typename }",
    "{ __schema { types { ...A ...B } } } fragment A on __Type { name } "
    "fragment B on __Type { name kind fields(includeDeprecated: true) { name } }",
    "{ __schema { directives { name args { name type { kind ofType { name } } } } } }",
    '{ __type(name: "Appointment") { fields { name type { name } } } }',
    '{ __type(name: "Nothing") { name } }',
    "query($n: String!) { __type(name: $n) { enumValues { name } } }",
    "{ t: __schema { queryType { n: name } } }",
    "{ __schema { queryType { name @skip(if: true) kind } } }",
    "{ __schema { types { possibleTypes { fields { name } } } } }",
]


@pytest.mark.parametrize("query", PARTS)
async def test_every_question_is_answered_as_graphql_core_answers_it(query: str) -> None:
    executor = Executor()
    variables = {"n": "AppointmentStatus", "o": True, "d": False}
    variables = {name: value for name, value in variables.items() if f"${name}" in query}
    answer = await executor.run(executor.prepare(query, None), None, variables)
    wanted = execute_sync(build()._schema, parse(query), variable_values=variables)
    assert answer == {"data": wanted.data}
    assert orjson.dumps(answer["data"]) == orjson.dumps(wanted.data)


async def test_random_questions_are_answered_as_graphql_core_answers_them() -> None:
    schema = build()._schema
    executor = Executor()
    documents = Documents(schema, seed=3, pools={"__type.name": ["Appointment", "Node", "no"]})
    meta = schema.type_map["__Schema"]
    cut = 0
    for _ in range(int(os.environ.get("CONNECT_TEST_DOCUMENTS", "300"))):
        documents.variables, documents.fragments, documents.budget = {}, {}, 20
        text = "{ __schema " + documents._selection(meta, 5) + " }"
        text += "".join(f" fragment {n} on {on} {b}" for n, (on, b) in documents.fragments.items())
        try:
            operation = executor.prepare(text, None)
        except RequestError:
            continue
        cut += operation.is_standard
        if operation.points.at({}) < 1_000:
            wanted = execute_sync(schema, parse(text))
            assert await executor.run(operation, None, {}) == {"data": wanted.data}, text
    assert cut > 10


def fields_in(answer: Any) -> int:
    if isinstance(answer, dict):
        return len(answer) + sum(map(fields_in, answer.values()))
    return sum(map(fields_in, answer)) if isinstance(answer, list) else 0


@pytest.mark.parametrize(
    "below",
    [
        "types { n: name }",
        "types { a: fields(includeDeprecated: true) { type { name } } }",
        "a: types { fields(includeDeprecated: true) { type { fields(includeDeprecated: true) { name } } } }",
        "types { a: possibleTypes { interfaces { name } } }",
        "directives { a: args(includeDeprecated: true) { type { ofType { name } } } }",
    ],
)  # fmt: skip
def test_other_questions_are_weighed_by_what_they_answer(below: str) -> None:
    query = "{ s: __schema { " + below + " } }"
    points = Executor().prepare(query, None).points.at({})
    answered = fields_in(execute_sync(build()._schema, parse(query)).data)
    # Two fields a point; what is null has no fields below it, so there may be fewer.
    assert answered / 2 <= points + 1
    assert points <= answered


@pytest.mark.parametrize("with_token", [True, False])
def test_what_would_answer_eighty_megabytes_is_refused_at_once(with_token: bool) -> None:
    names = " ".join(
        f"a{n}: fields(includeDeprecated: true) {{ ...F }} b{n}: possibleTypes {{ ...G }}"
        for n in range(6)
    )
    query = (
        f"{{ __schema {{ types {{ {names} }} }} }}"
        " fragment F on __Field { name type { ...G } args { name type { ...G } } }"
        " fragment G on __Type { name kind description ofType { name ofType { name } } }"
    )
    executor = Executor()
    began = time.process_time()
    prepare = executor.prepare if with_token else executor.prepare_public
    operation = prepare(query, None)
    assert operation is not None
    with pytest.raises(RequestError, match="points"):
        executor.points(operation, {}, is_public=not with_token)
    # Seconds before, milliseconds now: the bound is far from both.
    assert time.process_time() - began < 1.0


async def test_strangers_ask_about_the_schema_and_nothing_else(client: httpx2.AsyncClient) -> None:
    small = {"query": '{ a: __type(name: "Node") { name fields { name } } }'}
    assert (await client.post("/graphql", json=small)).json()["data"]["a"]["name"] == "Node"
    large = {
        "query": "{ a: __schema { types { kind fields { name isDeprecated type { name } } } } }"
    }
    refused = (await client.post("/graphql", json=large)).json()
    assert refused["errors"][0]["extensions"]["code"] == "TOO_EXPENSIVE"
    # Not even looked at: it needs a token whatever it says.
    for body in (
        {"query": "{ viewer { nope } }"},
        {"query": "{ __typename }" + " " * 40_000},
        {"query": "{ __typename }", "variables": {"x": ["y" * 1000] * 100}},
    ):
        answer = await client.post("/graphql", json=body)
        assert answer.status_code == 401, body


async def test_the_possible_types_are_those_of_the_introspection(
    client: httpx2.AsyncClient,
) -> None:
    query = "{ __schema { types { name possibleTypes { name } } } }"
    asked = await client.post("/graphql", json={"query": query})
    served = await client.get("/possible-types.json")
    assert served.json() == {
        each["name"]: [concrete["name"] for concrete in each["possibleTypes"]]
        for each in asked.json()["data"]["__schema"]["types"]
        if each["possibleTypes"] is not None
    }
    assert "ValidationFailed" in served.json()["Problem"]
    held = {"If-None-Match": served.headers["etag"]}
    assert (await client.get("/possible-types.json", headers=held)).status_code == 304
