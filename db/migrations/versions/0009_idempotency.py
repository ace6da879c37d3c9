"""What a write under an `Idempotency-Key` answered is kept, for when it is sent again."""

import sqlalchemy as sa
from alembic import op

from db.types import Id, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table(
        "idempotency",
        sa.Column("organization_id", Id(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("organization_id", "key", "place"),
    )
    op.create_index(
        "idempotency_by_age", "idempotency", ["organization_id", "created_at"], unique=False
    )


def downgrade() -> None:
    """Takes the change back; a write that is sent again is then made again."""
    op.drop_table("idempotency")
