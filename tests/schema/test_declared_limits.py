"""A limit is declared once: checks, CHECK constraints and descriptions read it there."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from annotated_types import Ge, Le, MaxLen, MinLen

from db.models import appointment, participant
from db.tables import Appointment, Participant
from schema import inputs
from schema.build import build
from schema.internals import core_of

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("alias", "limit"),
    [
        (inputs.Title, appointment.TITLE),
        (inputs.UniqueId, participant.UNIQUE_ID),
        (inputs.DisplayName, participant.DISPLAY_NAME),
        (inputs.CancelReason, appointment.CANCEL_REASON),
        (inputs.DurationMinutes, appointment.DURATION_MINUTES),
    ],
)
def test_what_is_checked_is_what_is_declared(alias: Any, limit: Any) -> None:
    constraints = get_args(alias)[1:]
    assert [each for each in constraints if isinstance(each, MaxLen | Le)] in (
        [MaxLen(limit.most)],
        [Le(limit.most)],
    )
    least = [each for each in constraints if isinstance(each, MinLen | Ge)]
    assert least in ([MinLen(limit.least)], [Ge(limit.least)], [] if not limit.least else None)


def test_the_tables_repeat_them() -> None:
    checks = {
        str(constraint.sqltext)
        for table in (Appointment, Participant)
        for constraint in table.__table__.constraints  # type: ignore[attr-defined]
        if hasattr(constraint, "sqltext")
    }
    assert checks >= {
        "length(title) BETWEEN 1 AND 255",
        "length(unique_id) BETWEEN 1 AND 255",
        "length(display_name) <= 60",
        "duration_minutes BETWEEN 15 AND 720",
    }


def test_descriptions_tell_them() -> None:
    types = core_of(build()).type_map
    new, cancel = types["NewAppointment"], types["Mutation"].fields["cancelAppointment"]  # type: ignore[attr-defined]
    assert new.fields["title"].description == "1 to 255 characters."  # type: ignore[attr-defined]
    assert new.fields["durationMinutes"].description == "15 to 720."  # type: ignore[attr-defined]
    reason = cancel.args["reason"].description
    assert f"At most {appointment.CANCEL_REASON.most} characters." in reason


def test_they_are_written_nowhere_else() -> None:
    files = [ROOT / "schema/inputs.py", ROOT / "schema/domain/rules.py"]
    for folder in ("schema/types", "schema/operator", "db/tables"):
        files += (ROOT / folder).glob("*.py")
    written = re.compile(r"BETWEEN \d|length\(\w+\) <|\b(?:255|720|1000)\b|\b60 characters")
    outside = [
        f"{path.name}: {line.strip()}"
        for path in files
        for line in path.read_text().splitlines()
        if written.search(line) and '"""' not in line
    ]
    assert outside == []
