"""`livekit`: access tokens, checked by LiveKit's own package."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from livekit import api

from schema.rooms import Seat, open_rooms
from schema.rooms.seat import SWITCHES

from .seats import APPOINTMENT_ID, MODERATOR, ODD_NAMES, PARTICIPANT_ID, SECRET, livekit, seat


def entered(person: Seat, **values: Any) -> tuple[str, str]:
    """Returns the server and the token that the web app is given."""
    address = open_rooms(livekit(**values)).address(person)
    assert address.isascii()
    parts = urlsplit(address)
    query = parse_qs(parts.query, strict_parsing=True)
    assert sorted(query) == ["liveKitUrl", "token"]
    assert parts.fragment == ""  # LiveKit Meet takes it for a key of encryption.
    return query["liveKitUrl"][0], query["token"][0]


def verified(person: Seat) -> api.access_token.Claims:
    """Returns the claims as LiveKit's own verifier reads them."""
    return api.TokenVerifier("APIkey123", SECRET).verify(entered(person)[1])


def times_of(person: Seat) -> tuple[datetime, datetime]:
    """Returns `nbf` and `exp`."""
    claims = jwt.decode(entered(person)[1], SECRET, ["HS256"], issuer="APIkey123")
    return datetime.fromtimestamp(claims["nbf"], UTC), datetime.fromtimestamp(claims["exp"], UTC)


@pytest.mark.parametrize(
    ("page", "path"),
    [
        ("https://meet.example.org/custom", "/custom"),
        ("https://meet.example.org", "/custom"),
        ("https://meet.example.org/", "/custom"),
        ("https://meet.example.org/our/app", "/our/app"),
    ],
)
def test_address_is_the_web_apps_with_server_and_token(page, path):
    parts = urlsplit(open_rooms(livekit(livekit_meet_url=page)).address(seat()))

    assert (parts.scheme, parts.netloc, parts.path) == ("https", "meet.example.org", path)
    assert entered(seat(), livekit_meet_url=page)[0] == "wss://livekit.example.org"


def test_participant_may_join_publish_and_listen():
    claims = verified(seat())

    assert claims.identity == PARTICIPANT_ID
    assert claims.name == "Ada Lovelace"
    assert claims.attributes == {"role": "participant"}
    assert json.loads(claims.metadata) == {"role": "participant"}
    assert claims.video == api.VideoGrants(
        room=APPOINTMENT_ID,
        room_join=True,
        can_publish=True,
        can_subscribe=True,
        can_publish_data=True,
        can_update_own_metadata=False,
        can_publish_sources=["camera", "microphone", "screen_share", "screen_share_audio"],
    )


def test_moderator_may_run_the_room():
    claims = verified(seat(role=MODERATOR))

    assert claims.video.room_admin is True
    assert claims.attributes == {"role": "moderator"}
    # This room and nothing else of the server.
    assert claims.video.room == APPOINTMENT_ID
    assert claims.video.room_create is None
    assert claims.video.room_list is None
    assert claims.video.ingress_admin is None


def test_next_token_follows_the_role():
    person = seat(role=MODERATOR)
    changed = person.participant._replace(role=seat().participant.role)

    assert verified(person).video.room_admin is True
    assert verified(person._replace(participant=changed)).video.room_admin is None


def test_token_is_good_from_now_for_ten_minutes():
    now = datetime.now(UTC).replace(microsecond=0)

    assert times_of(seat(now=now)) == (now, now + timedelta(minutes=10))


def test_token_ends_with_the_window_and_a_minute():
    now = datetime.now(UTC).replace(microsecond=0)
    person = seat(now=now, closes_in=timedelta(minutes=2))

    assert times_of(person) == (now, now + timedelta(minutes=3))


def test_token_is_worth_nothing_after_the_window():
    with pytest.raises(jwt.ExpiredSignatureError):
        verified(seat(closes_in=timedelta(minutes=-5)))


def test_token_of_another_key_or_secret_does_not_verify():
    token = entered(seat())[1]

    with pytest.raises(jwt.InvalidIssuerError):
        api.TokenVerifier("another", SECRET).verify(token)
    with pytest.raises(jwt.InvalidSignatureError):
        api.TokenVerifier("APIkey123", SECRET[::-1]).verify(token)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_arrive_unchanged(name):
    assert verified(seat(display_name=name)).name == name


def test_person_without_a_name_is_called_by_the_role():
    assert verified(seat(display_name=None)).name == "Participant"
    assert verified(seat(display_name=None, role=MODERATOR)).name == "Moderator"


def test_vendor_learns_neither_unique_id_nor_title():
    token = entered(seat(unique_id="ada@example.org", title="Secret title"))[1]

    told = json.dumps(jwt.decode(token, options={"verify_signature": False}))
    assert "ada@example.org" not in told
    assert "Secret title" not in told


def test_switches_become_grants():
    video = verified(seat(config={"screenshare_enabled": False, "chat_enabled": False})).video

    assert video.can_publish_sources == ["camera", "microphone"]
    assert video.can_publish_data is False
    assert video.can_publish is True


def test_switches_that_are_on_leave_the_grants_whole():
    config = {"screenshare_enabled": True, "chat_enabled": True}

    assert verified(seat(config=config)).video == verified(seat()).video


def test_switches_without_a_grant_are_unsupported():
    assert open_rooms(livekit()).unsupported(dict.fromkeys(SWITCHES, True)) == [
        "breakoutRoomsEnabled",
        "whiteboardEnabled",
        "raiseHandEnabled",
    ]
