"""The choice of rooms: which adapter it opens, what is refused in which words."""

import subprocess
import sys
from dataclasses import fields
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from gateway.cli import main as cli
from gateway.settings import SETTINGS, WrongSetting, read_settings, unused_rooms
from schema.rooms import (
    VENDORS,
    Reporting,
    RoomsRefused,
    log_unsupported,
    open_rooms,
)
from schema.rooms.builtin import BuiltinSettings
from schema.rooms.jitsi import JitsiSettings
from schema.rooms.nowhere import NoSettings
from schema.rooms.seat import SWITCHES
from schema.rooms.template import TemplateSettings

from .seats import APPOINTMENT_ID, SECRET, jitsi, livekit, seat

TEMPLATE = "https://rooms.example.org/{appointment_id}?role={role}"
JITSI = {
    "CONNECT_ROOMS": "jitsi",
    "CONNECT_JITSI_URL": "https://meet.example.org",
    "CONNECT_JITSI_APP_ID": "connect",
    "CONNECT_JITSI_APP_SECRET": SECRET,
}
SERVERS = "stun:turn.example.org, turn:turn.example.org:3478?transport=udp turns:[2001:db8::1]:5349"
BUILTIN = {
    "CONNECT_ROOMS": "builtin",
    "CONNECT_ROOM_SEATS": "2",
    "CONNECT_ROOM_ADMISSION": "one_by_one",
    "CONNECT_ICE_SERVERS": SERVERS,
    "CONNECT_TURN_SECRET": SECRET,
}
LIVEKIT = {
    "CONNECT_ROOMS": "livekit",
    "CONNECT_LIVEKIT_URL": "wss://livekit.example.org",
    "CONNECT_LIVEKIT_API_KEY": "APIkey123",
    "CONNECT_LIVEKIT_API_SECRET": SECRET,
    "CONNECT_LIVEKIT_MEET_URL": "https://meet.example.org/custom",
}


@pytest.mark.parametrize(
    ("given", "choice"),
    [
        ({}, BuiltinSettings()),
        ({"CONNECT_DATABASE_URL": "sqlite:////srv/connect.db"}, NoSettings()),
        ({"DATABASE_URL": "postgresql://db.example.org/connect"}, NoSettings()),
        ({"CONNECT_ROOMS": "none"}, NoSettings()),
        (BUILTIN, BuiltinSettings("2", "one_by_one", SERVERS, SECRET)),
        (
            {"CONNECT_ROOMS": "Template", "CONNECT_ROOMS_TEMPLATE": TEMPLATE},
            TemplateSettings(TEMPLATE),
        ),
        (JITSI, jitsi()),
        (
            {**JITSI, "CONNECT_JITSI_AUDIENCE": "a", "CONNECT_JITSI_TENANT": "t",
             "CONNECT_JITSI_SUBJECT": "meet.jitsi"},
            jitsi(jitsi_audience="a", jitsi_tenant="t", jitsi_subject="meet.jitsi"),
        ),
        (LIVEKIT, livekit()),
    ],
)  # fmt: skip
def test_variables_make_the_choice_and_the_choice_opens_its_adapter(given, choice):
    settings = read_settings(given)

    assert settings.rooms == choice
    with capture_logs() as logs:
        rooms = open_rooms(settings.rooms)
    assert rooms.name == choice.vendor
    assert logs == [{"event": "rooms_in_use", "rooms": rooms.name, "log_level": "info"}]
    assert isinstance(rooms, Reporting) == (rooms.name == "livekit")


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"CONNECT_ROOMS": "template"}, "CONNECT_ROOMS_TEMPLATE"),
        *[(JITSI, name) for name in JITSI if name != "CONNECT_ROOMS"],
        *[(LIVEKIT, name) for name in LIVEKIT if name != "CONNECT_ROOMS"],
    ],
)
def test_what_the_chosen_rooms_need_must_be_set(given, missing):
    with pytest.raises(WrongSetting, match=f"^{missing} is not set, but .* rooms need it$"):
        read_settings({**given, missing: " "})


