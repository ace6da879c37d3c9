"""The functions that are written for a statement, and that no name or value can change them."""

from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from db.prepared import binder, reader

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HOSTILE = "x'], __import__('os').abort(), values['x"


class Pair(NamedTuple):
    first: int
    second: str | None
    third: str = "left"


def test_values_are_bound_in_the_order_of_their_places_and_as_they_are_stored() -> None:
    bind = binder(["b", "a", "b"], {}, {"b": str})
    assert bind({"a": 1, "b": 2, "never asked for": 3}) == ("2", 1, "2")


def test_a_default_is_bound_unless_a_value_is_given() -> None:
    bind = binder(["limit"], {"limit": 7}, {"limit": str})
    assert (bind({}), bind({"limit": 9})) == (("7",), ("9",))


def test_a_value_that_is_missing_is_an_error_and_not_null() -> None:
    with pytest.raises(KeyError):
        binder(["a"], {}, {})({})


def test_without_parameters_nothing_is_bound() -> None:
    assert binder([], {}, {})({"a": 1}) == ()


def test_rows_are_typed_and_null_is_never_read() -> None:
    rows = reader([int, str.upper], Pair)([("1", "a"), ("2", None)])
    assert rows == [Pair(1, "A"), Pair(2, None)]
    assert {type(row) for row in rows} == {Pair}
    assert rows[0].third == "left"


def test_a_row_may_be_made_by_a_function() -> None:
    assert reader([None, int], sum)([(1, "2"), (3, "4")]) == [3, 7]


def test_records_are_rows_where_nothing_is_read() -> None:
    assert reader([None], tuple)(iter([(1,), (2,)])) == [(1,), (2,)]
    assert reader([int], tuple)([("1",)]) == [(1,)]


def test_a_hostile_name_is_only_a_name() -> None:
    assert binder([HOSTILE, "a\nb"], {}, {})({HOSTILE: NOW, "a\nb": "'"}) == (NOW, "'")
