"""The OpenAPI document: valid, complete, and one to one with what is served."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from openapi_spec_validator import validate

from gateway.version import VERSION
from rest.openapi.document import committed
from rest.openapi.responses import NoExample, responses
from rest.routes import OPERATIONS
from tests.people import Tenant

DOCUMENT: Any = json.loads(committed(VERSION))


def test_the_document_is_valid_openapi() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    validate(DOCUMENT)


def test_it_carries_what_was_documented() -> None:
    info = DOCUMENT["info"]
    assert info["title"] == "Consularia Connect API"
    assert info["version"] == f"{VERSION} (v1)"
    assert info["description"] == "API for managing video appointments and participants"
    scheme = DOCUMENT["components"]["securitySchemes"]["ApiTokenAuth"]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "Authorization")


def test_generators_sign_in_with_a_bearer_token() -> None:
    # An API key on `Authorization` makes them send the bare token.
    first, *others = DOCUMENT["components"]["securitySchemes"].items()
    assert (first[1]["type"], first[1]["scheme"]) == ("http", "bearer")
    assert DOCUMENT["security"] == [{name: []} for name, _ in (first, *others)]


def test_names_are_the_documented_ones() -> None:
    tags = {tag["name"] for tag in DOCUMENT["tags"]}
    assert tags == {"Appointments", "Participants", "Events"}
    operations = [
        (method, operation)
        for item in DOCUMENT["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
    ]
    assert {tag for _, operation in operations for tag in operation["tags"]} == tags
    schemas = DOCUMENT["components"]["schemas"]
    items = schemas["NewAppointment"]["properties"]["participants"]["items"]
    assert items["$ref"].endswith("/AppointmentParticipantDetailRequest")
    assert schemas["AppointmentParticipantDetailRequest"]["required"] == ["unique_id", "role"]


def test_patch_says_what_cannot_be_changed() -> None:
    patch = DOCUMENT["paths"]["/api/v1/appointments/{id}/"]["patch"]
    assert "Active and completed appointments cannot be updated." in patch["description"]


def test_answers_may_gain_a_field() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert schema.get("additionalProperties") is not False, name


def test_a_generated_client_keeps_the_detail_of_a_refusal() -> None:
    # Nothing in the errors is required: whoever tries them first would take `detail` for one.
    unions = [schema["anyOf"] for schema in schemas_of_answers("400") if "anyOf" in schema]
    assert len(unions) == sum(bool(each.errors_name) for each in OPERATIONS)
    for first, *_ in unions:
        assert first == {"$ref": "#/components/schemas/Detail"}


def test_no_union_of_errors_holds_two_lists() -> None:
    # A generated client takes the first of them for both, and loses what the second one holds.
    schemas = DOCUMENT["components"]["schemas"]

    def is_list(schema: Any) -> bool:
        name = schema.get("$ref", "").rpartition("/")[2]
        return is_list(schemas[name]) if name else (
            schema.get("type") == "array" or any(map(is_list, schema.get("anyOf", ())))
        )  # fmt: skip

    def unions(value: Any) -> Iterator[list[Any]]:
        if isinstance(value, dict):
            yield value.get("anyOf", [])
        for below in value.values() if isinstance(value, dict) else value:
            if isinstance(below, dict | list):
                yield from unions(below)

    # Inside a list: there a client looks at each item.
    properties = [each.get("properties", {}) for each in schemas.values()]
    assert [union for union in unions(properties) if sum(map(is_list, union)) > 1] == []


def schemas_of_answers(status: str) -> Iterator[Any]:
    """What each operation answers with a status."""
    for item in DOCUMENT["paths"].values():
        for method, operation in item.items():
            answer = operation["responses"].get(status, {}) if method != "parameters" else {}
            if "content" in answer:
                yield answer["content"]["application/json"]["schema"]


def test_bodies_are_json_and_forms_are_told_of() -> None:
    # Generated clients that are offered a form beside a list crash, or send the form.
    for name, body in DOCUMENT["components"]["requestBodies"].items():
        assert list(body["content"]) == ["application/json"], name
        assert "`multipart/form-data`" in body["description"]
    words = DOCUMENT["components"]["requestBodies"]["NewAppointment"]["description"]
    assert "`participants[0]unique_id`" in words and "`config.chat_enabled`" in words
    assert not [name for name in DOCUMENT["components"]["schemas"] if name.endswith("Form")]


def test_no_operation_lists_a_parameter_that_has_no_effect() -> None:
    assert "format" not in DOCUMENT["components"]["parameters"]


def test_enumerations_tell_clients_to_expect_more() -> None:
    enumerations = {
        name: schema
        for name, schema in DOCUMENT["components"]["schemas"].items()
        if "enum" in schema
    }
    assert {"AppointmentStatus", "ParticipantRole"} <= enumerations.keys()
    for name, schema in enumerations.items():
        assert "Values may be added" in schema["description"], name
        assert all(f"`{value}`: " in schema["description"] for value in schema["enum"]), name


def test_operations_are_those_of_the_table() -> None:
    documented = {
        (method.upper(), path.removeprefix("/api/v1"), operation["operationId"])
        for path, item in DOCUMENT["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }
    assert documented == {(each.method, each.path, each.operation_id) for each in OPERATIONS}
    additions = {
        operation["operationId"]
        for item in DOCUMENT["paths"].values()
        for method, operation in item.items()
        if method != "parameters" and operation.get("x-addition")
    }
    assert additions == {each.operation_id for each in OPERATIONS if each.is_addition}
    assert len(documented - {each for each in documented if each[2] in additions}) == 11


def test_what_the_table_says_stands_in_the_document() -> None:
    components = DOCUMENT["components"]
    assert {each.body_name for each in OPERATIONS} - {None} == components["requestBodies"].keys()
    schemas = {name for each in OPERATIONS for name in (each.answer, each.errors_name) if name}
    assert schemas <= components["schemas"].keys()
    for each in OPERATIONS:
        documented = DOCUMENT["paths"]["/api/v1" + each.path][each.method.lower()]
        assert documented["summary"] == each.summary
        assert str(each.status) in documented["responses"]


def test_conditions_are_described_wherever_they_are_read() -> None:
    for each in OPERATIONS:
        documented = DOCUMENT["paths"]["/api/v1" + each.path][each.method.lower()]
        named = {one["$ref"].rpartition("/")[2] for one in documented.get("parameters", [])}
        assert ({"If-Match", "If-None-Match"} <= named) == each.takes_conditions
        statuses = documented["responses"].keys()
        assert ("412" in statuses) == each.takes_conditions
        assert ("304" in statuses) == (each.method == "GET")
        shows_tag = "ETag" in documented["responses"][str(each.status)]["headers"]
        assert shows_tag == (each.status != 204)
    assert [each.operation_id for each in OPERATIONS if not each.takes_conditions] == [
        "appointments_create"
    ]


def test_a_body_that_is_not_described_is_named_with_its_place() -> None:
    with pytest.raises(
        NoExample, match=r"'NoteErrors', which are not described: give the entry an AddedBody"
    ):
        responses(OPERATIONS[0]._replace(errors="NoteErrors"))


def test_limits_are_those_of_the_inputs() -> None:
    new = DOCUMENT["components"]["schemas"]["NewAppointment"]["properties"]
    assert (new["title"]["minLength"], new["title"]["maxLength"]) == (1, 255)
    assert (new["duration_minutes"]["minimum"], new["duration_minutes"]["maximum"]) == (15, 720)
    assert new["participants"]["maxItems"] == 1000


async def test_the_served_document_names_the_public_url(client: httpx2.AsyncClient) -> None:
    served = (await client.get("/openapi.json")).json()
    assert served["servers"] == [{"url": "http://testserver"}]
    assert {**served, "servers": []} == {**DOCUMENT, "servers": []}


async def test_the_examples_are_accepted(client: httpx2.AsyncClient, tenant: Tenant) -> None:
    headers = {"Authorization": f"Token {tenant.write}"}
    bodies = DOCUMENT["components"]["requestBodies"]
    example = bodies["NewAppointment"]["content"]["application/json"]["example"]
    path = "/api/v1/appointments/"
    created = await client.post(path, headers=headers, json=example)
    assert created.status_code == 201
    for name, operation in (
        ("AddedParticipants", "participants/add/"),
        ("Cancellation", "cancel/"),
    ):
        example = bodies[name]["content"]["application/json"]["example"]
        target = f"{path}{created.json()['id']}/{operation}"
        answer = await client.post(target, headers=headers, json=example)
        assert answer.status_code == 200, answer.text
