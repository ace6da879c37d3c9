"""What the list takes beyond the documentation, and what it says of parameters that nobody reads."""

import json
from itertools import permutations
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from db.models import AppointmentStatus
from gateway.version import VERSION
from rest.openapi.document import committed
from rest.openapi.parameters import QUERY
from rest.routes import OPERATIONS
from schema.inputs import AppointmentFilter, AppointmentOrder
from schema.operation.call import Call
from tests.conftest import MovableClock
from tests.rest.site import BODY, LIST, Site

UNKNOWN = "Select a valid choice. {} is not one of the available choices."
BIG = "x" * 5_000


async def titles(site: Site, query: str) -> str:
    """The titles that a list shows, joined."""
    reply = await site.ask("GET", f"{LIST}?{query}")
    assert reply.status == 200, reply.body
    return "".join(each["title"] for each in reply.json["results"])


@pytest.fixture
async def one_of_each(site: Site) -> Site:
    """Five appointments, a to e, in the order of the statuses; a starts first."""
    for day, (title, status) in enumerate(zip("abcde", AppointmentStatus, strict=True), start=1):
        made = await site.book(title=title, start_date_time=f"2025-03-{day:02}T10:00:00Z")
        await site.set_status(made["id"], status)
    return site


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=scheduled", "a"),
        ("status=no_show&status=active", "eb"),
        ("status=completed,cancelled", "dc"),
        ("status=completed,cancelled&status=active", "dcb"),
        ("status=active,active&status=active", "b"),
        ("status=%20active%20,,", "b"),
        ("status=scheduled,active,completed,cancelled,no_show", "edcba"),
        ("status=", "edcba"),
        ("status=,", "edcba"),
        ("status=active,no_show&end_date=2025-03-02T10:00:00Z", "b"),
        ("status=active&participant_unique_id=nobody", ""),
        ("status=active,no_show,cancelled&ordering=start_date_time", "bde"),
        ("status=active,no_show,cancelled&ordering=-updated_at,start_date_time", "bde"),
    ],
)
async def test_a_status_narrows_the_list(one_of_each: Site, query: str, found: str) -> None:
    assert await titles(one_of_each, query) == found


@pytest.mark.parametrize("status", AppointmentStatus)
async def test_both_faces_filter_alike(
    one_of_each: Site, status: AppointmentStatus, clock: MovableClock
) -> None:
    from rest.input.query import Query

    wanted, _ = Query(f"status={status}".encode()).wanted()
    assert wanted == AppointmentFilter(
        participant_unique_id=None, starts_from=None, starts_until=None, status=[status]
    )


@pytest.mark.parametrize(
    "value", ["done", "SCHEDULED", "scheduled,done", "done&status=active", "1"]
)
async def test_an_unknown_status_is_refused(site: Site, value: str) -> None:
    reply = await site.ask("GET", f"{LIST}?status={value}")
    name = next(each for each in ("done", "SCHEDULED", "1") if each in value)
    assert (reply.status, reply.json) == (400, {"status": [UNKNOWN.format(name)]})


@pytest.mark.parametrize(
    "value", ["title", "-", "--created_at", "created_at,id", "START_DATE_TIME"]
)
async def test_an_unknown_order_is_refused(site: Site, value: str) -> None:
    reply = await site.ask("GET", f"{LIST}?ordering={value}")
    unknown = value.rpartition(",")[2]
    assert (reply.status, reply.json) == (400, {"ordering": [UNKNOWN.format(unknown)]})


async def test_all_that_is_wrong_is_told_at_once_and_as_described(site: Site) -> None:
    reply = await site.ask(
        "GET", f"{LIST}?status={BIG}&ordering={BIG[:2000]}&start_date=x&end_date=x"
    )
    assert (reply.status, list(reply.json)) == (
        400,
        ["start_date", "end_date", "status", "ordering"],
    )
    assert len(reply.body) < 700, "a value is not quoted at any length"
    document = json.loads(committed(VERSION))
    errors = document["components"]["schemas"]["FilterErrors"]
    closed = {**errors, "additionalProperties": False, "components": document["components"]}
    Draft202012Validator(closed).validate(reply.json)


