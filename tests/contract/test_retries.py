"""A write under an `Idempotency-Key` is made once, however often it is sent; through both faces."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette

from db.queries import idempotency
from schema.resolvers import retention
from schema.resolvers.retention import sweep
from tests.conftest import NOON, MovableClock
from tests.contract.test_appointments import ANNA, BEN, booking
from tests.faces import Face, Refused
from tests.people import Tenant

Json = Any
CLARA = {"unique_id": "clara@example.org", "role": "participant"}


async def log_of(face: Face) -> list[str]:
    """The types of all events, which tell how often anything was done."""
    return [each["type"] for each in (await face.events(limit=100))["results"]]


async def test_a_booking_that_is_sent_again_is_made_once(face: Face) -> None:
    keyed = face.under("a")
    first = await keyed.create(**booking())
    assert not keyed.was_replayed
    assert await keyed.create(**booking()) == first
    assert keyed.was_replayed
    assert [each["id"] for each in await face.find()] == [first["id"]]
    assert await log_of(face) == ["appointment.created"]
    assert (await face.under("b").create(**booking()))["id"] != first["id"]


async def change(face: Face, booked: Json) -> Json:
    return await face.update(booked["id"], title="Another")


async def change_nothing(face: Face, booked: Json) -> Json:
    return await face.update(booked["id"], title=booked["title"])


async def delete(face: Face, booked: Json) -> Json:
    return await face.delete(booked["id"])


async def start(face: Face, booked: Json) -> Json:
    return await face.start(booked["id"])


async def complete(face: Face, booked: Json) -> Json:
    return await face.complete(booked["id"])


async def cancel(face: Face, booked: Json) -> Json:
    return await face.cancel(booked["id"], "ill")


async def add(face: Face, booked: Json) -> Json:
    return await face.add(booked["id"], [CLARA, ANNA])


async def remove(face: Face, booked: Json) -> Json:
    return await face.remove(booked["id"], [booked["participants"][0]["id"]])


async def rename(face: Face, booked: Json) -> Json:
    person = booked["participants"][0]["id"]
    return await face.update_participant(booked["id"], person, display_name="Anne")


async def remove_one(face: Face, booked: Json) -> Json:
    return await face.remove_participant(booked["id"], booked["participants"][0]["id"])


WRITES = [change, change_nothing, delete, start, complete, cancel, add, remove, rename, remove_one]


@pytest.mark.parametrize("write", WRITES, ids=lambda each: each.__name__)
async def test_every_write_is_made_once_and_answers_the_same(
    face: Face, clock: MovableClock, write: Callable[[Face, Json], Awaitable[Json]]
) -> None:
    booked = await face.create(**booking(start_date_time=NOON.isoformat()))
    if write is complete:
        await face.start(booked["id"])
    keyed = face.under("k")
    first = await write(keyed, booked)
    before, happened = await face.get(booked["id"]), await log_of(face)
    clock.move(minutes=1)
    assert await write(keyed, booked) == first
    assert keyed.was_replayed
    assert await face.get(booked["id"]) == before
    assert await log_of(face) == happened


async def test_a_late_retry_does_not_undo_what_came_after(face: Face) -> None:
    booked = await face.create(**booking())
    keyed = face.under("k")
    first = await keyed.update(booked["id"], title="First")
    await face.update(booked["id"], title="Second")
    assert (await keyed.update(booked["id"], title="First"))["title"] == first["title"]
    seen = await face.get(booked["id"])
    assert seen is not None
    assert seen["title"] == "Second"


async def test_a_retry_of_what_changed_nothing_changes_nothing_later(face: Face) -> None:
    booked = await face.create(**booking())
    keyed = face.under("k")
    await keyed.update(booked["id"], title=booked["title"])
    await face.update(booked["id"], title="Second")
    await keyed.update(booked["id"], title=booked["title"])
    seen = await face.get(booked["id"])
    assert seen is not None
    assert seen["title"] == "Second"


async def test_a_booking_is_shown_again_when_it_is_gone(face: Face) -> None:
    keyed = face.under("k")
    first = await keyed.create(**booking())
    await face.delete(first["id"])
    assert await keyed.create(**booking()) == first
    assert await face.find() == []


async def test_a_key_with_another_payload_is_refused(face: Face) -> None:
    keyed = face.under("k")
    booked = await keyed.create(**booking())
    for other in (
        lambda: keyed.create(**booking(title="Visa")),
        lambda: keyed.create(**booking(participants=[BEN, ANNA])),
        lambda: keyed.create(**booking(config={})),
    ):
        with pytest.raises(Refused, match="idempotency_key_reused"):
            await other()
    assert await keyed.create(**booking()) == booked
    assert await log_of(face) == ["appointment.created"]


async def test_a_key_with_another_path_is_refused_over_rest(face: Face) -> None:
    if face.name != "rest":
        pytest.skip("over GraphQL another field is another response key or another argument")
    one, two = [await face.create(**booking()) for _ in range(2)]
    keyed = face.under("k")
    await keyed.delete(one["id"])
    for other in (lambda: keyed.delete(two["id"]), lambda: keyed.cancel(one["id"])):
        with pytest.raises(Refused, match="idempotency_key_reused"):
            await other()


async def test_a_failure_leaves_the_key_free(face: Face, clock: MovableClock) -> None:
    booked = await face.create(**booking(start_date_time=NOON.isoformat()))
    keyed = face.under("k")
    with pytest.raises(Refused, match="validation_failed"):
        await keyed.update(booked["id"], title="x" * 300)
    await face.start(booked["id"])
    with pytest.raises(Refused, match="not_allowed_in_status"):
        await keyed.update(booked["id"], title="Visa")
    with pytest.raises(Refused, match="not_found"):
        await face.under("l").delete(ANNA["unique_id"] if face.name == "graphql" else BEN_ID)
    await face.complete(booked["id"])
    await face.under("l").delete(booked["id"])
    assert await keyed.create(**booking()) == await keyed.create(**booking())


BEN_ID = "0199fb9e-9160-72a8-bd1b-98b633ffb7ca"


async def test_organizations_do_not_share_keys(face: Face, foreign_face: Face) -> None:
    ours = await face.under("k").create(**booking())
    theirs = await foreign_face.under("k").create(**booking(title="Visa"))
    assert ours["id"] != theirs["id"]
    assert (await foreign_face.find())[0]["title"] == "Visa"


async def test_tokens_of_an_organization_share_keys(face: Face, tenant: Tenant) -> None:
    first = await face.under("k").create(**booking())
    admin = type(face)(face._client, tenant.admin)  # type: ignore[attr-defined,call-arg]
    assert await admin.under("k").create(**booking()) == first
    reader = type(face)(face._client, tenant.read)  # type: ignore[attr-defined,call-arg]
    with pytest.raises(Refused, match="forbidden"):
        await reader.under("k").create(**booking())


async def test_each_face_has_its_own(face: Face, other_face: Face) -> None:
    first = await face.under("k").create(**booking())
    second = await other_face.under("k").create(**booking(title="Visa"))
    assert first["id"] != second["id"]


async def test_a_key_is_free_after_a_day_and_then_gone(
    app: Starlette, face: Face, clock: MovableClock, tenant: Tenant
) -> None:
    services = app.state.lifespan["services"]
    keyed = face.under("k")
    first = await keyed.create(**booking())
    clock.move(hours=23, minutes=59)
    assert await keyed.create(**booking()) == first
    clock.move(minutes=1)
    second = await keyed.create(**booking(title="Visa"))
    assert second["id"] != first["id"]
    assert await sweep(services) == 0
    clock.move(hours=24)
    assert await sweep(services) == 1
    assert await sweep(services) == 0


async def test_the_sweep_is_bounded(
    app: Starlette, face: Face, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    for each in range(7):
        clock.move(seconds=1)
        await face.under(f"k{each}").create(**booking())
    clock.move(hours=24, seconds=-2)
    services = app.state.lifespan["services"]
    assert [await sweep(services) for _ in range(4)] == [3, 2, 0, 0]


async def test_parallel_equal_calls_have_one_effect_and_equal_answers(face: Face) -> None:
    keyed = face.under("k")
    answers = await asyncio.gather(*[keyed.create(**booking()) for _ in range(100)])
    assert all(each == answers[0] for each in answers)
    assert await log_of(face) == ["appointment.created"]


async def test_parallel_calls_with_different_payloads_have_one_effect(face: Face) -> None:
    keyed = face.under("k")
    titles = [f"Title {each % 4}" for each in range(40)]
    answers = await asyncio.gather(
        *[keyed.create(**booking(title=each)) for each in titles], return_exceptions=True
    )
    done = [each for each in answers if not isinstance(each, Refused)]
    codes = {each.code for each in answers if isinstance(each, Refused)}
    assert (len(done), codes) == (10, {"idempotency_key_reused"})
    assert len(await face.find()) == 1


async def test_parallel_failures_are_all_told_and_leave_the_key_free(face: Face) -> None:
    keyed = face.under("k")
    answers = await asyncio.gather(
        *[keyed.update(BEN_ID, title="x") for _ in range(20)], return_exceptions=True
    )
    assert {each.code for each in answers if isinstance(each, Refused)} == {"not_found"}
    assert len(answers) == 20
    await keyed.create(**booking())


async def test_a_thousand_participants_are_answered_again(face: Face) -> None:
    if face.name == "graphql":
        pytest.skip("an operation may not ask for so many")
    people = [{**BEN, "unique_id": f"person {each}"} for each in range(1000)]
    keyed = face.under("k")
    first = await keyed.create(**booking(participants=people))
    again = await keyed.create(**booking(participants=people))
    assert (first, keyed.was_replayed) == (again, True)


async def test_reads_ignore_a_key(face: Face) -> None:
    booked = await face.create(**booking())
    keyed = face.under('"')
    assert await keyed.get(booked["id"]) == await face.get(booked["id"])
    assert len(await keyed.find()) == 1
    assert not keyed.was_replayed


async def test_a_writer_that_waits_gives_up_in_time(
    app: Starlette, face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is held in the middle of its transaction."""
    entered, go_on = asyncio.Event(), asyncio.Event()
    add = idempotency.add

    async def slow(*arguments: Any) -> None:
        entered.set()
        await go_on.wait()
        await add(*arguments)

    monkeypatch.setattr(idempotency, "add", slow)
    monkeypatch.setattr("schema.operation.once.WAIT_SECONDS", 0.05)
    keyed = face.under("k")
    first = asyncio.ensure_future(keyed.create(**booking()))
    await asyncio.wait_for(entered.wait(), 5)
    with pytest.raises(Refused, match="idempotency_key_in_use"):
        await keyed.create(**booking())
    go_on.set()
    assert await keyed.create(**booking()) == await first
    assert timedelta(hours=24) == retention.KEPT
