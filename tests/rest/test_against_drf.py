"""Given the same values, the face answers what the replica of the original service answers.

Only what REST.md decides otherwise is left out, each time with the reason beside it.
"""

import sys
import uuid

import pytest

from tests.rest import values
from tests.rest.site import LIST
from tests.rest.twin import (
    ADD,
    DETAIL,
    JSON_TYPE,
    PATHS,
    PERSON,
    REMOVE,
    UNKNOWN,
    Request,
    Twin,
    told_apart,
    with_value,
)


def created(field: str, raw: str) -> Request:
    """A create with one odd value."""
    return ("POST", LIST, JSON_TYPE, with_value(field, raw))


def changed(path: str, field: str, raw: str) -> Request:
    """A PATCH of one odd value."""
    return ("PATCH", path, JSON_TYPE, with_value(field, raw, {}))


@pytest.mark.parametrize(
    ("field", "table"),
    [
        ("title", values.TEXTS),
        ("duration_minutes", values.NUMBERS),
        ("start_date_time", values.DATE_TIMES),
        ("config", values.CONFIGS),
    ],
)
async def test_a_field_of_an_appointment_is_read_alike(
    twin: Twin, field: str, table: list[str]
) -> None:
    requests = [
        request for raw in table for request in (created(field, raw), changed(DETAIL, field, raw))
    ]
    assert await twin.differences(requests) == []


async def test_a_field_of_a_participant_is_read_alike(twin: Twin) -> None:
    person = {"unique_id": "u", "role": "moderator"}
    requests: list[Request] = []
    for field, table in (
        ("unique_id", values.TEXTS),
        ("display_name", values.TEXTS),
        ("role", values.ROLES),
    ):
        for at, raw in enumerate(table):
            item = with_value(field, raw, {**person, "unique_id": f"{field}{at}"}).decode()
            requests.append(created("participants", f"[{item}]"))
            requests.append(("POST", ADD, JSON_TYPE, f"[{item}]".encode()))
            if field != "unique_id":
                requests.append(changed(PERSON, field, raw))
    assert await twin.differences(requests) == []


async def test_lists_of_participants_are_read_alike(twin: Twin) -> None:
    requests: list[Request] = [created("participants", raw) for raw in values.LISTS]
    requests += [("POST", ADD, JSON_TYPE, raw.encode()) for raw in values.LISTS]
    requests += [("POST", REMOVE, JSON_TYPE, raw.encode()) for raw in values.LISTS]
    assert await twin.differences(requests) == []


async def test_ids_in_a_body_are_read_alike(twin: Twin) -> None:
    known = uuid.UUID(UNKNOWN)
    requests: list[Request] = []
    for raw in values.IDS:
        named = raw.replace("PID", UNKNOWN).replace("HEX", known.hex).replace("INT", str(known.int))
        requests.append(("POST", REMOVE, JSON_TYPE, f'[{{"id": {named}}}]'.encode()))
    requests.append(("POST", REMOVE, JSON_TYPE, b'[{"id":"PARTICIPANT-ID"},{"id":"nope"},{}]'))
    requests.append(("POST", REMOVE, JSON_TYPE, b'[{"id":"PARTICIPANT-ID"}]'))
    assert await twin.differences(requests) == []


# The json module says other things of a trailing comma since Python 3.13, on both sides alike.
@pytest.mark.parametrize("target", ["list", "detail", "person", "add", "remove"])
async def test_malformed_and_odd_bodies_are_answered_alike(twin: Twin, target: str) -> None:
    method = "PATCH" if target in ("detail", "person") else "POST"
    requests = [(method, PATHS[target], JSON_TYPE, body) for body in values.MALFORMED]
    requests += [
        (method, PATHS[target], {}, b""),
        (method, PATHS[target], {}, b"{}"),
        (method, PATHS[target], {"Content-Type": ""}, b"{}"),
        (method, PATHS[target], {"Content-Type": "text/plain"}, b""),
        (method, PATHS[target], {"Content-Type": "text/plain"}, b"x"),
    ]
    assert await twin.differences(requests) == []


async def test_the_state_rules_are_alike(twin: Twin) -> None:
    requests: list[Request] = [
        ("PATCH", DETAIL, JSON_TYPE, b'{"title":"x"}'),
        ("PATCH", DETAIL, JSON_TYPE, b'{"title":""}'),
        ("PATCH", DETAIL, JSON_TYPE, b"{}"),
        ("POST", ADD, JSON_TYPE, b"[]"),
        ("POST", ADD, JSON_TYPE, b"[{}]"),
        ("POST", REMOVE, JSON_TYPE, b"[]"),
        ("PATCH", PERSON, JSON_TYPE, b"{}"),
    ]
    for status in ("active", "completed", "cancelled"):
        await twin.set_status(status)
        assert await twin.differences(requests) == []
    assert await twin.differences([("DELETE", PERSON, JSON_TYPE, b"{")]) == []
    await twin.set_status("active")
    assert (
        await twin.differences(
            [
                ("DELETE", PERSON, JSON_TYPE, b"{"),
                ("DELETE", PERSON, {}, b""),
                ("DELETE", DETAIL, {"Content-Type": "text/plain"}, b"x"),
                ("DELETE", DETAIL, {}, b""),
            ]
        )
        == []
    )


async def test_another_organization_sees_nothing_on_either_side(twin: Twin) -> None:
    told: list[str] = []
    for path in list(PATHS.values())[1:]:
        for method in ("GET", "PATCH", "DELETE", "POST"):
            ours, theirs = await twin.ask(method, path, JSON_TYPE, b"", token="OTHERKEY")
            assert ours.status in (404, 405)
            told += told_apart((method, path, JSON_TYPE, b""), ours, theirs)
    assert told == []


def test_the_digits_of_an_integer_are_limited_as_the_contract_says() -> None:
    assert sys.get_int_max_str_digits() == 4300
