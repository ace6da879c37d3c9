"""What an appointment promises, through both faces."""

from typing import Any

import pytest

from tests.conftest import MovableClock
from tests.faces import Face, Refused

START = "2026-03-10T09:00:00Z"
ANNA = {"unique_id": "anna@example.org", "display_name": "Anna", "role": "moderator"}
BEN = {"unique_id": "ben@example.org", "display_name": None, "role": "participant"}


def booking(**values: Any) -> dict[str, Any]:
    """The values of an ordinary appointment."""
    return {
        "title": "Passport renewal",
        "start_date_time": START,
        "duration_minutes": 30,
        "participants": [ANNA, BEN],
        **values,
    }


async def test_a_booked_appointment_is_seen_by_both_faces(face: Face, other_face: Face) -> None:
    booked = await face.create(**booking(config={"chat_enabled": True}))
    seen, elsewhere = await face.get(booked["id"]), await other_face.get(booked["id"])
    assert seen is not None and elsewhere is not None
    for name in ("id", "title", "start_date_time", "duration_minutes", "status", "config"):
        assert seen[name] == elsewhere[name]
    assert seen["participants"] == elsewhere["participants"]
    assert seen["status"] == "scheduled"
    assert seen["config"] == {"chat_enabled": True}
    assert [person["unique_id"] for person in seen["participants"]] == [
        "anna@example.org",
        "ben@example.org",
    ]
    links = {person["access_link"] for person in seen["participants"]}
    assert len(links) == 2
    assert all(link.startswith("http://testserver/join/") for link in links)


async def test_text_is_trimmed(face: Face) -> None:
    booked = await face.create(**booking(title="  Passport  "))
    assert booked["title"] == "Passport"


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"title": "   "}, {"title"}),
        ({"title": "x" * 256}, {"title"}),
        ({"title": "a\x00b"}, {"title"}),
        ({"duration_minutes": 14}, {"duration_minutes"}),
        ({"duration_minutes": 721}, {"duration_minutes"}),
        ({"title": "", "duration_minutes": 1}, {"title", "duration_minutes"}),
        ({"participants": [{**ANNA, "unique_id": ""}]}, {"unique_id"}),
        ({"participants": [{**ANNA, "display_name": "x" * 61}]}, {"display_name"}),
        ({"participants": [ANNA, {**ANNA, "unique_id": " anna@example.org "}]}, {"unique_id"}),
        ({"start_date_time": "9999-12-31T23:50:00Z"}, {"start_date_time"}),
    ],
)
async def test_broken_constraints_are_all_named_and_nothing_is_stored(
    face: Face, values: dict[str, Any], fields: set[str]
) -> None:
    with pytest.raises(Refused) as refused:
        await face.create(**booking(**values))
    assert refused.value.code == "validation_failed"
    assert refused.value.fields == fields
    assert await face.find() == []


async def test_at_most_a_thousand_participants_in_one_request(face: Face) -> None:
    people = [{**BEN, "unique_id": f"person-{n}"} for n in range(1001)]
    with pytest.raises(Refused) as refused:
        await face.create(**booking(participants=people))
    assert refused.value.fields == {"participants"}
    booked = await face.create(**booking(participants=people[:1000]))
    assert booked["title"] == "Passport renewal"
    assert len(await face.find()) == 1


async def test_changes_leave_what_they_do_not_name(face: Face) -> None:
    booked = await face.create(
        **booking(config={"chat_enabled": True, "whiteboard_enabled": False})
    )
    await face.update(booked["id"], title="Visa interview")
    seen = await face.get(booked["id"])
    assert seen["title"] == "Visa interview"
    assert seen["config"] == {"chat_enabled": True, "whiteboard_enabled": False}
    await face.update(booked["id"], config={"chat_enabled": False})
    assert (await face.get(booked["id"]))["config"] == {"chat_enabled": False}
    await face.update(booked["id"], config=None)
    assert (await face.get(booked["id"]))["config"] is None


async def test_an_unchanged_update_changes_nothing(face: Face, clock: MovableClock) -> None:
    booked = await face.create(**booking())
    before = await face.get(booked["id"])
    clock.move(minutes=1)
    await face.update(booked["id"], title="Passport renewal", duration_minutes=30)
    assert await face.get(booked["id"]) == before
    await face.update(booked["id"], title="Other")
    assert (await face.get(booked["id"]))["updated_at"] > before["updated_at"]


@pytest.mark.parametrize("name", ["title", "start_date_time", "duration_minutes"])
async def test_null_does_not_clear_what_must_be_there(face: Face, name: str) -> None:
    booked = await face.create(**booking())
    with pytest.raises(Refused) as refused:
        await face.update(booked["id"], **{name: None})
    assert refused.value.fields == {name}


async def test_a_deleted_appointment_is_gone_for_both(face: Face, other_face: Face) -> None:
    booked = await face.create(**booking())
    await face.delete(booked["id"])
    assert await face.get(booked["id"]) is None
    assert await other_face.get(booked["id"]) is None
    with pytest.raises(Refused) as refused:
        await face.delete(booked["id"])
    assert refused.value.code == "not_found"


async def test_filters_are_inclusive_and_joined_by_and(face: Face) -> None:
    for hour in (9, 10, 11):
        await face.create(
            **booking(
                title=f"at {hour}",
                start_date_time=f"2026-03-10T{hour:02}:00:00Z",
                participants=[ANNA] if hour == 10 else [BEN],
            )
        )
    titles = [row["title"] for row in await face.find()]
    assert titles == ["at 11", "at 10", "at 9"]
    window = {"start_date": "2026-03-10T10:00:00Z", "end_date": "2026-03-10T11:00:00Z"}
    assert [row["title"] for row in await face.find(**window)] == ["at 11", "at 10"]
    found = await face.find(**window, participant_unique_id="ben@example.org")
    assert [row["title"] for row in found] == ["at 11"]
    assert await face.find(participant_unique_id="Ben@example.org") == []
