"""What a write came to, as bytes and back: exact, small, and read by other releases."""

import zlib
from datetime import UTC, datetime
from typing import Any, NamedTuple, get_type_hints

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.models import AppointmentRow, AppointmentStatus, ParticipantRole, ParticipantRow
from rest.routes import OPERATIONS
from schema.operation.idempotency.outcomes import Outcome, UnreadableOutcome, pack, unpack
from schema.resolvers.participants import rotate_access_link
from schema.resolvers.people import Added, Removed, RemovedOne

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
PEOPLE = st.builds(ParticipantRow, TEXT, TEXT, TEXT, st.none() | TEXT,
                   st.sampled_from(ParticipantRole), st.integers(1, 9), TIMES, TIMES)  # fmt: skip
ROWS = st.builds(
    AppointmentRow, TEXT, TEXT, TIMES, st.integers(15, 720),
    st.none() | st.dictionaries(TEXT, st.booleans(), max_size=3),
    st.sampled_from(AppointmentStatus), st.integers(1, 9),
    st.none() | TIMES, st.none() | TIMES, st.none() | TIMES, st.none() | TEXT, st.none() | TIMES,
    TIMES, TIMES, st.integers(0, 9), st.none() | st.tuples() | st.tuples(PEOPLE, PEOPLE),
)  # fmt: skip
RESULTS = st.one_of(
    *(ROWS, PEOPLE, st.builds(RemovedOne, ROWS, TEXT)),
    st.builds(Added, ROWS, st.lists(PEOPLE, max_size=2), st.lists(PEOPLE, max_size=2)),
    st.builds(Removed, ROWS, st.lists(TEXT, max_size=2), st.lists(TEXT, max_size=2)),
)
NOW = datetime(2026, 3, 2, tzinfo=UTC)
PERSON = ParticipantRow("p", "a", "anna", None, ParticipantRole.MODERATOR, 1, NOW, NOW)


@given(RESULTS, st.lists(ROWS, max_size=2), st.booleans())
async def test_it_comes_back_as_it_was(result: Any, kept: list[Any], keeps_it: bool) -> None:
    rows = (*kept, *([result] if keeps_it and isinstance(result, AppointmentRow) else []))
    outcome = Outcome(b"digest", result, rows)
    read = await unpack(await pack(outcome), b"digest", type(result))
    assert read == outcome._replace(is_replayed=True)
    assert typed(read.result) == typed(result)
    if rows and rows[-1] is result:
        assert read.kept[-1] is read.result


def typed(value: Any) -> Any:
    """The types of a value and of all below it."""
    below = [typed(each) for each in value] if isinstance(value, tuple | list) else []
    return type(value), below


def test_every_write_returns_what_can_be_read() -> None:
    resolvers = [each.resolver for each in OPERATIONS if each.writes] + [rotate_access_link]
    kinds = {get_type_hints(each)["return"] for each in resolvers}
    assert kinds == {AppointmentRow, ParticipantRow, Added, Removed, RemovedOne}


async def changed(result: dict[str, Any], kind: Any) -> Any:
    packed = zlib.compress(orjson.dumps({"result": result, "kept": []}))
    return (await unpack(packed, b"", kind)).result


async def test_a_field_that_is_not_known_is_passed_over() -> None:
    newer = orjson.loads(orjson.dumps(PERSON._asdict())) | {"language": "fr"}
    assert await changed(newer, ParticipantRow) == PERSON


async def test_a_field_with_a_default_may_be_missing() -> None:
    class Newer(NamedTuple):
        id: str
        language: str = "en"

    assert await changed({"id": "a"}, Newer) == Newer("a")


@pytest.mark.parametrize(
    "packed",
    [
        *(b"", b"x", zlib.compress(b""), zlib.compress(b"[]"), zlib.compress(b"{}")),
        zlib.compress(b'{"result": {"id": "a"}, "kept": []}'),
        zlib.compress(b'{"result": 1, "kept": []}'),
        zlib.compress(b'{"result": null, "kept": 1}'),
        zlib.compress(orjson.dumps({"result": PERSON._asdict() | {"role": "boss"}, "kept": []})),
        zlib.compress(orjson.dumps({"result": PERSON._asdict() | {"created_at": 1}, "kept": []})),
    ],
)
async def test_what_cannot_be_read_says_so(packed: bytes) -> None:
    with pytest.raises(UnreadableOutcome):
        await unpack(packed, b"", ParticipantRow)


async def test_a_thousand_participants_are_small() -> None:
    people = [
        PERSON._replace(id=f"0199fb9e-9161-73f9-88ec-fc44{each:08x}", unique_id=f"person {each}")
        for each in range(1_000)
    ]
    row = AppointmentRow(
        "a", "t", NOW, 30, None, AppointmentStatus.SCHEDULED, 1, *[None] * 5, NOW, NOW, 1_000
    )
    added = Added(row.with_participants(people), people, [])
    packed = await pack(Outcome(b"", added, (row,)))
    assert len(packed) < 60_000
    assert (await unpack(packed, b"", Added)).result == added
