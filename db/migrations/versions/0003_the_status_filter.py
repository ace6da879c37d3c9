"""An index that serves lists filtered by status, in the order of every list.

Without statistics SQLite takes an organization for ten rows and prefers whichever index is the
narrower; these say what a database of ten organizations looks like. ANALYZE replaces them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


# The number of rows, then the average number of rows with equal first column, first two, …
TYPICAL = {
    "appointment": {
        "sqlite_autoindex_appointment_1": "100000 10000 1",
        "appointment_by_start": "100000 10000 2 1",
        "appointment_by_status": "100000 10000 2000 2 1",
        "appointment_by_creation": "100000 10000 2 1",
        "appointment_by_update": "100000 10000 2 1",
        "appointment_by_clock": "20000 2",
    },
    "participant": {
        "sqlite_autoindex_participant_1": "300000 1",
        "participant_in_order": "300000 30000 3 1",
        "participant_by_unique_id": "300000 30000 5 1",
        "participant_unique_within_appointment": "300000 30000 3 1",
    },
}


def upgrade() -> None:
    """Applies the change."""
    op.create_index(
        "appointment_by_status",
        "appointment",
        ["organization_id", "status", sa.text("start_date_time DESC"), "id"],
    )
    if op.get_bind().dialect.name == "sqlite":
        # Creates the table of statistics; the analyzed table has a single row.
        op.execute("ANALYZE alembic_version")
        for table, indexes in TYPICAL.items():
            op.execute(f"DELETE FROM sqlite_stat1 WHERE tbl = '{table}'")  # noqa: S608
            for index, figures in indexes.items():
                op.execute(
                    "INSERT INTO sqlite_stat1 (tbl, idx, stat)"  # noqa: S608  (constants)
                    f" VALUES ('{table}', '{index}', '{figures}')"
                )


def downgrade() -> None:
    """Reverts the change."""
    op.drop_index("appointment_by_status", "appointment")
