"""Generates two functions for each statement: one binds its values, one reads its rows.

A loop over the columns and their types for every row took longer than SQLite needs to find the
row.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Processor = Callable[[Any], Any]
Binder = Callable[[Mapping[str, Any]], tuple[Any, ...]]
Reader = Callable[[Iterable[Sequence[Any]]], list[Any]]


def binder(
    names: Sequence[str], defaults: Mapping[str, Any], stores: Mapping[str, Processor]
) -> Binder:
    """Returns a function from values by name to the stored values, in the order of `names`."""
    known: dict[str, Any] = {}
    parts = []
    for place, name in enumerate(names):
        part = f"values[{name!r}]"
        if name in defaults:
            known[f"default_{place}"] = defaults[name]
            part = f"values.get({name!r}, default_{place})"
        if name in stores:
            known[f"store_{place}"] = stores[name]
            part = f"store_{place}({part})"
        parts.append(part)
    bind: Binder = _compiled(f"lambda values: {_tuple(parts)}", known)
    return bind


def reader(
    reads: Sequence[Processor | None],
    row: Callable[[Sequence[Any]], Any],
    *,
    has_tuples: bool = True,
) -> Reader:
    """Returns a function from database records to rows; NULL becomes None.

    `has_tuples` says that the records are tuples already.

    If `row` is a NamedTuple with more fields than columns, the last fields keep their defaults.
    """
    if row is tuple and has_tuples and not any(reads):
        return list
    known: dict[str, Any] = {"row": row, "new": tuple.__new__}
    columns = [f"column_{place}" for place in range(len(reads))]
    values = []
    for column, read in zip(columns, reads, strict=True):
        known[f"read_{column}"] = read
        values.append(f"None if {column} is None else read_{column}({column})" if read else column)
    made = f"row({_tuple(values)})"
    if isinstance(row, type):
        # Does the same as `_make`, without a method call for every row.
        left = getattr(row, "_fields", ())[len(columns) :]
        known |= {f"left_{name}": row._field_defaults[name] for name in left}  # type: ignore[attr-defined]
        made = f"new(row, {_tuple([*values, *(f'left_{name}' for name in left)])})"
    source = f"lambda records: [{made} for {_tuple(columns)} in records]"
    read_all: Reader = _compiled(source, known)
    return read_all


def _tuple(parts: Sequence[str]) -> str:
    return f"({''.join(f'{part}, ' for part in parts)})"


def _compiled(source: str, known: dict[str, Any]) -> Any:
    # The source holds nothing from callers: only quoted parameter names and column numbers.
    return eval(source, known)  # noqa: S307
