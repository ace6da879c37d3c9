"""What a document may be: each limit holds at its last good value and one beyond it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from graphql import get_introspection_query

from gateway.app import create_app
from gateway.settings import Settings
from schema.execution.errors import RequestError
from schema.execution.executor import Executor
from schema.execution.options import GraphQLOptions, Limits
from tests.conftest import InProcess
from tests.people import Tenant

LIMITS = Limits()


def fields(count: int, text: str = "a{n}: __typename") -> str:
    return "{ " + " ".join(text.format(n=n) for n in range(count)) + " }"


def participant(levels: int) -> str:
    """`node { ... on Participant { appointment { participants { nodes { …` with `levels` fields."""
    steps = ["appointment", "participants(first: 1)", "nodes"]
    names = [steps[n % 3] for n in range(levels - 2)]
    # What ends it has to be a plain field of the type that is reached.
    last = {"appointment": "id", "participants(first: 1)": "totalCount", "nodes": "id"}
    end = last[names[-1]] if names else "id"
    return (
        '{ node(id: "x") { ... on Participant { '
        + "".join(f"{name} {{ " for name in names)
        + end
        + " }" * (len(names) + 3)
    )


def spreads(count: int) -> str:
    names = [f"F{n}" for n in range(count)]
    # In lists of their own, so that no key stands often at one place.
    groups = [names[n : n + 10] for n in range(0, count, 10)]
    body = " ".join(
        f"a{n}: viewer {{ {' '.join(f'...{name}' for name in group)} }}"
        for n, group in enumerate(groups)
    )
    return f"{{ {body} }} " + " ".join(
        f"fragment {name} on Viewer {{ tokenName }}" for name in names
    )


def mutations(count: int) -> str:
    return "mutation " + fields(count, 'a{n}: deleteAppointment(id: "x") {{ __typename }}')


def selections(count: int) -> str:
    """`count` selections in all, no field of them often at one place."""
    full, rest = divmod(count - 1, 15)
    group = "viewer { " + "tokenName " * 14 + "}"
    parts = [f"a{n}: {group}" for n in range(full)]
    return (
        "{ "
        + " ".join(parts)
        + " z: viewer { "
        + "tokenName " * rest
        + "__typename" * (not rest)
        + " } }"
    )


def directives(count: int) -> str:
    included = "... @include(if: true) { tokenName }"
    return "{ viewer { " + " ".join([included] * count) + " } }"


@pytest.mark.parametrize(
    ("limit", "code", "make"),
    [
        ("depth", "TOO_DEEP", participant),
        (
            "aliases",
            "TOO_MANY_ALIASES",
            lambda n: "{ viewer " + fields(n, "a{n}: tokenName") + " }",
        ),
        ("repeats", "TOO_MANY_REPEATS", lambda n: "{ viewer " + fields(n, "tokenName") + " }"),
        ("selections", "TOO_MANY_SELECTIONS", selections),
        ("directives", "TOO_MANY_DIRECTIVES", directives),
        ("fragment_spreads", "TOO_MANY_FRAGMENT_SPREADS", spreads),
        ("root_fields", "TOO_MANY_ROOT_FIELDS", lambda n: fields(n, "a{n}: __typename")),
        ("root_mutation_fields", "TOO_MANY_MUTATIONS", mutations),
    ],
)
def test_each_limit_holds_at_its_last_good_value_and_one_beyond(
    limit: str, code: str, make: Any
) -> None:
    allowed = getattr(LIMITS, limit)
    executor = Executor()
    executor.prepare(make(allowed), None)
    assert refusal(executor, make(allowed + 1)) == code
    # The limit of the settings is the one that holds.
    stricter = Executor(GraphQLOptions(LIMITS._replace(**{limit: allowed - 1})))
    assert refusal(stricter, make(allowed)) == code


def refusal(executor: Executor, query: str) -> str:
    with pytest.raises(RequestError) as refused:
        executor.prepare(query, None)
    error = refused.value.errors[0]
    assert len(error["message"]) <= 300
    return str(error["extensions"]["code"])


def test_characters_and_tokens_are_counted_before_anything_is_built() -> None:
    executor = Executor()
    padded = "{ viewer { tokenName } }".ljust(LIMITS.characters)
    executor.prepare(padded, None)
    assert refusal(executor, padded + " ") == "DOCUMENT_TOO_LONG"
    assert refusal(executor, "{ " + "a " * LIMITS.tokens + "}") == "TOO_MANY_TOKENS"
    assert refusal(executor, "# \n" * (LIMITS.tokens + 1) + "{ a }") == "TOO_MANY_TOKENS"


@pytest.mark.parametrize(
    "query",
    [
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "{ ...A } fragment A on Query { ...A ...A ...A }",
        "{ __typename } fragment A on Query { viewer { tokenName } }",
        "{ ...Missing ...Missing }",
        # Doubles at each step, and holds no field at all.
        "{ ...F0 } "
        + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(20))
        + " fragment F20 on Query { ...F21 }",
    ],
)
def test_fragments_that_make_no_sense_are_refused_at_once(query: str) -> None:
    assert refusal(Executor(), query) in (
        "GRAPHQL_VALIDATION_FAILED",
        "TOO_MANY_SELECTIONS",
    )


def test_at_most_five_errors_are_told_each_of_300_characters() -> None:
    executor = Executor()
    long = "x" * 600
    for query in (
        "{ viewer { " + " ".join(f"nope{n}" for n in range(100)) + " } }",
        "mutation { createAppointment(input: {" + " ".join(f"a{n}: 1" for n in range(200)) + "})"
        " { __typename } }",
        "{ viewer { " + " ".join(f"{long}{n}" for n in range(10)) + " } }",
    ):
        with pytest.raises(RequestError) as refused:
            executor.prepare(query, None)
        assert 1 <= len(refused.value.errors) <= 5
        assert all(len(error["message"]) <= 300 for error in refused.value.errors)


async def test_errors_of_variables_are_few_and_short(
    client: httpx2.AsyncClient, tenant: Tenant
) -> None:
    query = "mutation($i: NewAppointment!) { createAppointment(input: $i) { __typename } }"
    unknown = {f"field{n}": "x" * 200 for n in range(3_000)}
    wrong = {"participants": [{"uniqueId": n, "role": "x" * 500} for n in range(900)]}
    for sent in (unknown, wrong, {"x" * 500_000: 1}):
        response = await client.post(
            "/graphql",
            json={"query": query, "variables": {"i": sent}},
            headers={"Authorization": f"Token {tenant.write}"},
        )
        errors = response.json()["errors"]
        assert len(errors) <= 5
        assert len(response.content) < 5_000


async def test_variables_are_counted_before_they_are_coerced(
    client: httpx2.AsyncClient, tenant: Tenant
) -> None:
    query = "query($f: AppointmentFilter) { appointments(filter: $f) { totalCount } }"
    headers = {"Authorization": f"Token {tenant.write}"}
    for sent, code in (
        ({"status": ["SCHEDULED"] * 60_000}, "BAD_REQUEST"),
        ({"status": ["SCHEDULED"] * 15_000}, "TOO_MANY_VALUES"),
        ({"status": [["SCHEDULED"] * 100] * 100}, "TOO_MANY_VALUES"),
        ({"status": "x" * 15_001}, "DOCUMENT_TOO_LONG"),
    ):
        body = {"query": query, "variables": {"f": sent}}
        answer = (await client.post("/graphql", json=body, headers=headers)).json()
        assert answer["errors"][0]["extensions"]["code"] == code
    # A thousand participants are welcome.
    people = [{"uniqueId": f"p{n}" * 30, "role": "MODERATOR"} for n in range(1000)]
    book = "mutation($i: NewAppointment!) { createAppointment(input: $i) { __typename } }"
    wanted = {"title": "T", "startDateTime": "2040-01-01T00:00:00Z", "durationMinutes": 30}
    body = {"query": book, "variables": {"i": wanted | {"participants": people}}}
    answer = (await client.post("/graphql", json=body, headers=headers)).json()
    assert answer["data"]["createAppointment"]["__typename"] == "AppointmentCreated"


async def test_the_introspection_of_every_client_is_within_the_limits(
    client: httpx2.AsyncClient,
) -> None:
    query = get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, schema_description=True,
        input_value_deprecation=True, one_of=True,
    )  # fmt: skip
    response = await client.post("/graphql", json={"query": query})
    assert response.json()["data"]["__schema"]["types"]


async def test_what_production_switches_off_is_off(settings: Settings, tmp_path: Path) -> None:
    options = GraphQLOptions(introspection="off", suggests=False, over_get=False)
    app = create_app(replace(settings, graphql=options, explorer="off"))
    async with app.router.lifespan_context(app) as state:
        app.state.lifespan = state
        transport = httpx2.ASGITransport(app=InProcess(app))
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
            html = {"Accept": "text/html"}
            assert (await client.get("/graphql", headers=html)).status_code == 406
            assert (await client.get("/explorer/")).status_code == 404
            assert (await client.get("/schema.graphql")).status_code == 404
            assert (await client.get("/possible-types.json")).status_code == 404
            assert "/explorer/" not in (await client.get("/", headers=html)).text
            assert (await client.get("/graphql?query={__typename}")).status_code == 405
            answer = await client.post("/graphql", json={"query": "{ __schema { directive } }"})
            assert answer.status_code == 401


@pytest.mark.parametrize("introspection", ["token", "off"])
def test_introspection_can_be_kept_to_callers_with_a_token_or_to_nobody(introspection: str) -> None:
    executor = Executor(GraphQLOptions(introspection=introspection, suggests=False))
    query = "{ __schema { queryType { name } } }"
    assert executor.prepare_public(query, None) is None
    assert executor.prepare_public("{ __typename }", None) is None
    if introspection == "token":
        assert executor.prepare(query, None).asks_about_schema
    else:
        assert refusal(executor, query) == "INTROSPECTION_OFF"
        executor.prepare("{ viewer { __typename } }", None)
    with pytest.raises(RequestError) as refused:
        executor.prepare("{ viewer { tokenNam } }", None)
    assert "Did you mean" not in refused.value.errors[0]["message"]
