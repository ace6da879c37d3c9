"""What the resolvers change every day is compiled beforehand."""

from dataclasses import fields
from datetime import UTC, datetime
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import pytest

from db.models import AppointmentRow, ParticipantRow, appointment, participant
from db.statements.variants import CHANGED, TIMES, VARIANTS
from schema.domain import rules
from schema.inputs import AppointmentChanges, ParticipantChanges

NOW = datetime(2026, 3, 2, tzinfo=UTC)
STEPS = {name: each for name, each in vars(rules).items() if isinstance(each, rules.Transition)}


@pytest.mark.parametrize("name", STEPS)
def test_the_columns_that_a_step_sets_are_a_variant(name: str) -> None:
    appointment: Any = SimpleNamespace(end_date_time=NOW)
    names = frozenset(rules.values_after(appointment, STEPS[name], NOW))
    assert (names,) in VARIANTS["appointments.change"]


@pytest.mark.parametrize(
    ("statement", "of", "row", "changes"),
    [
        ("appointments.change", appointment, AppointmentRow, AppointmentChanges),
        ("participants.change", participant, ParticipantRow, ParticipantChanges),
    ],
)
def test_every_change_of_a_few_columns_is_a_variant(
    statement: str, of: Any, row: Any, changes: Any
) -> None:
    assert set(of.CHANGEABLE) == {each.name for each in fields(changes)}
    assert set(of.CHANGEABLE) <= set(row._fields)
    compiled = [names for (names,) in VARIANTS[statement]]
    for size in range(1, CHANGED + 1):
        for chosen in combinations(of.CHANGEABLE, size):
            moved = {"clock_end_at"} if TIMES & set(chosen) else set()
            assert {*chosen, *moved, "updated_at"} in compiled
    assert max(len(set(of.CHANGEABLE) & names) for names in compiled) <= CHANGED  # type: ignore[operator]