@pytest.fixture
async def ties(site: Site, clock: MovableClock) -> Site:
    """Four appointments: b and c start together, created in the order d, c, b, a."""
    for title, day in (("d", 3), ("c", 2), ("b", 2), ("a", 1)):
        clock.move(minutes=1)
        await site.book(title=title, start_date_time=f"2025-03-{day:02}T10:00:00Z")
    return site


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("ordering=start_date_time,-created_at", "abcd"),
        ("ordering=start_date_time,created_at", "acbd"),
        ("ordering=-start_date_time&ordering=-created_at", "dbca"),
        ("ordering=created_at", "dcba"),
        ("ordering=-created_at", "abcd"),
        ("ordering=updated_at", "dcba"),
        ("ordering=-updated_at,created_at", "abcd"),
        ("ordering=start_date_time,-start_date_time,created_at", "acbd"),
        ("ordering=created_at&page_size=3&page=2", "a"),
        ("ordering=created_at&page_size=3&page=last", "a"),
    ],
)
async def test_the_list_is_sorted_as_asked(ties: Site, query: str, found: str) -> None:
    assert await titles(ties, query) == found


async def test_without_an_order_the_latest_start_comes_first(ties: Site) -> None:
    plain = await ties.ask("GET", LIST)
    for query in ("ordering=", "ordering=,", "ordering=-start_date_time"):
        assert (await ties.ask("GET", f"{LIST}?{query}")).json["results"] == plain.json["results"]


async def test_every_order_is_walked_without_loss(ties: Site) -> None:
    fields = ("start_date_time", "-created_at", "updated_at")
    for fields_in_order in permutations(fields):
        walked, target = (
            "",
            f"{LIST}?page_size=1&status=scheduled&ordering={','.join(fields_in_order)}",
        )
        while target:
            reply = await ties.ask("GET", target)
            walked += "".join(each["title"] for each in reply.json["results"])
            target = (reply.json["next"] or "").removeprefix("http://testserver")
        assert "".join(sorted(walked)) == "abcd"


async def test_an_order_is_the_one_that_graphql_takes(
    monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    seen: list[Any] = []

    async def listed(call: Call, **arguments: Any) -> Any:
        seen.append(arguments)
        raise RuntimeError

    monkeypatch.setattr("rest.appointments.list_appointments", listed)
    await site.ask("GET", f"{LIST}?ordering=-updated_at,start_date_time&status=active")
    (arguments,) = seen
    assert isinstance(arguments["order_by"], AppointmentOrder)
    assert arguments["order_by"].field == "updated_at"
    assert [each.field for each in arguments["then_by"]] == ["start_date_time"]
    assert arguments["filter"].status == [AppointmentStatus.ACTIVE]


@pytest.mark.parametrize(
    ("target", "named"),
    [
        (f"{LIST}?page=1&page_size=5&start_date=&status=&ordering=&format=json", None),
        (f"{LIST}?colour=red&page=1&limit=5", "colour, limit"),
        (f"{LIST}?limit=1&limit=2", "limit"),
        (f"{LIST}?Page=2&=x", "Page"),
        (f"{LIST}?%0d%0aSet-Cookie:%20a=1&caf%C3%A9=1", "%0D%0ASet-Cookie:%20a, caf%C3%A9"),
        (f"{LIST}?%C3%A9=1&start_date=wrong", "%C3%A9"),
        (f"{LIST}x/?page=1", "page"),
        (f"{LIST}00000000-0000-4000-8000-000000000000/?expand=all", "expand"),
        (f"{LIST}00000000-0000-4000-8000-000000000000/participants/?page=1&role=x", "role"),
        ("/api/v1/nothing/?page=1", None),
    ],
)
async def test_parameters_that_nobody_reads_are_named(
    site: Site, target: str, named: str | None
) -> None:
    reply = await site.ask("GET", target)
    assert reply.headers.get("x-ignored-parameters") == named


async def test_what_is_written_names_them_too(site: Site) -> None:
    made = await site.send_json("POST", f"{LIST}?dry_run=1", BODY)
    assert (made.status, made.headers["x-ignored-parameters"]) == (201, "dry_run")
    gone = await site.ask("DELETE", f"{LIST}{made.json['id']}/?force=1")
    assert (gone.status, gone.headers["x-ignored-parameters"]) == (204, "force")


async def test_the_names_are_bounded_and_told_to_callers_alone(site: Site) -> None:
    many = "&".join(f"name-{at}=1" for at in range(900))
    reply = await site.ask("GET", f"{LIST}?{many}")
    assert reply.status == 200
    assert len(reply.headers["x-ignored-parameters"]) <= 1_010
    assert reply.headers["x-ignored-parameters"].endswith(", ...")
    stranger = await site.ask("GET", f"{LIST}?{many}", token=None)
    assert (stranger.status, "x-ignored-parameters" in stranger.headers) == (401, False)


def test_every_parameter_of_the_table_is_described() -> None:
    document = json.loads(committed(VERSION))
    for each in OPERATIONS:
        operation = document["paths"]["/api/v1" + each.path][each.method.lower()]
        named = [one["$ref"].rpartition("/")[2] for one in operation.get("parameters", [])]
        assert [name for name in named if name in QUERY] == list(each.query)
