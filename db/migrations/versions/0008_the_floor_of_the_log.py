"""Old events are removed: every organization remembers up to which number.

Added as a column, without making the table anew.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COLUMN = "event_floor"


def upgrade() -> None:
    """Applies the change."""
    # As text: Alembic adds a column's check on its own, which SQLite cannot do.
    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE organization ADD COLUMN {COLUMN} {number} DEFAULT 0 NOT NULL"
        f" CONSTRAINT organization_{COLUMN}_positive CHECK ({COLUMN} >= 0)"
    )


def downgrade() -> None:
    """Takes the change back; what was removed stays removed."""
    op.drop_column("organization", COLUMN)