@pytest.mark.parametrize(
    ("given", "name", "text", "words"),
    [
        (JITSI, "CONNECT_JITSI_URL", "meet.example.org", "https://meet.example.org"),
        (JITSI, "CONNECT_JITSI_URL", "ftp://meet.example.org", "https://meet.example.org"),
        (JITSI, "CONNECT_JITSI_URL", "https://", "https://meet.example.org"),
        (JITSI, "CONNECT_JITSI_URL", "https://meet.example.org/?a=b", "without a query"),
        (JITSI, "CONNECT_JITSI_URL", "https://a:hunter2@meet.example.org", "such as"),
        (JITSI, "CONNECT_JITSI_URL", "https://meet.example.org:0", "such as"),
        (JITSI, "CONNECT_JITSI_URL", "https://[meet", "such as"),
        (JITSI, "CONNECT_JITSI_URL", "https://meet.example.org\\@evil.example", "such as"),
        (JITSI, "CONNECT_JITSI_URL", "https://bücher.example", "xn--bcher-kva.example"),
        (JITSI, "CONNECT_JITSI_APP_SECRET", SECRET[:31], "is 31 bytes long, but needs 32"),
        (JITSI, "CONNECT_JITSI_TENANT", "a/b", "one step of a path"),
        (LIVEKIT, "CONNECT_LIVEKIT_URL", "https://livekit.example.org", "wss://livekit"),
        (LIVEKIT, "CONNECT_LIVEKIT_API_SECRET", "secret", "is 6 bytes long, but needs 32"),
        (LIVEKIT, "CONNECT_LIVEKIT_MEET_URL", "wss://meet.example.org", "https://meet"),
        *[(BUILTIN, "CONNECT_ROOM_SEATS", text, "2 to 6") for text in ("1", "7", "06", "six")],
        (BUILTIN, "CONNECT_ROOM_ADMISSION", "closed", "open or one_by_one"),
        *[
            (BUILTIN, "CONNECT_ICE_SERVERS", text, "such as stun:turn.example.org:3478")
            for text in (
                "turn.example.org",
                "http://turn.example.org",
                "turn://turn.example.org",
                "stun:",
                "turn:a:hunter2@turn.example.org",
                "stun:turn.example.org?transport=udp",
                "turn:turn.example.org?transport=sctp",
                "turn:turn.example.org:0",
                "turn:[::1",
                "turn:turn.example.org/x",
                "stun:bücher.example",
                "stun:a.example;turn:a.example",
            )
        ],
        (BUILTIN, "CONNECT_ICE_SERVERS", "stun:a.example " * 11, "10 servers at most"),
        (BUILTIN, "CONNECT_ICE_SERVERS", "stun:a.example", "TURN server"),
    ],
)
def test_wrong_value_is_refused_in_one_line_that_does_not_repeat_it(given, name, text, words):
    with pytest.raises(WrongSetting) as wrong:
        read_settings({**given, name: text})

    said = str(wrong.value)
    assert said.startswith((f"{name} ", "CONNECT_TURN_SECRET "))
    assert words in said
    assert "\n" not in said
    assert "hunter2" not in said
    assert SECRET[:31] not in said


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("https://a.example/{nobody}", "placeholder {nobody}, but knows only {appointment_id}"),
        ("https://a.example/{}", "placeholder {}"),
        ("https://a.example/{role!r}", "placeholder {role!r}"),
        ("https://a.example/{{role}}", "a brace that belongs to no placeholder"),
        ("https://a.example/{role", "a brace that belongs to no placeholder"),
        ("ftp://a.example/{role}", "must be an http or https address"),
        ("javascript:alert({role})", "must be an http or https address"),
        ("//a.example/{role}", "must be an http or https address"),
        ("a.example/{role}", "must be an http or https address"),
        ("{role}://a.example/", "must be an http or https address"),
        ("https://a.example/a b", "must be an http or https address"),
        ("https://a.example/ü", "must be an http or https address"),
        ("https://bücher.example/{role}", "in ASCII, as DNS has it: xn--bcher-kva.example"),
        ("https://a:{role}/", "must be an http or https address"),
        ("https://u:hunter2@a.example/", "must be an http or https address"),
        ("https://{title}/", "after the host and port only"),
        ("https://{title}.a.example/", "after the host and port only"),
    ],
)
def test_wrong_template_is_refused_in_one_line(template, words):
    with pytest.raises(WrongSetting) as wrong:
        read_settings({"CONNECT_ROOMS": "template", "CONNECT_ROOMS_TEMPLATE": template})

    said = str(wrong.value)
    assert said.startswith("CONNECT_ROOMS_TEMPLATE ")
    assert words in said
    assert "\n" not in said
    assert "hunter2" not in said


