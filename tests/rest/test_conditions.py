"""Conditional requests as RFC 9110 has them: no lost update, and no answer sent twice."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from db.ids import new_id
from db.models import EventSource
from rest.routes import (
    ADD,
    CANCEL,
    COMPLETE,
    INSTANCE,
    OPERATIONS,
    PERSON,
    REMOVE,
    START,
)
from schema.operation.call import Call, Caller
from schema.resolvers.participants import rotate_access_link
from tests.conftest import MovableClock
from tests.rest.site import BODY, LIST, OTHER, PREFIX, READER, Reply, Site

JSON = {"Content-Type": "application/json"}
INDENTED = {"Accept": "application/json; indent=2"}
NEW_TITLE = b'{"title": "New"}'
EVENTS = f"{PREFIX}/events/"


class Made:
    """An appointment of two, and the paths below it."""

    def __init__(self, site: Site, detail: dict[str, Any]) -> None:
        self.site = site
        self.id = detail["id"]
        self.people = [each["id"] for each in detail["participants"]]
        self.path = f"{LIST}{self.id}/"
        self.list = f"{self.path}participants/"
        self.person = f"{self.list}{self.people[0]}/"

    async def get(self, path: str = "", **headers: str) -> Reply:
        """Reads with headers, in which `_` stands for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.site.ask("GET", path or self.path, named)

    async def tag(self, path: str = "") -> str:
        """The current entity tag at the path."""
        return (await self.get(path)).headers["etag"]

    async def write(self, method: str, path: str, body: bytes = b"", **headers: str) -> Reply:
        """Writes with headers, in which `_` stands for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.site.ask(method, path, {**JSON, **named}, body)


@pytest.fixture
async def made(site: Site, clock: MovableClock) -> Made:
    start = clock.now().isoformat()
    return Made(site, await site.book(people=2, start_date_time=start))


def writes_of(made: Made) -> list[tuple[str, str, bytes]]:
    """Every operation that depends on the version of the appointment, deletion last."""
    added = b'[{"unique_id": "new", "role": "participant"}]'
    return [
        ("PATCH", made.path, NEW_TITLE),
        ("POST", f"{made.list}add/", added),
        ("POST", f"{made.list}remove/", b'[{"id": "%s"}]' % made.people[1].encode()),
        ("POST", f"{made.path}start/", b""),
        ("POST", f"{made.path}complete/", b""),
        ("DELETE", made.path, b""),
    ]


# If-Match, writes


async def test_every_write_refuses_a_stale_tag_and_takes_the_current_one(made: Made) -> None:
    for method, path, body in writes_of(made):
        before, current = await made.get(), await made.tag()
        stale = await made.write(method, path, body, If_Match='"99"')
        assert (stale.status, list(stale.json)) == (412, ["detail"]), path
        assert stale.headers["etag"] == current
        assert "`If-Match` does not name the current state" in stale.json["detail"]
        assert (await made.get()).body == before.body
        taken = await made.write(method, path, body, If_Match=current)
        assert taken.status in (200, 204), (path, taken.body)
        if taken.status == 200:
            assert taken.headers["etag"] == await made.tag() != current


def test_every_write_of_the_table_is_tried_here() -> None:
    tried = {"PATCH": {INSTANCE, PERSON}, "DELETE": {INSTANCE, PERSON}}
    tried["POST"] = {ADD, REMOVE, START, COMPLETE, CANCEL}
    writes = [each for each in OPERATIONS if each.takes_conditions and each.method != "GET"]
    for method, resources in tried.items():
        assert {each.resource for each in writes if each.method == method} == resources
    assert {each.method for each in writes} == tried.keys()


async def test_cancelling_takes_conditions(made: Made) -> None:
    cancel = f"{made.path}cancel/"
    assert (await made.write("POST", cancel, b"{}", If_Match='"2"')).status == 412
    assert (await made.write("POST", cancel, b"{}", If_Match='"1"')).status == 200


async def test_a_step_that_was_made_answers_its_state_also_to_a_stale_tag(made: Made) -> None:
    # RFC 9110 §13.1.1 allows it: the client may have missed the answer to its first attempt.
    start = f"{made.path}start/"
    first = await made.write("POST", start, If_Match='"1"')
    again = await made.write("POST", start, If_Match='"1"')
    assert (first.status, again.status) == (200, 200)
    assert (again.headers["etag"], again.body) == ('"2"', first.body)


async def test_participants_have_tags_of_their_own(made: Made) -> None:
    tag = await made.tag(made.person)
    changed = await made.write("PATCH", made.person, b'{"display_name": "A"}', If_Match=tag)
    assert changed.status == 200
    assert changed.headers["etag"] == await made.tag(made.person) != tag
    for method, body in (("PATCH", b'{"display_name": "B"}'), ("DELETE", b"")):
        stale = await made.write(method, made.person, body, If_Match=tag)
        assert (stale.status, stale.headers["etag"]) == (412, changed.headers["etag"])
    now = changed.headers["etag"]
    assert (await made.write("DELETE", made.person, If_Match=now)).status == 204


@pytest.mark.parametrize(
    ("field", "is_good"),
    [
        ('"1"', True),
        ('"7", "1"', True),
        (' , ,"7",,\t"1" ,', True),
        ('"a,b", "1"', True),
        ('W/"7","1"', True),
        ("*", True),
        (" * ", True),
        ('"1-2"', True),  # The tag of the same state, indented.
        ('W/"1"', False),  # A weak tag never matches strongly.
        ('"2"', False),
        ('"a,1"', False),
        ('"01"', False),
        ('"1-9"', False),
        ('""', False),
        ("", False),
        (",", False),
    ],
)
async def test_lists_of_tags(made: Made, field: str, is_good: bool) -> None:
    changed = await made.write("PATCH", made.path, NEW_TITLE, If_Match=field)
    assert changed.status == (200 if is_good else 412)


async def test_lines_of_one_header_are_one_list(made: Made) -> None:
    lines = [*JSON.items(), ("If-Match", '"7"'), ("If-Match", '"1"')]
    assert (await made.site.ask("PATCH", made.path, lines, NEW_TITLE)).status == 200
    mixed = [*JSON.items(), ("If-Match", '"7"'), ("If-Match", "*")]
    assert (await made.site.ask("PATCH", made.path, mixed, NEW_TITLE)).status == 400


@pytest.mark.parametrize(
    "field", ["1", '"1', '1"', 'w/"1"', 'W/ "1"', '"1" "2"', '"1"2', '*, "1"', "**", '"a b"', "\0"]
)
@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
async def test_what_is_no_list_of_tags_writes_nothing(made: Made, header: str, field: str) -> None:
    headers = {**JSON, header: field}
    for method, path, body in (
        ("PATCH", made.path, NEW_TITLE), ("DELETE", made.path, b""),
        ("PATCH", made.person, b'{"display_name": "A"}'), ("DELETE", made.person, b""),
    ):  # fmt: skip
        refused = await made.site.ask(method, path, headers, body)
        assert refused.status == 400
        assert refused.json["detail"].startswith(f"`{header}` is not a list of entity tags")
    assert await made.tag() == '"1"'


async def test_a_key_comes_before_the_condition(made: Made) -> None:
    stale = await made.write("PATCH", made.path, NEW_TITLE, If_Match='"9"', Idempotency_Key="k")
    assert stale.status == 412  # Nothing was done, so nothing is kept.
    first = await made.write("PATCH", made.path, NEW_TITLE, If_Match='"1"', Idempotency_Key="k")
    again = await made.write("PATCH", made.path, NEW_TITLE, If_Match='"1"', Idempotency_Key="k")
    assert (first.status, again.status, again.body) == (200, 200, first.body)
    assert (again.headers["etag"], again.headers["idempotency-replayed"]) == ('"2"', "true")


# If-None-Match, writes


@pytest.mark.parametrize(("field", "status"), [("*", 412), ('"1"', 412), ('W/"1"', 412), ('"2"', 200)])  # fmt: skip
async def test_a_write_unless_the_state_is_known(made: Made, field: str, status: int) -> None:
    changed = await made.write("PATCH", made.path, NEW_TITLE, If_None_Match=field)
    assert changed.status == status
    if status == 412:
        assert changed.headers["etag"] == '"1"'
        assert "`If-None-Match` names the current state" in changed.json["detail"]


async def test_both_conditions_must_hold(made: Made) -> None:
    both = await made.write("PATCH", made.path, NEW_TITLE, If_Match='"1"', If_None_Match='"1"')
    assert "`If-None-Match`" in both.json["detail"]
    first = await made.write("PATCH", made.path, NEW_TITLE, If_Match='"2"', If_None_Match='"1"')
    assert (both.status, first.status) == (412, 412)
    assert "`If-Match`" in first.json["detail"]
    good = await made.write("PATCH", made.path, NEW_TITLE, If_Match='"1"', If_None_Match='"2"')
    assert good.status == 200


# The order of checks


async def test_what_is_missing_is_404_whatever_the_condition(made: Made) -> None:
    gone = Made(made.site, {"id": new_id(), "participants": [{"id": new_id()}] * 2})
    for headers in ({"If_Match": "*"}, {"If_Match": '"1"'}, {"If_None_Match": "*"}, {"If_Match": "1"}):  # fmt: skip
        assert (await gone.get(**headers)).status == 404
        assert (await gone.get(gone.person, **headers)).status == 404
        for method, path, body in writes_of(gone):
            assert (await made.write(method, path, body, **headers)).status == 404
        person = f"{made.list}{new_id()}/"
        assert (await made.write("DELETE", person, **headers)).status == 404
        assert (await made.write("PATCH", person, b"nonsense", **headers)).status == 404


async def test_other_tenants_learn_nothing(made: Made) -> None:
    headers = {**JSON, "If-None-Match": "*"}
    for method, path in (("GET", made.path), ("GET", made.person), ("DELETE", made.path)):
        reply = await made.site.ask(method, path, headers, token=OTHER)
        assert (reply.status, reply.headers.get("etag")) == (404, None)


async def test_conditions_come_after_the_caller_and_before_the_body(made: Made) -> None:
    stale = {"If_Match": '"9"'}
    for path, nonsense in (
        (made.path, b'{"title": null}'), (made.path, b"{"), (made.path, b'{"duration_minutes": 1}'),
        (made.person, b'{"role": "boss"}'), (made.person, b"["),
    ):  # fmt: skip
        assert (await made.write("PATCH", path, nonsense, **stale)).status == 412
        assert (await made.write("PATCH", path, nonsense)).status == 400
    for path in (f"{made.list}add/", f"{made.list}remove/"):
        assert (await made.write("POST", path, b"{}", **stale)).status == 412
    text = await made.write("PATCH", made.path, b"x", **stale, Content_Type="text/plain")
    large = await made.write("PATCH", made.path, b" " * 1_048_577, **stale)
    reader = await made.site.ask("DELETE", made.path, {"If-Match": '"9"'}, token=READER)
    nobody = await made.site.ask("DELETE", made.path, {"If-Match": '"9"'}, token=None)
    put = await made.write("PUT", made.path, NEW_TITLE, **stale)
    assert [each.status for each in (text, large, reader, nobody, put)] == [415, 413, 403, 401, 405]


async def test_conditions_come_before_the_rules_of_a_change(made: Made) -> None:
    await made.site.set_status(made.id, "cancelled")
    assert (await made.write("PATCH", made.path, NEW_TITLE, If_Match='"1"')).status == 412
    assert (await made.write("PATCH", made.path, NEW_TITLE, If_Match='"2"')).status == 400


async def test_booking_and_options_read_no_conditions(made: Made) -> None:
    for headers in ({"If-Match": '"9"'}, {"If-None-Match": "*"}, {"If-Match": "nonsense"}):
        booked = await made.site.ask("POST", LIST, {**JSON, **headers}, b'{"title": "T", "start_date_time": "2030-01-01", "duration_minutes": 15, "participants": []}')  # fmt: skip
        assert booked.status == 201
        assert (await made.site.ask("OPTIONS", made.path, headers)).status == 200


async def test_refusals_have_no_tag(made: Made) -> None:
    refused = await made.write("PATCH", made.path, b'{"title": null}')
    missing = await made.get(f"{LIST}?page=9", If_None_Match="*")
    assert [refused.headers.get("etag"), missing.headers.get("etag")] == [None, None]
    assert missing.status == 404


# Reads


def pages_of(made: Made) -> list[str]:
    """Everything that can be read."""
    return [
        made.path, made.person, made.list, f"{made.list}?page_size=1", LIST, f"{LIST}?page_size=1",
        f"{LIST}?status=scheduled", EVENTS, f"{EVENTS}?limit=1",
    ]  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_what_is_held_is_not_sent_again(made: Made, method: str) -> None:
    for path in pages_of(made):
        first = await made.get(path)
        tag = first.headers["etag"]
        for field in (tag, f"W/{tag}", "*", f'"x",, {tag}'):
            again = await made.site.ask(method, path, {"If-None-Match": field})
            assert (again.status, again.body) == (304, b""), path
            assert again.headers["etag"] == tag
            assert again.headers["cache-control"] == first.headers["cache-control"]
            assert not {"content-type", "content-length"} & again.headers.keys()
        for field in ('"x"', "nonsense", "", f'"{tag}"', tag[1:-1], f'"{tag}'):
            fresh = await made.site.ask(method, path, {"If-None-Match": field})
            assert fresh.status == 200
            assert steady(fresh) == steady(first)
            assert fresh.body == (first.body if method == "GET" else b"")


async def test_a_read_may_insist_on_a_state(made: Made) -> None:
    for path in pages_of(made):
        first = await made.get(path)
        tag = first.headers["etag"]
        for field, status in ((tag, 200), ("*", 200), (f"W/{tag}", 412), ('"x"', 412), ("x", 400)):
            reply = await made.get(path, If_Match=field)
            assert reply.status == status
            if status == 412:
                assert (reply.headers["etag"], list(reply.json)) == (tag, ["detail"])
        both = await made.get(path, If_Match='"x"', If_None_Match=tag)
        held = await made.get(path, If_Match=tag, If_None_Match=tag)
        assert (both.status, held.status) == (412, 304)


async def test_the_order_of_dates_and_ranges_changes_nothing(made: Made) -> None:
    plain = await made.get()
    others = {"If-Modified-Since": "Sat, 29 Oct 2039 19:43:31 GMT", "Range": "bytes=0-1",
              "If-Unmodified-Since": "Sat, 29 Oct 1994 19:43:31 GMT", "If-Range": '"1"'}  # fmt: skip
    reply = await made.site.ask("GET", made.path, others)
    assert (reply.status, reply.body, steady(reply)) == (200, plain.body, steady(plain))


async def test_indented_answers_are_other_representations(made: Made) -> None:
    for path in pages_of(made):
        tag = await made.tag(path)
        indented = await made.site.ask("GET", path, INDENTED)
        assert indented.headers["etag"] == f'{tag[:-1]}-2"'
        for held, status in ((tag, 200), (indented.headers["etag"], 304)):
            again = await made.site.ask("GET", path, {**INDENTED, "If-None-Match": held})
            assert again.status == status
    taken = await made.write("PATCH", made.path, NEW_TITLE, If_Match='"1-2"')
    person = await made.site.ask("GET", made.person, INDENTED)
    body = b'{"display_name": "A"}'
    renamed = await made.write("PATCH", made.person, body, If_Match=person.headers["etag"])
    assert (taken.status, renamed.status) == (200, 200)


def steady(reply: Reply) -> dict[str, str]:
    """The headers, without what is left to spend."""
    return {name: value for name, value in reply.headers.items() if name != "ratelimit"}


Change = Callable[[Made], Any]


async def rotate(made: Made) -> Any:
    """Gives the first participant another link, which only GraphQL offers."""
    caller = Caller(made.site.clinic, "Demo Clinic", "t", "t", ("write",))
    call = Call(caller, made.site.services, EventSource.GRAPHQL, "r")
    return await rotate_access_link(call, id=made.people[0])


CHANGES: dict[str, tuple[Change, set[str]]] = {
    "title": (lambda made: made.write("PATCH", made.path, NEW_TITLE), {"detail", "list"}),
    "config": (
        lambda made: made.write("PATCH", made.path, b'{"config": {"chat_enabled": true}}'),
        {"detail"},
    ),
    "role": (
        lambda made: made.write("PATCH", made.person, b'{"role": "participant"}'),
        {"detail", "person", "people"},
    ),
    "name": (
        lambda made: made.write("PATCH", made.person, '{"display_name": "Ä"}'.encode()),
        {"detail", "person", "people"},
    ),
    "link": (rotate, {"detail", "person", "people"}),
    "added": (
        lambda made: made.write("POST", f"{made.list}add/", b'[{"unique_id": "n", "role": "participant"}]'),
        {"detail", "people", "list"},
    ),
    "removed": (
        lambda made: made.write("DELETE", f"{made.list}{made.people[1]}/"),
        {"detail", "people", "list"},
    ),
    "started": (lambda made: made.write("POST", f"{made.path}start/"), {"detail", "list"}),
    "nothing": (lambda made: made.write("PATCH", made.path, b'{"title": "T"}'), set()),
    "another": (lambda made: made.site.book(title="Other"), {"list"}),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
async def test_a_tag_changes_exactly_when_what_is_read_does(made: Made, name: str) -> None:
    change, affected = CHANGES[name]
    places = {"detail": made.path, "person": made.person, "people": made.list, "list": LIST}
    before = {place: await made.get(path) for place, path in places.items()}
    await change(made)
    changed = set()
    for place, path in places.items():
        reply = await made.get(path, If_None_Match=before[place].headers["etag"])
        now = await made.get(path)
        assert (reply.status == 200) == (now.body != before[place].body), place
        changed |= {place} if reply.status == 200 else set()
    assert changed == affected


async def test_one_of_many_conditional_writes_succeeds(made: Made) -> None:
    async def rename(at: int) -> int:
        body = b'{"title": "%d"}' % at
        return (await made.write("PATCH", made.path, body, If_Match='"1"')).status

    async def appoint(at: int) -> int:
        body = b'{"display_name": "%d"}' % at
        return (await made.write("PATCH", made.person, body, If_Match=tag)).status

    tag = await made.tag(made.person)
    for attempt in (rename, appoint):
        statuses = await asyncio.gather(*[attempt(at) for at in range(20)])
        assert sorted(statuses) == [200] + [412] * 19


async def test_a_counter_kept_by_conditions_loses_nothing(made: Made) -> None:
    async def increment() -> int:
        attempts = 0
        while True:
            attempts += 1
            seen = await made.get()
            body = b'{"title": "%d"}' % (int(seen.json["title"]) + 1)
            reply = await made.write("PATCH", made.path, body, If_Match=seen.headers["etag"])
            if reply.status == 200:
                return attempts
            assert reply.status == 412

    await made.write("PATCH", made.path, b'{"title": "0"}')
    await asyncio.gather(*[increment() for _ in range(20)])
    assert (await made.get()).json["title"] == "20"
    assert await made.tag() == '"22"'


async def test_a_header_of_many_tags_is_read_quickly(made: Made) -> None:
    fields = ['"1"x' * 8_000, '"' * 32_000, '"a ' * 10_000, ',"b"' * 8_000, "W/" * 16_000, "," * 32_000]  # fmt: skip
    loop = asyncio.get_running_loop()
    for field in fields:
        began = loop.time()
        assert (await made.get(If_None_Match=field)).status == 200
        assert (await made.write("DELETE", made.path, If_Match=field)).status in (400, 412)
        assert loop.time() - began < 0.5


async def test_a_thousand_participants_are_not_read_for_who_holds_them(site: Site) -> None:
    people = [{"unique_id": f"p{at}", "role": "participant"} for at in range(300)]
    made = Made(site, (await site.send_json("POST", LIST, {**BODY, "participants": people})).json)
    first = await made.get()
    loop = asyncio.get_running_loop()
    began = loop.time()
    for _ in range(20):
        assert (await made.get(If_None_Match=first.headers["etag"])).status == 304
    assert loop.time() - began < 0.5
