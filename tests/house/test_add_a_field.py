"""The walk "Add a field" of CONTRIBUTING.md, walked in a copy of the service.

When a step fails here, the walk has become longer or different: put the code right, or the walk.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from db.models import AppointmentRow
from tests.house.test_documents import TRACKED

ROOT = Path(__file__).parents[2]
MOST_FILES = 5
COPIED = ("db/", "docs/operations.md", "gateway/", "rest/", "schema/", "tests/", "pyproject.toml")


class Edit(NamedTuple):
    """One place in a file: what stands there once, and what the walk makes of it."""

    old: str
    new: str


def behind(line: str, more: str) -> Edit:
    return Edit(line, line + more)


BY_HAND = {
    "db/models/appointment.py": [
        behind("TITLE = Length(255, least=1)\n", "REFERENCE = Length(60)\n"),
        Edit("CHANGEABLE = (", 'CHANGEABLE = ("reference", '),
        behind(
            "    updated_at: datetime\n    participant_count: int\n",
            "    reference: str | None = None\n",
        ),
    ],
    "db/tables/appointment.py": [
        Edit(
            "from ..types import", "from ..models.appointment import REFERENCE\nfrom ..types import"
        ),
        behind(
            'name="appointment_title_length"),\n',
            '        CheckConstraint(REFERENCE.check("reference"),'
            ' name="appointment_reference_length"),\n',
        ),
        behind("    cancel_reason: str | None\n", "    reference: str | None\n"),
    ],
    "schema/inputs.py": [
        Edit(
            "from db.models.participant import",
            "from db.models.appointment import REFERENCE\nfrom db.models.participant import",
        ),
        behind(
            "MaxLen(TITLE.most), Storable()]\n",
            "Reference = Annotated[str, Trimmed(), MaxLen(REFERENCE.most), Storable()]\n",
        ),
        behind(
            'default=UNSET, description="Room features to set."\n    )\n',
            "    reference: Reference | None = strawberry.field(\n"
            '        default=UNSET, description=f"The file it belongs to. {REFERENCE}."\n    )\n',
        ),
        behind(
            'default=None, description="Replaces the whole configuration; null clears it."\n    )\n',
            "    reference: Maybe[Reference | None] = strawberry.field(\n"
            '        default=None, description=f"{REFERENCE}; null clears it."\n    )\n',
        ),
    ],
    "schema/types/appointments.py": [
        behind(
            '    cancel_reason: str | None = strawberry.field(description="Why it was cancelled.")\n',
            "    reference: str | None = strawberry.field(\n"
            '        description="The file it belongs to."\n    )\n',
        ),
    ],
    "rest/fields.py": [
        behind(
            'help_text="Duration in minutes",\n        ),\n',
            '        Field("reference", TEXT, (DETAIL, CHANGED), "A-17", is_addition=True),\n',
        ),
    ],
}
IN_TESTS = {"tests/faces.py": [behind('"id title ', "reference ")]}
MIGRATION = '''"""Appointments have a reference."""

from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.execute(
        "ALTER TABLE appointment ADD COLUMN reference VARCHAR"
        " CONSTRAINT appointment_reference_length CHECK (length(reference) <= 60)"
    )


def downgrade() -> None:
    """Takes the change back."""
    op.drop_column("appointment", "reference")
'''
SCENARIO = """
import pytest

from tests.contract.test_appointments import booking
from tests.faces import Face, Refused


async def test_a_reference_is_booked_changed_and_cleared(face: Face, other_face: Face) -> None:
    booked = await face.create(**booking(reference=" A-17 "))
    assert booked["reference"] == "A-17"
    changed = await face.update(booked["id"], reference="B-4", title="Moved", duration_minutes=45)
    assert changed["reference"] == "B-4"
    seen = await other_face.get(booked["id"])
    assert seen is not None and seen["reference"] == "B-4"
    assert (await face.update(booked["id"], reference=None))["reference"] is None
    assert (await face.create(**booking()))["reference"] is None


async def test_a_long_reference_is_refused(face: Face) -> None:
    with pytest.raises(Refused) as refused:
        await face.create(**booking(reference="x" * 61))
    assert refused.value.fields == {"reference"}
"""
PROOF = (
    "tests/contract/test_reference.py",
    "tests/contract/test_appointments.py",
    "tests/contract/test_cases.py",
    "tests/db/test_counts_by_hand.py",
    "tests/db/test_migrations.py::test_migrations_build_what_the_tables_declare",
    "tests/db/test_variants.py",
    "tests/rest/test_fields.py",
    "tests/rest/test_openapi.py",
    "tests/rest/test_requests_against_drf.py::test_format_is_read_alike",
    "tests/rest/test_requests_against_drf.py::test_options_tell_the_same",
)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the service with the field added as the walk says."""
    assert "reference" not in AppointmentRow._fields, (
        "appointments have a reference now: walk with another name here and in CONTRIBUTING.md"
    )
    copy = tmp_path_factory.mktemp("walk")
    for name in TRACKED:
        if name.startswith(COPIED):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    for name, edits in (BY_HAND | IN_TESTS).items():
        for edit in edits:
            text = (copy / name).read_text()
            assert text.count(edit.old) == 1, (
                f"{name} has {edit.old!r} no longer, or twice: give this edit in BY_HAND another"
                " line to begin at. The walk itself need not have changed."
            )
            (copy / name).write_text(text.replace(edit.old, edit.new))
    versions = copy / "db/migrations/versions"
    before = max(path.name[:4] for path in versions.glob("0*.py"))
    revision = f"{int(before) + 1:04}"
    text = MIGRATION.format(revision=revision, before=before)
    (versions / f"{revision}_reference.py").write_text(text)
    (copy / "tests/contract/test_reference.py").write_text(SCENARIO)
    return copy


def test_a_field_on_both_faces_touches_five_files(walked: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *PROOF],
        cwd=walked, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
    assert len(BY_HAND) <= MOST_FILES


def test_the_walk_names_these_files() -> None:
    walk = (ROOT / "CONTRIBUTING.md").read_text().split("## Add a field")[1].split("\n## ")[0]
    named = set(re.findall(r"`((?:db|schema|rest|gateway)/[\w/]+\.py)`", walk))
    assert {name for name in named if "migrations" not in name} == BY_HAND.keys()
