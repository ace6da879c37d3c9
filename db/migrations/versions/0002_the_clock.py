"""What the clock watches, and whose attendance is asked for.

Appointments that were planned before and have not ended yet are watched from now on.
"""

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.add_column("appointment", sa.Column("clock_end_at", UtcDateTime(), nullable=True))
    op.create_index(
        "appointment_by_clock",
        "appointment",
        ["clock_end_at"],
        sqlite_where=sa.text("clock_end_at IS NOT NULL"),
        postgresql_where=sa.text("clock_end_at IS NOT NULL"),
    )
    op.create_index(
        "event_of_participant",
        "event",
        ["organization_id", "participant_id", "seq"],
        sqlite_where=sa.text("participant_id IS NOT NULL"),
        postgresql_where=sa.text("participant_id IS NOT NULL"),
    )
    end = "start_date_time + make_interval(mins => duration_minutes)"
    now = "now()"
    if op.get_bind().dialect.name == "sqlite":
        end = (
            "strftime('%Y-%m-%dT%H:%M:%f', start_date_time,"
            " '+' || duration_minutes || ' minutes') || '000Z'"
        )
        now = "strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'"
    op.execute(
        f"UPDATE appointment SET clock_end_at = {end}"  # noqa: S608  (no values)
        f" WHERE status IN ('scheduled', 'active') AND {end} > {now}"
    )


def downgrade() -> None:
    """Reverts the change."""
    op.drop_index("event_of_participant", "event")
    op.drop_index("appointment_by_clock", "appointment")
    op.drop_column("appointment", "clock_end_at")
