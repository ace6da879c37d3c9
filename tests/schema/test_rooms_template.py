"""`template`: every value arrives as it was, nothing leaves its place in the address."""

from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.models import ParticipantRole
from schema.rooms import Rooms, open_rooms
from schema.rooms.template import VALUES, TemplateSettings

from .seats import APPOINTMENT_ID, MODERATOR, ODD_NAMES, PARTICIPANT_ID, seat

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EVERYWHERE = "https://rooms.example.org:8443/go/{title}/in?n={display_name}&u={unique_id}#t={title}"
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=60)


def template(text: str) -> Rooms:
    return open_rooms(TemplateSettings(text))


def test_every_placeholder_stands_for_its_value():
    query = "&".join(f"{name}={{{name}}}" for name in VALUES)
    person = seat(
        role=MODERATOR, now=NOON, config={"chat_enabled": True, "whiteboard_enabled": False}
    )

    address = template(f"https://rooms.example.org/?{query}").address(person)

    found = parse_qs(urlsplit(address).query, keep_blank_values=True, strict_parsing=True)
    assert {name: values[0] for name, values in found.items()} == {
        "appointment_id": APPOINTMENT_ID,
        "participant_id": PARTICIPANT_ID,
        "unique_id": "ada@example.org",
        "display_name": "Ada Lovelace",
        "role": "moderator",
        "title": "Passport renewal",
        "organization_id": "org-1",
        "organization_name": "Consulate General",
        "starts_at": "2026-03-02T12:00:00Z",
        "ends_at": "2026-03-02T12:30:00Z",
        "closes_at": "2026-03-02T13:00:00Z",
        "breakout_rooms_enabled": "",
        "whiteboard_enabled": "false",
        "chat_enabled": "true",
        "join_screen_enabled": "",
        "screenshare_enabled": "",
        "raise_hand_enabled": "",
    }


def test_instants_are_written_in_utc():
    person = seat(now=NOON.astimezone(timezone(timedelta(hours=5, minutes=30))))

    address = template("https://a.example/?s={starts_at}").address(person)

    assert unquote(address).endswith("?s=2026-03-02T12:00:00Z")


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_arrive_unchanged(name):
    check_round_trip(name, name, name)


@given(TEXT, TEXT, TEXT)
def test_any_text_arrives_unchanged(display_name, unique_id, title):
    check_round_trip(display_name, unique_id, title)


def check_round_trip(display_name: str, unique_id: str, title: str) -> None:
    person = seat(display_name=display_name, unique_id=unique_id, title=title)

    parts = urlsplit(template(EVERYWHERE).address(person))

    assert (parts.scheme, parts.netloc) == ("https", "rooms.example.org:8443")
    first, second, third, fourth = parts.path.split("/")
    assert (first, second, fourth) == ("", "go", "in")
    assert unquote(third) == {".": "_", "..": "__"}.get(title, title)
    query = parse_qs(parts.query, strict_parsing=True)
    assert query == {"n": [display_name.strip() or "Participant"], "u": [unique_id]}
    assert unquote(parts.fragment) == f"t={title}"
    assert (parts.path + parts.query + parts.fragment).isascii()


def test_dots_never_climb_a_folder():
    rooms = template("https://a.example/rooms/{title}{unique_id}/{display_name}?d={title}")

    address = rooms.address(seat(title=".", unique_id=".", display_name=".."))

    assert address == "https://a.example/rooms/__/__?d=."


def test_placeholders_in_values_are_not_filled_again():
    address = template("https://a.example/?t={title}").address(seat(title="{unique_id}"))

    assert address == "https://a.example/?t=%7Bunique_id%7D"


@pytest.mark.parametrize("role", ParticipantRole)
@pytest.mark.parametrize("display_name", [None, "", " \t\x00"])
def test_person_without_a_name_is_called_by_the_role(role, display_name):
    person = seat(role=role, display_name=display_name)

    address = template("https://a.example/?n={display_name}&r={role}").address(person)

    assert address == f"https://a.example/?n={role.capitalize()}&r={role}"


def test_unique_id_goes_nowhere_unless_the_template_asks():
    address = template("https://a.example/{appointment_id}?n={display_name}").address(seat())

    assert "ada@" not in unquote(address)


def test_template_without_placeholders_is_one_room_for_all():
    assert template("http://a.example").address(seat()) == "http://a.example"


async def test_switches_with_a_placeholder_are_supported():
    rooms = template("https://a.example/?chat={chat_enabled}")
    config = {"chat_enabled": True, "whiteboard_enabled": True, "join_screen_enabled": True}

    assert rooms.unsupported(config) == ["whiteboardEnabled"]
    await rooms.eject(seat())
    await rooms.close()
