"""${message}."""

import sqlalchemy as sa
from alembic import op

from db.types import Document, Id, UtcDateTime, Word

revision = "${up_revision}"
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Reverts the change."""
    ${downgrades if downgrades else "pass"}
