"""What REST.md decides itself (marked C there), where the original service lost or broke things."""

import json

import pytest

from tests.rest.site import BODY, LIST, OTHER, PREFIX, READER, Reply, Site

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
UNKNOWN = "0190a5f6-0000-7000-8000-000000000000"


async def test_the_version_stands_in_the_etag(site: Site) -> None:
    made = await site.book()
    detail = f"{LIST}{made['id']}/"
    created = await site.send_json("POST", LIST, BODY)
    changed = await site.send_json("PATCH", detail, {"title": "New"})
    unchanged = await site.send_json("PATCH", detail, {"title": "New"})
    read = await site.ask("GET", detail)
    etags = [reply.headers["etag"] for reply in (created, changed, unchanged, read)]
    assert etags == ['"1"', '"2"', '"2"', '"2"']


async def test_what_is_ignored_is_named(site: Site) -> None:
    person = {"unique_id": "a", "role": "moderator", "id": "x", "phone": 1}
    body = {**BODY, "participants": [person, {**person, "unique_id": "b"}], "status": "active",
            "config": {"chat_enabled": True, "recording": False}, "id": "x"}  # fmt: skip
    reply = await site.send_json("POST", LIST, body)
    assert reply.status == 201
    assert reply.headers["x-ignored-fields"] == (
        "participants.id, participants.phone, config.recording, status, id"
    )
    assert reply.json["status"] == "scheduled"
    assert reply.json["config"] == {"chat_enabled": True}


async def test_nothing_ignored_names_nothing(site: Site) -> None:
    reply = await site.send_json("POST", LIST, BODY)
    assert "x-ignored-fields" not in reply.headers


@pytest.mark.parametrize(
    ("name", "written"),
    [("é, \r\nx: y", "%C3%A9%2C%20%0D%0Ax:%20y"), ("\ud800", "%3F"), ("", None), ("a b", "a%20b")],
)
async def test_names_of_ignored_fields_cannot_break_the_header(
    site: Site, name: str, written: str | None
) -> None:
    made = await site.book()
    reply = await site.send_json("PATCH", f"{LIST}{made['id']}/", {name: 1})
    assert reply.status == 200
    assert reply.headers.get("x-ignored-fields") == written


async def test_a_flood_of_ignored_fields_is_cut(site: Site) -> None:
    made = await site.book()
    flood = {f"field-{at}": at for at in range(5000)}
    reply = await site.send_json("PATCH", f"{LIST}{made['id']}/", flood)
    named = reply.headers["x-ignored-fields"]
    assert len(named) < 1_010
    assert named.startswith("field-0, field-1, ")
    assert named.endswith(", ...")


@pytest.mark.parametrize("value", ["maybe", None, 2])
async def test_unknown_switches_are_still_read_as_booleans(site: Site, value: object) -> None:
    reply = await site.send_json("POST", LIST, {**BODY, "config": {"recording": value}})
    assert reply.status == 400
    assert list(reply.json) == ["config"]
    assert list(reply.json["config"]) == ["recording"]


async def test_switches_are_echoed_in_the_order_in_which_they_came(site: Site) -> None:
    config = {"raise_hand_enabled": True, "chat_enabled": False}
    made = await site.book(config=config)
    read = await site.ask("GET", f"{LIST}{made['id']}/")
    assert list(made["config"]) == list(read.json["config"]) == list(config)


async def test_a_form_sets_and_keeps_the_configuration(site: Site) -> None:
    form = (
        "title=F&start_date_time=2025-10-30&duration_minutes=60&config.chat_enabled=yes"
        "&config.whiteboard_enabled=off&participants[0]unique_id=a&participants[0]role=moderator"
    )
    made = await site.ask("POST", LIST, FORM, form.encode())
    assert made.json["config"] == {"chat_enabled": True, "whiteboard_enabled": False}
    detail = f"{LIST}{made.json['id']}/"
    kept = await site.ask("PATCH", detail, FORM, b"title=G")
    assert kept.json["config"] == made.json["config"]
    set_anew = await site.ask("PATCH", detail, FORM, b"config.chat_enabled=0")
    assert set_anew.json["config"] == {"chat_enabled": False}
    refused = await site.ask("PATCH", detail, FORM, b"config.chat_enabled=maybe")
    assert refused.json == {"config": {"chat_enabled": ["Must be a valid boolean."]}}


