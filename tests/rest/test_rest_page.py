"""The tables of docs/rest.md, held to the code."""

import re
from pathlib import Path

import pytest

from gateway.middleware import guard, identify
from rest import errors
from rest.input import forms
from rest.openapi.parameters import QUERY
from rest.openapi.responses import HEADERS, NAMES, SHARED
from rest.openapi.schemas import INPUTS, NEW_PARTICIPANT
from rest.routes import OPERATIONS
from rest.wire import body, request
from schema import decoding
from schema.domain import idempotency, tokens
from schema.domain.codes import FieldProblemCode
from schema.operation.arrival import Stranger
from schema.resolvers import pages

PAGE = (Path(__file__).parents[2] / "docs" / "rest.md").read_text()


def table(heading: str) -> list[list[str]]:
    """The cells of the table below a heading, without its first row."""
    (section,) = re.findall(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in rows[2:]]


def test_operations() -> None:
    documented = [
        [
            f"`{each.operation_id}`" + " (addition)" * each.is_addition,
            f"`{each.method} {each.path}`",
            str(each.status),
            "version" if each.has_version else "digest" * each.has_digest,
        ]
        for each in OPERATIONS
    ]
    assert table("Operations") == documented


def test_sentences_of_a_401() -> None:
    strangers = [each for each in vars(identify).values() if isinstance(each, Stranger)]
    refusals = [each for each in vars(tokens).values() if isinstance(each, tokens.Refusal)]
    documented = [
        row[0].removeprefix("``").removesuffix("``").strip("`") for row in table("Signing in")
    ]
    assert {each.strip("`") for each in documented} == {
        each.message for each in (*strangers, *refusals)
    }


def test_statuses() -> None:
    documented = {int(row[0]) for row in table("Statuses")}
    assert documented == {each.status for each in OPERATIONS} | SHARED.keys() | {405}
    assert set(errors.STATUSES.values()) <= documented


def test_codes_and_sentences() -> None:
    documented = {row[0].strip("`"): row[1] for row in table("Values that are not accepted")}
    assert list(documented) == [code.name for code in FieldProblemCode]
    for code, words in errors.WORDS.items():
        assert documented[FieldProblemCode(code).name] == f"`{words}`"


def test_parameters() -> None:
    documented = [row[0].removesuffix(" (addition)").strip("`") for row in table("Lists")]
    assert documented == list(QUERY)


def test_media_types() -> None:
    documented = [row[0].strip("`") for row in table("Media types")]
    assert documented == [request.JSON, request.FORM, request.MULTIPART]


def test_headers() -> None:
    documented = {row[0].strip("`") for row in table("Headers of answers")}
    assert documented == {NAMES.get(name, name) for name in HEADERS}


NEW = INPUTS["NewAppointment"]["properties"]
PERSON = INPUTS[NEW_PARTICIPANT]["properties"]
LIMITS = {
    "body": body.MAX_BYTES,
    "headers": guard.MAX_HEADERS,
    "bytes of headers": guard.MAX_HEADER_BYTES,
    "bytes of the address": guard.MAX_TARGET_BYTES,
    "levels of JSON": decoding.MAX_DEPTH,
    "fields of a form or a query": forms.MAX_FIELDS,
    "participants of an appointment": NEW["participants"]["maxItems"],
    "items on a page": pages.MAX_SIZE,
    "characters of `title`": NEW["title"]["maxLength"],
    "characters of `unique_id`": PERSON["unique_id"]["maxLength"],
    "characters of `display_name`": PERSON["display_name"]["maxLength"],
    "characters of `reason`": INPUTS["Cancellation"]["properties"]["reason"]["maxLength"],
    "characters of an `Idempotency-Key`": idempotency.LONGEST,
    "minutes of `duration_minutes`": NEW["duration_minutes"]["maximum"],
}


def test_limits() -> None:
    documented = {row[0]: int(row[1].split()[0]) for row in table("Limits")}
    assert documented == LIMITS
    assert f"`duration_minutes` is {NEW['duration_minutes']['minimum']} at least" in PAGE


@pytest.mark.parametrize("status", ["429", "503"])
def test_what_may_be_sent_again_says_so(status: str) -> None:
    (row,) = [row for row in table("When to send it again") if status in row[0]]
    assert "`Retry-After`" in row[1]
