"""The built-in room as a vendor: where joining leads, what it cannot do, credentials of relays."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from schema.rooms import RoomsRefused, open_rooms
from schema.rooms.builtin import BuiltinSettings
from schema.rooms.seat import SWITCHES
from tests.schema.seats import seat

UNTIL = datetime(2026, 3, 2, 13, 30, 0, 900_000, tzinfo=UTC)
SERVERS = "stun:a.example turn:a.example:3478,turns:a.example:5349?transport=tcp"


async def test_people_stay_on_the_page_of_their_link():
    rooms = open_rooms(BuiltinSettings())

    assert (rooms.name, rooms.seats, rooms.is_one_by_one) == ("builtin", 6, False)
    assert rooms.address(seat()) is None
    await rooms.eject(seat())
    await rooms.close()


@pytest.mark.parametrize("value", [True, False])
def test_whiteboard_and_breakout_rooms_are_not_there(value):
    rooms = open_rooms(BuiltinSettings())

    assert rooms.unsupported(dict.fromkeys(SWITCHES, value)) == [
        "breakoutRoomsEnabled",
        "whiteboardEnabled",
    ]


def test_credentials_of_relays_are_those_of_coturn_and_end_with_the_link():
    rooms = open_rooms(BuiltinSettings(ice_servers=SERVERS, turn_secret="north"))

    plain, relays = rooms.ice_servers(UNTIL, "seat-1")

    assert plain == {"urls": ["stun:a.example"]}
    # As `use-auth-secret` documents: usercombo -> "timestamp:userid", usercombo -> turn user,
    # base64(hmac(secret key, usercombo)) -> turn password.
    assert relays["urls"] == ["turn:a.example:3478", "turns:a.example:5349?transport=tcp"]
    assert relays["username"] == "1772458200:seat-1"
    password = hmac.new(b"north", b"1772458200:seat-1", hashlib.sha1).digest()
    assert relays["credential"] == base64.b64encode(password).decode()


def test_without_servers_browsers_use_what_they_find_themselves():
    assert open_rooms(BuiltinSettings()).ice_servers(UNTIL, "seat-1") == []
    only_stun = open_rooms(BuiltinSettings(ice_servers="stun:a.example"))
    assert only_stun.ice_servers(UNTIL, "seat-1") == [{"urls": ["stun:a.example"]}]


def test_a_relay_needs_its_secret_which_is_never_printed():
    with pytest.raises(RoomsRefused, match="turn_secret is not set, but turn:"):
        BuiltinSettings(ice_servers=SERVERS)
    assert "north" not in repr(BuiltinSettings(ice_servers=SERVERS, turn_secret="north"))
