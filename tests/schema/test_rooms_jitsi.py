"""`jitsi`: the token as Prosody reads it, the address as Jitsi Meet reads it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import jwt
import pytest

from db.models import AppointmentRow
from schema.rooms import Seat, open_rooms
from schema.rooms.seat import SWITCHES

from .seats import (
    APPOINTMENT_ID,
    MODERATOR,
    ODD_NAMES,
    PARTICIPANT_ID,
    SECRET,
    jitsi,
    seat,
)


def entered(person: Seat, **values: Any) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Returns the path, the verified claims and the settings of the fragment."""
    choice = jitsi(**values)
    parts = urlsplit(open_rooms(choice).address(person))
    assert (parts.scheme, parts.netloc) == ("https", "meet.example.org")
    query = parse_qs(parts.query, strict_parsing=True)
    assert list(query) == ["jwt"]
    claims = jwt.decode(
        query["jwt"][0],
        choice.jitsi_app_secret,
        algorithms=["HS256"],
        audience=choice.jitsi_audience,
        issuer="connect",
        options={"require": ["aud", "iss", "sub", "nbf", "exp"]},
    )
    assert jwt.get_unverified_header(query["jwt"][0]) == {"alg": "HS256", "typ": "JWT"}
    return parts.path, claims, settings_of(parts.fragment)


def settings_of(fragment: str) -> dict[str, Any]:
    """Reads the fragment as Jitsi Meet does: JSON values, percent-encoded."""
    found = {}
    for part in fragment.split("&"):
        name, value = part.split("=")
        assert name.startswith("config.")
        found[name.removeprefix("config.")] = json.loads(unquote(value))
    return found


def test_token_carries_the_documented_claims():
    path, claims, _ = entered(seat(role=MODERATOR))

    room = path.removeprefix("/")
    assert claims.pop("nbf") < claims.pop("exp")
    assert claims == {
        "aud": "jitsi",
        "iss": "connect",
        "sub": "meet.example.org",
        "room": room,
        "context": {
            "user": {
                "id": PARTICIPANT_ID,
                "name": "Ada Lovelace",
                "affiliation": "owner",
                "moderator": "true",
            }
        },
    }


def test_next_token_follows_the_role():
    person = seat(role=MODERATOR)
    _, before, _ = entered(person)

    changed = person.participant._replace(role=seat().participant.role)
    _, after, _ = entered(person._replace(participant=changed))

    assert before["context"]["user"]["affiliation"] == "owner"
    assert after["context"]["user"]["affiliation"] == "member"
    assert after["context"]["user"]["moderator"] == "false"
    assert before["room"] == after["room"]


def test_token_is_good_for_ten_minutes_and_already_at_a_server_whose_clock_is_behind():
    now = datetime.now(UTC)
    _, claims, _ = entered(seat(now=now))

    assert claims["exp"] == int((now + timedelta(minutes=10)).timestamp())
    assert claims["nbf"] == int((now - timedelta(seconds=30)).timestamp())


def test_token_ends_with_the_window_and_a_minute():
    now = datetime.now(UTC)
    _, claims, _ = entered(seat(now=now, closes_in=timedelta(minutes=2)))

    assert claims["exp"] == int((now + timedelta(minutes=3)).timestamp())


def test_token_is_worth_nothing_after_the_window():
    address = open_rooms(jitsi()).address(seat(closes_in=timedelta(minutes=-5)))

    with pytest.raises(jwt.ExpiredSignatureError):
        jwt.decode(parse_qs(urlsplit(address).query)["jwt"][0], SECRET, ["HS256"], audience="jitsi")


def test_token_of_another_secret_does_not_verify():
    address = open_rooms(jitsi(jitsi_app_secret=SECRET[::-1])).address(seat())

    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(parse_qs(urlsplit(address).query)["jwt"][0], SECRET, ["HS256"], audience="jitsi")


def test_room_stays_the_same_and_cannot_be_told_from_the_appointment():
    room = entered(seat())[1]["room"]

    assert entered(seat(role=MODERATOR, title="Another title"))[1]["room"] == room
    assert entered(seat(appointment_id=PARTICIPANT_ID))[1]["room"] != room
    assert entered(seat(), jitsi_app_secret=SECRET[::-1])[1]["room"] != room
    assert room == room.lower()
    assert room.isalnum()
    assert len(room) == 26
    assert APPOINTMENT_ID not in room


@pytest.mark.parametrize(
    ("values", "subject", "before"),
    [
        ({}, "meet.example.org", "/"),
        ({"jitsi_url": "https://meet.example.org/"}, "meet.example.org", "/"),
        ({"jitsi_url": "https://meet.example.org/video"}, "meet.example.org", "/video/"),
        ({"jitsi_tenant": "consulate"}, "consulate", "/consulate/"),
        ({"jitsi_subject": "meet.jitsi"}, "meet.jitsi", "/"),
        ({"jitsi_tenant": "a", "jitsi_subject": "*"}, "*", "/a/"),
    ],
)
def test_subject_is_tenant_or_host_unless_given(values, subject, before):
    path, claims, _ = entered(seat(), **values)

    assert claims["sub"] == subject
    assert path == before + claims["room"]


