"""Nothing breaks since the last release unless the changelog says so."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graphql import build_schema
from graphql.utilities import find_breaking_changes

from .openapi_changes import Change, Comparison

ROOT = Path(__file__).parents[2]
RELEASE = ROOT / "docs/release"
SDL = (ROOT / "schema.graphql").read_text()
OPENAPI = json.loads((ROOT / "openapi.json").read_text())
# `Query.appointments(first:)`, `@cost`, `Appointment`: the first of them in a sentence.
WORDS = "A|Argument|Description|Directive|Enum|Field|Repeatable|Standard"
NAME = re.compile(rf"@\w+(?:\(\w+:\))?|\b[A-Z]\w*\.\w+(?:\(\w+:\))?|\b(?!(?:{WORDS}) )[A-Z]\w+")
LOCATION = re.compile(r"^[A-Z_]+ was removed from ")


def graphql_changes(before: str, now: str) -> list[Change]:
    found = find_breaking_changes(build_schema(before), build_schema(now))
    return [Change(name_in(each.description), each.description) for each in found]


def name_in(description: str) -> str:
    found = NAME.search(LOCATION.sub("", description))
    assert found is not None, description
    return found[0]


def rest_changes(before: Any, now: Any) -> list[Change]:
    return Comparison(before, now).changes()


def unnamed(changes: list[Change], changelog: str) -> list[Change]:
    """Those that no line under `### Breaking` of the unreleased part names."""
    unreleased = changelog.partition("\n## Unreleased\n")[2].partition("\n## ")[0]
    breaking = unreleased.partition("\n### Breaking\n")[2].partition("\n### ")[0]
    named = set(re.findall(r"`([^`]+)`", " ".join(breaking.split())))
    return [each for each in changes if each.name not in named]


def test_nothing_breaks_that_the_changelog_does_not_name() -> None:
    changes = graphql_changes((RELEASE / "schema.graphql").read_text(), SDL)
    changes += rest_changes(json.loads((RELEASE / "openapi.json").read_text()), OPENAPI)
    advice = "name each under ### Breaking in CHANGELOG.md, see docs/compatibility.md"
    assert unnamed(changes, (ROOT / "CHANGELOG.md").read_text()) == [], advice


@pytest.mark.parametrize(
    ("text", "other", "name"),
    [
        ("  title: String!\n", "  title: String\n", "Appointment.title"),
        ("  NO_SHOW\n", "  MISSED\n", "AppointmentStatus.NO_SHOW"),
        ("AppointmentCreated | ValidationFailed", "AppointmentCreated", "ValidationFailed"),
        ("participantUniqueId: String", "participantUniqueId: String!",
         "AppointmentFilter.participantUniqueId"),
        ("type Viewer {", "type Caller {", "Viewer"),
        ("type Participant implements Node {", "type Participant {", "Participant"),
        ("directive @cost(weight: Int!) on", "directive @price(weight: Int!) on", "@cost"),
    ],
)  # fmt: skip
def test_a_breaking_change_of_graphql_is_refused(text: str, other: str, name: str) -> None:
    assert text in SDL
    now = SDL.replace(text, other)
    if "Caller" in other:
        now = now.replace("viewer: Viewer!", "viewer: Caller!")
    if "@price" in other:
        now = now.replace(" @cost(", " @price(")
    changes = graphql_changes(SDL, now)
    assert name in {each.name for each in changes}
    assert unnamed(changes, "\n## Unreleased\n\n### Breaking\n\n- Something else.\n") == changes
    lines = "\n".join(f"- `{each.name}` is not there any more." for each in changes)
    assert unnamed(changes, f"\n## Unreleased\n\n### Breaking\n\n{lines}\n") == []
    assert unnamed(changes, f"\n## Unreleased\n\n## 1.0.0\n\n### Breaking\n\n{lines}\n") == changes


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("  NO_SHOW\n", "  NO_SHOW\n\n  LATER\n"),
        ("AppointmentCreated | ValidationFailed", "AppointmentCreated | NotFound | ValidationFailed"),
        ("  participantUniqueId: String\n", "  participantUniqueId: String\n  more: Int\n"),
        ("type Viewer {", "type Viewer {\n  more: Int\n"),
    ],
)  # fmt: skip
def test_an_addition_to_graphql_is_let_through(text: str, other: str) -> None:
    assert text in SDL
    assert graphql_changes(SDL, SDL.replace(text, other)) == []


LIST = "/api/v1/appointments/"
ONE = "/api/v1/appointments/{id}/"


def schemas(document: Any) -> Any:
    return document["components"]["schemas"]


BREAKING: dict[str, tuple[Callable[[Any], Any], str]] = {
    "a path": (lambda d: d["paths"].pop(ONE), f"GET {ONE}"),
    "an operation": (lambda d: d["paths"][ONE].pop("delete"), f"DELETE {ONE}"),
    "an id of an operation": (
        lambda d: d["paths"][LIST]["get"].update(operationId="x"), f"GET {LIST}"),
    "a parameter": (lambda d: d["paths"][LIST]["get"].update(parameters=[]), f"GET {LIST} page"),
    "a required parameter": (
        lambda d: d["paths"][LIST]["get"]["parameters"].append(
            {"in": "query", "name": "x", "required": True}), f"GET {LIST} x"),
    "an answer": (lambda d: d["paths"][LIST]["post"]["responses"].pop("201"), f"POST {LIST} 201"),
    "a header": (
        lambda d: d["paths"][LIST]["post"]["responses"]["201"]["headers"].pop("ETag"),
        f"POST {LIST} 201 ETag"),
    "a property of an answer": (
        lambda d: schemas(d)["Appointment"]["properties"].pop("title"), "Appointment.title"),
    "a property that may be absent": (
        lambda d: schemas(d)["Appointment"]["required"].remove("title"), "Appointment.title"),
    "a type": (
        lambda d: schemas(d)["Appointment"]["properties"]["title"].update(type="integer"),
        "Appointment.title"),
    "a null that was none": (
        lambda d: schemas(d)["Appointment"]["properties"]["title"].update(type=["string", "null"]),
        "Appointment.title"),
    "a property that must be sent": (
        lambda d: schemas(d)["AppointmentParticipantDetailRequest"].update(
            required=["unique_id", "role", "display_name"]),
        "AppointmentParticipantDetailRequest.display_name"),
    "a shorter text": (
        lambda d: schemas(d)["AppointmentParticipantDetailRequest"]["properties"]["unique_id"]
        .update(maxLength=9), "AppointmentParticipantDetailRequest.unique_id"),
    "a value that is refused": (
        lambda d: schemas(d)["ParticipantRole"].update(enum=["moderator"]), "ParticipantRole"),
    "a way to sign in": (
        lambda d: d["components"]["securitySchemes"].pop("ApiTokenAuth"), "ApiTokenAuth"),
}  # fmt: skip


@pytest.mark.parametrize("case", BREAKING)
def test_a_breaking_change_of_rest_is_refused(case: str) -> None:
    change, name = BREAKING[case]
    now = copy.deepcopy(OPENAPI)
    change(now)
    changes = rest_changes(OPENAPI, now)
    assert name in {each.name for each in changes}
    assert unnamed(changes, "\n## Unreleased\n") == changes


def test_additions_to_rest_are_let_through() -> None:
    now = copy.deepcopy(OPENAPI)
    now["paths"]["/api/v1/more/"] = now["paths"][LIST]
    now["paths"][LIST]["get"]["parameters"].append({"in": "query", "name": "x"})
    now["paths"][LIST]["get"]["responses"]["410"] = {"description": "Gone."}
    schemas(now)["Appointment"]["properties"]["more"] = {"type": "string"}
    schemas(now)["AppointmentStatus"]["enum"].append("later")
    schemas(now)["ParticipantRole"]["enum"].append("guest")
    schemas(now)["AppointmentParticipantDetailRequest"]["properties"]["more"] = {"type": "string"}
    assert rest_changes(OPENAPI, now) == []
