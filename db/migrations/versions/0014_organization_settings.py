"""What an organization sets for its pages: language, contact, whether reasons are shown.

Added as columns, without making the table anew.
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TEXTS = {"language": (2, 35), "contact": (1, 255)}


def upgrade() -> None:
    """Applies the change."""
    # As text: Alembic adds a column's check on its own, which SQLite cannot do.
    for column, (least, most) in TEXTS.items():
        op.execute(
            f"ALTER TABLE organization ADD COLUMN {column} VARCHAR"
            f" CONSTRAINT organization_{column}_length"
            f" CHECK (length({column}) BETWEEN {least} AND {most})"
        )
    op.execute(
        "ALTER TABLE organization ADD COLUMN shows_cancel_reason BOOLEAN DEFAULT false NOT NULL"
    )


def downgrade() -> None:
    """Reverts the change."""
    for column in ("language", "contact", "shows_cancel_reason"):
        op.drop_column("organization", column)