def test_choice_made_by_hand_is_checked_too():
    with pytest.raises(RoomsRefused, match=r"^jitsi_app_secret is not set"):
        JitsiSettings(jitsi_url="https://meet.example.org", jitsi_app_id="x")


def test_every_vendor_of_the_registry_has_its_variables():
    assert list(VENDORS) == ["none", "builtin", "template", "jitsi", "livekit"]
    for vendor in VENDORS.values():
        assert {f"CONNECT_{each.name.upper()}" for each in fields(vendor)} <= SETTINGS.keys()


def test_settings_of_vendors_import_nothing_that_only_their_rooms_need():
    code = "import sys, schema.rooms; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"jwt", "structlog", "cryptography"} & set(found.stdout.split())


def test_values_of_rooms_that_were_not_chosen_are_not_looked_at():
    given = {"CONNECT_ROOMS": "none", "CONNECT_JITSI_URL": "?", "CONNECT_LIVEKIT_URL": "?"}

    assert read_settings(given).rooms == NoSettings()


@pytest.mark.parametrize(
    ("given", "others"),
    [
        ({"CONNECT_ICE_SERVERS": "stun:a.example"}, []),
        ({"CONNECT_JITSI_URL": "?"}, ["CONNECT_JITSI_URL"]),
        (
            {"CONNECT_ICE_SERVERS": "stun:a.example", "DATABASE_URL": "postgresql://a.example/b"},
            ["CONNECT_ICE_SERVERS"],
        ),
        ({"CONNECT_ROOM_SEATS": "2", "CONNECT_ROOMS": "none"}, ["CONNECT_ROOM_SEATS"]),
    ],
)
def test_values_of_other_rooms_are_named(given, others):
    assert unused_rooms(given) == others


def test_command_line_says_what_is_wrong_in_one_line(monkeypatch, capsys):
    monkeypatch.setenv("CONNECT_ROOMS", "jitsi")
    monkeypatch.delenv("CONNECT_JITSI_URL", raising=False)

    assert cli.main(["run"]) == 2

    wrong = capsys.readouterr().err
    assert wrong == "connect: CONNECT_JITSI_URL is not set, but jitsi rooms need it\n"


def test_secrets_do_not_show_when_choice_and_settings_are_printed():
    for given in (JITSI, LIVEKIT):
        settings = read_settings(given)
        assert SECRET not in repr(settings)
        assert SECRET not in repr(settings.rooms)


@pytest.mark.parametrize("value", [True, False])
def test_without_rooms_every_switch_that_is_set_is_unsupported_in_documented_order(value):
    rooms = open_rooms(NoSettings())
    backwards = dict.fromkeys(reversed(SWITCHES), value)

    assert rooms.unsupported(backwards) == [
        "breakoutRoomsEnabled",
        "whiteboardEnabled",
        "chatEnabled",
        "screenshareEnabled",
        "raiseHandEnabled",
    ]
    assert rooms.unsupported({"chat_enabled": value}) == ["chatEnabled"]
    assert rooms.unsupported({"chat_enabled": None}) == []
    assert rooms.unsupported({}) == rooms.unsupported(None) == []


async def test_without_rooms_people_stay_on_the_join_page():
    rooms = open_rooms(NoSettings())

    assert rooms.address(seat()) is None
    await rooms.eject(seat())
    await rooms.close()


def test_unsupported_switches_are_logged_by_name_without_personal_data():
    rooms = open_rooms(livekit())
    with capture_logs() as logs:
        log_unsupported(rooms, seat(config={"whiteboard_enabled": True, "chat_enabled": True}))
        log_unsupported(rooms, seat(config={"chat_enabled": True}))
        log_unsupported(rooms, seat(config=None))

    assert logs == [
        {
            "event": "config_unsupported",
            "rooms": "livekit",
            "appointment_id": APPOINTMENT_ID,
            "switches": ["whiteboardEnabled"],
            "log_level": "info",
        }
    ]


@pytest.mark.parametrize("opened", [jitsi, livekit])
def test_window_at_the_end_of_the_calendar_is_no_reason_to_fail(opened):
    last = seat(closes_in=timedelta(0))
    last = last._replace(closes_at=last.now.max.replace(tzinfo=last.now.tzinfo))

    assert open_rooms(opened()).address(last).startswith("https://meet.example.org")