async def test_a_form_without_configuration_has_none(site: Site) -> None:
    form = "title=F&start_date_time=2025-10-30&duration_minutes=60&config=x"
    form += "&participants[0]unique_id=a&participants[0]role=moderator"
    made = await site.ask("POST", LIST, FORM, form.encode())
    assert made.json["config"] is None
    assert made.headers["x-ignored-fields"] == "config"


async def test_a_participant_listed_twice_is_refused_where_it_stands_again(site: Site) -> None:
    people = [
        {"unique_id": "a", "role": "moderator"},
        {"unique_id": "b", "role": "moderator"},
        {"unique_id": " a", "role": "participant"},
    ]
    twice = {"unique_id": ["This participant is listed more than once."]}
    created = await site.send_json("POST", LIST, {**BODY, "participants": people})
    assert created.json == {"participants": [{}, {}, twice]}
    made = await site.book()
    added = await site.send_json("POST", f"{LIST}{made['id']}/participants/add/", people)
    assert added.json == [{}, {}, twice]


async def test_adding_again_and_removing_again_are_safe_retries(site: Site) -> None:
    made = await site.book(2)
    below = f"{LIST}{made['id']}/participants"
    again = [{"unique_id": "p0@x", "role": "participant", "display_name": "Other"}]
    added = await site.send_json("POST", f"{below}/add/", again)
    assert (added.status, added.json["participants"]) == (200, made["participants"])
    gone = [{"id": made["participants"][0]["id"]}, {"id": UNKNOWN}]
    for _ in range(2):
        removed = await site.send_json("POST", f"{below}/remove/", gone)
        assert (removed.status, removed.json["participants"]) == (200, made["participants"][1:])


async def test_at_most_a_thousand_participants_in_one_request(site: Site) -> None:
    people = [{"unique_id": f"p{at}", "role": "participant"} for at in range(1001)]
    too_many = {"non_field_errors": ["Ensure this field has no more than 1000 elements."]}
    made = await site.book()
    below = f"{LIST}{made['id']}/participants"
    created = await site.send_json("POST", LIST, {**BODY, "participants": people})
    added = await site.send_json("POST", f"{below}/add/", people)
    removed = await site.send_json("POST", f"{below}/remove/", [{"id": UNKNOWN}] * 1001)
    assert [created.status, added.status, removed.status] == [400, 400, 400]
    assert created.json == {"participants": too_many}
    assert added.json == removed.json == too_many
    whole = await site.send_json("POST", LIST, {**BODY, "participants": people[:1000]})
    assert whole.status == 201
    assert len(whole.json["participants"]) == 1000


@pytest.mark.parametrize("start", ["9999-12-31T23:50:00Z", "9999-12-31T23:59:59.999999Z"])
async def test_an_end_beyond_the_calendar_is_out_of_range(site: Site, start: str) -> None:
    wrong = {"start_date_time": ["Datetime value out of range."]}
    created = await site.send_json("POST", LIST, {**BODY, "start_date_time": start})
    assert (created.status, created.json) == (400, wrong)
    made = await site.book()
    changed = await site.send_json("PATCH", f"{LIST}{made['id']}/", {"start_date_time": start})
    assert (changed.status, changed.json) == (400, wrong)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "FOO"])
async def test_a_reading_token_may_not_write(site: Site, method: str) -> None:
    made = await site.book()
    forbidden = {"detail": "You do not have permission to perform this action."}
    for target in (LIST, f"{LIST}{made['id']}/", f"{LIST}{UNKNOWN}/", f"{LIST}nope/"):
        reply = await site.ask(method, target, body=b"{", token=READER)
        assert (reply.status, reply.json) == (403, forbidden)
        assert "allow" in reply.headers