def test_audience_is_the_one_that_was_given():
    assert entered(seat(), jitsi_audience="my-audience")[1]["aud"] == "my-audience"


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_arrive_in_the_token_alone(name):
    person = seat(display_name=name)

    assert entered(person)[1]["context"]["user"]["name"] == name
    assert open_rooms(jitsi()).address(person).isascii()


def test_characters_that_xml_cannot_carry_are_left_out_of_the_name():
    person = seat(display_name="Ada\x00\x0b\ufffe Love\x85lace")

    assert entered(person)[1]["context"]["user"]["name"] == "Ada  Love lace"


def test_person_without_a_name_is_called_by_the_role():
    named = [
        entered(seat(role=role, display_name=None))[1]["context"]["user"]["name"]
        for role in (MODERATOR, seat().participant.role)
    ]

    assert named == ["Moderator", "Participant"]


def test_vendor_learns_neither_unique_id_nor_title():
    _, claims, settings = entered(seat(unique_id="ada@example.org", title="Secret title"))

    told = json.dumps([claims, settings])
    assert "ada@example.org" not in told
    assert "Secret title" not in told


def test_without_switches_the_server_decides():
    assert entered(seat(config=None))[2] == {"hideConferenceSubject": True}
    assert entered(seat(config={}))[2] == {"hideConferenceSubject": True}


@pytest.mark.parametrize(
    ("switch", "value", "settings"),
    [
        ("join_screen_enabled", True, {"prejoinConfig.enabled": True}),
        ("join_screen_enabled", False, {"prejoinConfig.enabled": False}),
        ("whiteboard_enabled", True, {"whiteboard.enabled": True}),
        ("chat_enabled", True, {}),
        ("screenshare_enabled", True, {}),
        ("raise_hand_enabled", True, {}),
        (
            "breakout_rooms_enabled",
            True,
            {
                "breakoutRooms.hideAddRoomButton": False,
                "breakoutRooms.hideAutoAssignButton": False,
                "breakoutRooms.hideJoinRoomButton": False,
            },
        ),
        (
            "breakout_rooms_enabled",
            False,
            {
                "breakoutRooms.hideAddRoomButton": True,
                "breakoutRooms.hideAutoAssignButton": True,
                "breakoutRooms.hideJoinRoomButton": True,
            },
        ),
    ],
)
def test_switch_becomes_a_setting_of_the_fragment(switch, value, settings):
    assert entered(seat(config={switch: value}))[2] == {"hideConferenceSubject": True} | settings


@pytest.mark.parametrize(
    ("switch", "button"),
    [
        ("chat_enabled", "chat"),
        ("screenshare_enabled", "desktop"),
        ("raise_hand_enabled", "raisehand"),
        ("whiteboard_enabled", "whiteboard"),
    ],
)
def test_switch_that_is_off_hides_its_button_and_no_other(switch, button):
    others = {"chat", "desktop", "raisehand", "whiteboard", "microphone", "camera", "hangup"}

    buttons = entered(seat(config={switch: False}))[2]["toolbarButtons"]

    assert button not in buttons
    assert others - {button} <= set(buttons)
    assert len(set(buttons)) == len(buttons)


def test_whiteboard_that_is_off_is_off_and_not_only_hidden():
    assert entered(seat(config={"whiteboard_enabled": False}))[2]["whiteboard.enabled"] is False


def test_participant_without_screen_sharing_or_chat_has_it_signed():
    config = {"screenshare_enabled": False, "chat_enabled": False}

    assert entered(seat(config=config))[1]["context"]["features"] == {
        "screen-sharing": "false",
        "send-groupchat": "false",
        "send-private-message": "false",
    }


def test_moderator_loses_only_the_feature_that_is_off():
    person = seat(role=MODERATOR, config={"screenshare_enabled": False})

    features = entered(person)[1]["context"]["features"]

    assert features.pop("screen-sharing") == "false"
    assert set(features.values()) == {"true"}
    assert {"recording", "livestreaming", "send-groupchat"} <= set(features)


def test_jitsi_can_express_all_switches():
    assert open_rooms(jitsi()).unsupported(dict.fromkeys(SWITCHES, True)) == []
    assert open_rooms(jitsi()).unsupported(None) == []


async def test_nobody_can_be_put_out_from_outside():
    rooms = open_rooms(jitsi())

    await rooms.eject(seat())
    await rooms.close()


def test_rows_as_the_database_gives_them_are_enough():
    assert isinstance(seat().appointment, AppointmentRow)
