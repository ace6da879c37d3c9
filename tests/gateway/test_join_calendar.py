"""The appointment of a link as a calendar file, read by a parser that shares no code with ours."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from ical.event import Event
from starlette.applications import Starlette

from schema.operator.organizations import settle_organization
from tests.conftest import MovableClock
from tests.contract.test_appointments import booking
from tests.contract.test_lifecycle import SOON
from tests.faces import RestFace
from tests.people import Tenant

from .test_join import HTML, JSON, STATUSES, link_in


@pytest.fixture
def face(client: httpx2.AsyncClient, tenant: Tenant) -> RestFace:
    return RestFace(client, tenant.write)


async def calendar(client: httpx2.AsyncClient, path: str) -> tuple[Calendar, Event]:
    """Fetches a link's file; returns what an independent parser makes of it."""
    answer = await client.get(f"{path}/appointment.ics", headers=HTML)
    assert answer.status_code == 200
    lines = answer.content.split(b"\r\n")
    assert lines.pop() == b"", "each line ends with CRLF, the last one as well"
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
    answer.content.decode("utf-8", "strict")
    read = IcsCalendarStream.calendar_from_ics(answer.content.decode())
    (event,) = read.events
    return read, event


async def test_a_calendar_shows_the_appointment_and_its_link(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace
) -> None:
    path = await link_in("TOO_EARLY", face, app, clock)
    read, event = await calendar(client, path)
    assert (read.version, read.method) == ("2.0", None)
    assert event.summary == "Passport renewal"
    assert event.dtstart == datetime(2026, 3, 2, 13, tzinfo=UTC)
    assert event.dtend - event.dtstart == timedelta(minutes=30)
    assert event.status == "CONFIRMED"
    assert str(event.url) == f"http://testserver{path}"
    assert str(event.description).splitlines() == [
        "Consulate General invites you. Open this link to join:",
        f"http://testserver{path}",
        "It is yours alone: do not pass it on.",
    ]
    assert event.classification == "PRIVATE"
    (alarm,) = event.alarm
    assert (alarm.action, alarm.trigger) == ("DISPLAY", timedelta(minutes=-15))
    assert alarm.description == "Passport renewal"
    assert event.organizer is None, "the organization has no address"


async def test_head_and_get_agree_on_the_headers(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace
) -> None:
    path = await link_in("OPEN", face, app, clock) + "/appointment.ics"
    got, head = [await client.request(verb, path, headers=HTML) for verb in ("GET", "HEAD")]
    assert {**head.headers, "x-request-id": ""} == {**got.headers, "x-request-id": ""}
    assert head.content == b"" and int(head.headers["content-length"]) == len(got.content)
    assert got.headers["content-type"] == "text/calendar; charset=utf-8"
    assert got.headers["content-disposition"] == (
        'attachment; filename="appointment-2026-03-02.ics"'
    )
    assert got.headers["cache-control"] == "no-store"
    assert got.headers["x-content-type-options"] == "nosniff"
    sent = await client.post(path, headers=HTML)
    assert (sent.status_code, sent.headers["allow"]) == (405, "GET, HEAD")


async def test_a_new_time_changes_the_entry_that_is_there(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace
) -> None:
    row = await face.create(**booking(start_date_time=SOON))
    path, other = [
        each["access_link"].removeprefix("http://testserver") for each in row["participants"]
    ]
    _, first = await calendar(client, path)
    clock.move(minutes=1)
    await face.update(row["id"], start_date_time="2026-03-29T00:30:00Z")
    _, second = await calendar(client, path)
    assert second.uid == first.uid
    assert second.sequence > first.sequence
    assert second.dtstart == datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    assert second.dtstamp > first.dtstamp
    # Two people of one family may share a calendar.
    assert (await calendar(client, other))[1].uid != first.uid
    # Asked for twice without a change in between, it is the same file.
    again = [(await client.get(f"{path}/appointment.ics")).content for _ in range(2)]
    assert again[0] == again[1]


async def test_a_cancelled_appointment_is_crossed_out(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace
) -> None:
    row = await face.create(**booking(start_date_time=SOON))
    path = row["participants"][0]["access_link"].removeprefix("http://testserver")
    _, before = await calendar(client, path)
    await face.cancel(row["id"])
    _, event = await calendar(client, path)
    assert (event.uid, event.status) == (before.uid, "CANCELLED")
    assert event.sequence > before.sequence
    assert event.url is None and event.alarm == []


async def test_an_organization_with_an_address_is_the_organizer(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace
) -> None:
    services = app.state.lifespan["services"]
    path = await link_in("OPEN", face, app, clock)
    for contact in ("+49 30 1234 567", "info@example.org"):
        await settle_organization(services.database, "Consulate General", {"contact": contact})
        answer = await client.get(f"{path}/appointment.ics")
        read, event = await calendar(client, path)
        assert contact in str(event.description)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8; method=PUBLISH"
    assert read.method == "PUBLISH"
    assert event.organizer is not None
    assert str(event.organizer.uri) == "mailto:info@example.org"
    assert event.organizer.common_name == "Consulate General"
    (row,) = await face.find()
    await face.cancel(row["id"])
    read, event = await calendar(client, path)
    assert (read.method, event.status) == ("CANCEL", "CANCELLED")


@pytest.mark.parametrize(
    "title",
    [
        "a; b, c: d \\ e \"f\" 'g'",
        "two\nlines\r\nand\ra third",
        "BEGIN:VEVENT\r\nEND:VCALENDAR\r\n",
        "جواز السفر، تجديد",
        "🛂" * 60,
        "é" * 255,
        "\\n not a new line \\, \\;",
        "nul\x01bell\x07",
    ],
)
async def test_a_title_of_any_characters_is_one_text(
    client: httpx2.AsyncClient, app: Starlette, face: RestFace, title: str
) -> None:
    row = await face.create(**booking(start_date_time=SOON, title=title))
    path = row["participants"][0]["access_link"].removeprefix("http://testserver")
    _, event = await calendar(client, path)
    expected = title.replace("\r\n", "\n").replace("\r", "\n").strip()
    assert event.summary == expected.replace("\x01", " ").replace("\x07", " ")


@pytest.mark.parametrize("code", ["ENDED", "REMOVED", "UNKNOWN_LINK"])
async def test_other_links_have_no_file(
    client: httpx2.AsyncClient, app: Starlette, clock: MovableClock, face: RestFace, code: str
) -> None:
    path = await link_in(code, face, app, clock)
    for accept, kind in ((HTML, "text/html; charset=utf-8"), (JSON, "application/json")):
        answer = await client.get(f"{path}/appointment.ics", headers=accept)
        assert answer.status_code == STATUSES[code][0]
        assert answer.headers["content-type"] == kind


async def test_unknown_links_are_throttled_here_too(client: httpx2.AsyncClient) -> None:
    asked: list[Any] = [await client.get(f"/join/guess-{n}/appointment.ics") for n in range(25)]
    assert [each.status_code for each in asked] == [404] * 20 + [429] * 5
