"""What columns hold: ids in one spelling, instants in one text of constant width."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest

from db.compiler import DIALECTS
from db.ids import canonical, new_id
from db.types import UtcDateTime

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
store = UtcDateTime().bind_processor(DIALECTS["sqlite"])


@pytest.mark.parametrize("id", [new_id(), str(uuid4())])
def test_every_spelling_of_an_id_is_read_as_the_canonical_one(id: str) -> None:
    value = UUID(id)
    for text in (id, id.upper(), value.hex, value.urn, f"{{{id}}}"):
        assert canonical(text) == id


@pytest.mark.parametrize("change", ["{}\n", " {}", "{}0", "g{}"])
def test_what_is_nearly_an_id_is_not_an_id(change: str) -> None:
    assert canonical(change.format(new_id())) is None


def test_an_instant_is_stored_in_utc_whatever_its_offset() -> None:
    behind = NOON.astimezone(timezone(timedelta(hours=-7)))
    assert store(NOON) == store(behind) == "2026-03-02T12:00:00.000000Z"
    assert store(NOON.replace(microsecond=7)) == "2026-03-02T12:00:00.000007Z"
    assert store(None) is None
    assert len(store(datetime.min.replace(tzinfo=UTC))) == 27


def test_a_naive_instant_is_refused_also_where_the_aware_one_was_stored_before() -> None:
    store(NOON)
    with pytest.raises(ValueError, match="offset"):
        store(NOON.replace(tzinfo=None))
