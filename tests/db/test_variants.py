"""What the resolvers change every day is compiled beforehand."""

from dataclasses import fields
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from db.statements.variants import VARIANTS
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
    ("statement", "changes"),
    [("appointments.change", AppointmentChanges), ("participants.change", ParticipantChanges)],
)
def test_every_field_that_can_be_changed_is_in_a_variant(statement: str, changes: Any) -> None:
    compiled = {name for (names,) in VARIANTS[statement] for name in names}  # type: ignore[attr-defined]
    assert {each.name for each in fields(changes)} <= compiled