async def test_a_reading_token_reads_and_is_told_of_no_body(site: Site) -> None:
    made = await site.book()
    for target in (LIST, f"{LIST}{made['id']}/", f"{LIST}{made['id']}/participants/"):
        assert (await site.ask("GET", target, token=READER)).status == 200
    options = await site.ask("OPTIONS", LIST, token=READER)
    assert (options.status, "actions" in options.json) == (200, False)


@pytest.mark.parametrize(
    "path",
    ["", "/", "/nothing/", "/appointments/a/b/", "/appointments//", "/appointments/a.b/",
     f"/appointments/{UNKNOWN}/participants/nope/", f"/appointments/{UNKNOWN}/participants/add/x/",
     "/appointments/nope/participants/", f"/appointments/{UNKNOWN.upper()}/participants/",
     "/appointments/%0A/x", "/appointments\n", "/appointmentsx"],
)  # fmt: skip
async def test_an_unknown_path_is_told_in_json_before_anything_else(site: Site, path: str) -> None:
    reply = await site.ask("PUT", f"{PREFIX}{path}", {"Accept": "text/html"}, token=None)
    assert (reply.status, reply.json) == (404, {"detail": "Not found."})
    assert reply.headers["content-type"] == "application/json"


async def test_every_path_answers_without_its_last_slash(site: Site) -> None:
    made = await site.book()
    reply = await site.send_json("POST", LIST[:-1], BODY)
    assert reply.status == 201
    detail = f"{LIST}{made['id']}"
    person = f"{detail}/participants/{made['participants'][0]['id']}"
    for target in (LIST[:-1], detail, f"{detail}/participants", person):
        assert (await site.ask("GET", target)).status == 200
    for target in (f"{detail}/participants/add", f"{detail}/participants/remove"):
        assert (await site.send_json("POST", target, [])).status == 200


async def test_another_organization_lists_nothing_of_ours(site: Site) -> None:
    made = await site.book()
    listed: Reply = await site.ask("GET", f"{LIST}?participant_unique_id=p0@x", token=OTHER)
    assert listed.json["count"] == 0
    missing = await site.ask("GET", f"{LIST}{UNKNOWN}/", token=OTHER)
    foreign = await site.ask("GET", f"{LIST}{made['id']}/", token=OTHER)
    assert (foreign.status, foreign.body) == (missing.status, missing.body)


async def test_the_separators_of_lines_are_escaped_and_nothing_else_is(site: Site) -> None:
    made = await site.send_json("POST", LIST, {**BODY, "title": "a\u2028b\u2029c\u00e9 <&>/\x7f"})
    assert 'a\\u2028b\\u2029cé <&>/\x7f"'.encode() in made.body
    indented = await site.ask(
        "GET", f"{LIST}{made.json['id']}/", {"Accept": "application/json; indent=2"}
    )
    assert json.loads(indented.body) == made.json
    assert "a\\u2028b\\u2029cé".encode() in indented.body


async def test_more_than_a_thousand_participants_are_refused_in_the_words_of_the_request(
    site: Site,
) -> None:
    booked = await site.book(people=1000)
    one_more = [{"unique_id": "x", "role": "moderator"}]
    reply = await site.send_json("POST", f"{LIST}{booked['id']}/participants/add/", one_more)
    assert reply.status == 400
    assert reply.json == {"non_field_errors": ["Ensure this field has no more than 1000 elements."]}


@pytest.mark.parametrize("path", ["", "{id}/", "{id}/participants/", "nowhere/", "?page=99"])
async def test_no_cache_keeps_an_answer(site: Site, path: str) -> None:
    booked = await site.book()
    for method in ("GET", "POST", "OPTIONS"):
        reply = await site.ask(method, LIST + path.format(id=booked["id"]))
        assert reply.headers["cache-control"] == "no-store"
