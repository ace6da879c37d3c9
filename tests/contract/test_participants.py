"""What participants promise, through both faces."""

import asyncio

import pytest

from tests.contract.test_appointments import ANNA, booking
from tests.faces import Face, Refused

CLEO = {"unique_id": "cleo@example.org", "display_name": "Cleo", "role": "participant"}


async def test_participants_are_added_once(face: Face) -> None:
    booked = await face.create(**booking(participants=[ANNA]))
    after = await face.add(booked["id"], [{**ANNA, "display_name": "Somebody else"}, CLEO])
    assert [person["unique_id"] for person in after["participants"]] == [
        "anna@example.org",
        "cleo@example.org",
    ]
    assert after["participants"][0] == booked["participants"][0]


async def test_nothing_is_added_when_one_is_wrong(face: Face) -> None:
    booked = await face.create(**booking(participants=[]))
    with pytest.raises(Refused) as refused:
        await face.add(booked["id"], [CLEO, {**CLEO, "unique_id": "x" * 256}])
    assert refused.value.fields == {"unique_id"}
    assert (await face.get(booked["id"]))["participants"] == []


async def test_removing_twice_is_harmless(face: Face) -> None:
    booked = await face.create(**booking())
    ids = [person["id"] for person in booked["participants"]]
    after = await face.remove(booked["id"], ids[:1])
    assert [person["id"] for person in after["participants"]] == ids[1:]
    again = await face.remove(booked["id"], ids[:1])
    assert again["participants"] == after["participants"]


async def test_name_and_role_can_be_changed(face: Face) -> None:
    booked = await face.create(**booking())
    anna = booked["participants"][0]["id"]
    changed = await face.update_participant(
        booked["id"], anna, display_name="Anna B.", role="participant"
    )
    assert changed["display_name"] == "Anna B."
    assert changed["role"] == "participant"
    await face.update_participant(booked["id"], anna, display_name=None)
    seen = await face.get_participant(booked["id"], anna)
    assert seen["display_name"] is None
    assert seen["role"] == "participant"
    assert seen["access_link"] == booked["participants"][0]["access_link"]


async def test_a_participant_of_another_appointment_is_not_found(face: Face) -> None:
    first = await face.create(**booking())
    second = await face.create(**booking(title="Other"))
    anna = first["participants"][0]["id"]
    assert await face.get_participant(second["id"], anna) is None
    after = await face.remove(second["id"], [anna])
    assert len(after["participants"]) == 2
    assert await face.get_participant(first["id"], anna) is not None


async def test_a_removed_participant_is_gone(face: Face) -> None:
    booked = await face.create(**booking())
    anna = booked["participants"][0]["id"]
    await face.remove_participant(booked["id"], anna)
    assert await face.get_participant(booked["id"], anna) is None
    with pytest.raises(Refused) as refused:
        await face.remove_participant(booked["id"], anna)
    assert refused.value.code == "not_found"


async def test_a_foreign_organization_sees_nothing(face: Face, foreign_face: Face) -> None:
    booked = await face.create(**booking())
    id, anna = booked["id"], booked["participants"][0]["id"]
    assert await foreign_face.get(id) is None
    assert await foreign_face.find() == []
    assert await foreign_face.get_participant(id, anna) is None
    for attempt in (
        foreign_face.update(id, title="Mine"),
        foreign_face.delete(id),
        foreign_face.add(id, [CLEO]),
        foreign_face.remove(id, [anna]),
        foreign_face.update_participant(id, anna, display_name="Mine"),
        foreign_face.remove_participant(id, anna),
    ):
        with pytest.raises(Refused) as refused:
            await attempt
        assert refused.value.code == "not_found"
    assert await face.get(id) == booked | {"updated_at": booked["updated_at"]}


async def test_a_filter_is_trimmed_like_what_it_looks_for(face: Face) -> None:
    person = {**CLEO, "unique_id": "  cleo@example.org\t"}
    booked = await face.create(**booking(participants=[person]))
    for sent in (person["unique_id"], CLEO["unique_id"]):
        found = await face.find(participant_unique_id=sent)
        assert [row["id"] for row in found] == [booked["id"]]
    assert await face.find(participant_unique_id="cleo @example.org") == []


def crowd(count: int, name: str = "person") -> list[dict[str, str]]:
    return [{"unique_id": f"{name} {place}", "role": "participant"} for place in range(count)]


async def test_an_appointment_has_room_for_a_thousand(face: Face) -> None:
    booked = await face.create(**booking(participants=crowd(999)))
    with pytest.raises(Refused) as refused:
        await face.add(booked["id"], [CLEO, {**CLEO, "unique_id": "dora"}])
    place = {"rest": "non_field_errors", "graphql": "participants"}[face.name]
    assert (refused.value.code, refused.value.fields) == ("validation_failed", {place})
    await face.add(booked["id"], [CLEO])
    # Who is present already needs no room.
    await face.add(booked["id"], [CLEO, *crowd(999)])
    with pytest.raises(Refused):
        await face.add(booked["id"], [{**CLEO, "unique_id": "dora"}, *crowd(3)])
    seen = await face.get(booked["id"])
    await face.remove(booked["id"], [seen["participants"][0]["id"]])
    await face.add(booked["id"], [{**CLEO, "unique_id": "dora"}])


async def test_two_at_once_do_not_overfill_it(face: Face) -> None:
    booked = await face.create(**booking(participants=crowd(995)))
    outcomes = await asyncio.gather(
        *(face.add(booked["id"], crowd(3, name)) for name in ("a", "b", "c")),
        return_exceptions=True,
    )
    assert sorted(isinstance(outcome, Refused) for outcome in outcomes) == [False, True, True]
