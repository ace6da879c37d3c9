"""The index of an appointment's participants holds all that a list shows of them.

The rows of an appointment lie where they were written; their entries in the index lie together.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INDEX = "participant_in_order"
ORDER = ["organization_id", "appointment_id", "id"]
SHOWN = ["unique_id", "display_name", "role", "link_version"]
KNOWN = sa.text("SELECT stat FROM sqlite_stat1 WHERE idx = :idx")
KEEP = sa.text("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('participant', :idx, :stat)")


def upgrade() -> None:
    """Applies the change."""
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        _replace([*ORDER, *SHOWN])
        return
    # Dropping an index drops the statistics that make SQLite choose it. They are still correct,
    # with one row for each of the additional columns.
    known = bind.scalar(KNOWN, {"idx": INDEX})
    _replace([*ORDER, *SHOWN])
    if known:
        bind.execute(KEEP, {"idx": INDEX, "stat": known + " 1" * len(SHOWN)})


def downgrade() -> None:
    """Reverts the change."""
    _replace(ORDER)


def _replace(columns: list[str]) -> None:
    op.drop_index(INDEX, "participant")
    op.create_index(INDEX, "participant", columns)
