"""The index of every list holds all that a numbered page shows.

Twenty rows of a page lie twenty pages of the file apart; their entries in the index lie together.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INDEX = "appointment_by_start"
ORDER = ["organization_id", sa.text("start_date_time DESC"), "id"]
SHOWN = ["title", "duration_minutes", "status", "created_at", "participant_count"]
KNOWN = sa.text("SELECT stat FROM sqlite_stat1 WHERE idx = :idx")
KEEP = sa.text("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('appointment', :idx, :stat)")


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


def _replace(columns: list[sa.TextClause | str]) -> None:
    op.drop_index(INDEX, "appointment")
    op.create_index(INDEX, "appointment", columns)
