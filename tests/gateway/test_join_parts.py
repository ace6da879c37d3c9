"""Parts of the join page: throttle, origin of the policy, times, choice of JSON."""

from datetime import UTC, datetime

import pytest
from starlette.requests import Request

from gateway.join.answers import origin_of, wants_json
from gateway.join.contact import address_of_contact
from gateway.join.throttle import LinkThrottle, network_of
from gateway.languages.language import language


def tries(throttle: LinkThrottle, address: str, count: int, now: float) -> list[int]:
    return [throttle.seconds_to_wait(address, now) for _ in range(count)]


def test_twenty_unknown_links_a_minute_are_answered() -> None:
    throttle = LinkThrottle()
    assert tries(throttle, "192.0.2.1", 20, now=100.0) == [0] * 20
    assert throttle.seconds_to_wait("192.0.2.1", 100.5) == 60
    assert throttle.seconds_to_wait("192.0.2.1", 159.5) == 1
    assert throttle.seconds_to_wait("192.0.2.1", 160.0) == 0


def test_the_minute_slides_and_a_refused_link_does_not_count() -> None:
    throttle = LinkThrottle(limit=2)
    assert tries(throttle, "a", 1, 0.0) + tries(throttle, "a", 1, 40.0) == [0, 0]
    assert tries(throttle, "a", 50, 59.0) == [1] * 50
    assert throttle.seconds_to_wait("a", 60.0) == 0
    assert throttle.seconds_to_wait("a", 61.0) == 39


def test_one_address_does_not_block_another() -> None:
    throttle = LinkThrottle()
    tries(throttle, "192.0.2.1", 100, 0.0)
    assert throttle.seconds_to_wait("192.0.2.2", 0.0) == 0


def test_a_clock_that_was_set_back_locks_nobody_out() -> None:
    throttle = LinkThrottle()
    tries(throttle, "192.0.2.1", 20, 1_000_000.0)
    assert throttle.seconds_to_wait("192.0.2.1", 500.0) == 0


def test_memory_is_bounded_and_the_busiest_are_kept() -> None:
    throttle = LinkThrottle(limit=2, max_addresses=100)
    tries(throttle, "busy", 2, 0.0)
    for number in range(1_000):
        throttle.seconds_to_wait(f"10.0.{number // 250}.{number % 250}", 1.0)
        assert throttle.seconds_to_wait("busy", 1.0) > 0
    assert len(throttle) == 100


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("a socket" + "x" * 100, "a socket" + "x" * 200, True),
    ],
)
def test_an_ipv6_network_counts_as_one_address(one: str, other: str, together: bool) -> None:
    assert (network_of(one) == network_of(other)) is together


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        (None, ""),
        ("https://meet.example.org/room?jwt=x#config.y=1", "https://meet.example.org"),
        ("https://Meet.Example.org:8443/room", "https://meet.example.org:8443"),
        ("http://127.0.0.1:9000/x", "http://127.0.0.1:9000"),
        ("https://somebody@meet.example.org/x", "https://meet.example.org"),
        ("https://a.example; script-src *", ""),
        ("https://a.example,b.example/", ""),
        ("https://[2001:db8::1]/x", ""),
        ("zoommtg://zoom.us/join", ""),
        ("/join/x?joined=1", ""),
    ],
)
def test_a_policy_names_the_origin_of_the_room_and_nothing_else(
    address: str | None, origin: str
) -> None:
    assert origin_of(address) == origin


@pytest.mark.parametrize(
    ("accept", "is_json"),
    [
        (None, False),
        ("*/*", False),
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("application/json, text/plain, */*", True),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", False),
        ("text/html, application/json", False),
        ("text/html;q=0.5, application/json", True),
        ("application/json;q=0", False),
        ("application/json;q=rubbish", False),
        ("\xff,;=,,", False),
    ],
)
def test_json_is_sent_only_to_clients_that_prefer_it(accept: str | None, is_json: bool) -> None:
    headers = [] if accept is None else [(b"accept", accept.encode("latin-1"))]
    assert wants_json(Request({"type": "http", "path": "/join/x", "headers": headers})) is is_json


def test_times_show_their_day_if_it_differs() -> None:
    english = language("en")
    start = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    end = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)
    assert english.day(start) == "Monday, 2 March 2026"
    assert english.time(start, near=start) == "23:30"
    assert english.time(end, near=start) == "Tue 3 Mar, 00:30"


@pytest.mark.parametrize(
    ("contact", "address"),
    [
        ("info@example.org", "mailto:info@example.org"),
        ("o'hara+visa@mail.example.org", "mailto:o%27hara%2Bvisa@mail.example.org"),
        ("+49 (30) 1234-567", "tel:+49301234567"),
        ("030/1234567", "tel:0301234567"),
        ("https://example.org/contact?a=b#c", "https://example.org/contact?a=b#c"),
        ('https://example.org/"><script>', "https://example.org/%22%3E%3Cscript%3E"),
        (None, None),
        ("112", None),
        ("Main Street 5, Berlin", None),
        ("Anna <anna@example.org>", None),
        ("a@b.c?subject=x&bcc=d@e.f", None),
        ("javascript:alert(1)", None),
        ("http://example.org/", None),
        ("https://somebody@evil.example/", None),
        ("https://[x/", None),
    ],
)
def test_a_contact_is_a_link_only_where_that_is_safe(
    contact: str | None, address: str | None
) -> None:
    assert address_of_contact(contact) == address
