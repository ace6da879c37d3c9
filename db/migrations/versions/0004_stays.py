"""Stays are read from an index of their own, and every active appointment is watched.

An appointment that was started after its end had passed was active for ever: the clock did not
watch it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STAYS = "type = 'participant.joined' OR type = 'participant.left'"
PARTICIPANTS = "participant_id IS NOT NULL"


def upgrade() -> None:
    """Applies the change."""
    _replace("event_of_participant", "event_of_stay", STAYS)
    end = "start_date_time + make_interval(mins => duration_minutes)"
    if op.get_bind().dialect.name == "sqlite":
        end = (
            "strftime('%Y-%m-%dT%H:%M:%f', start_date_time,"
            " '+' || duration_minutes || ' minutes') || '000Z'"
        )
    op.execute(
        f"UPDATE appointment SET clock_end_at = {end}"  # noqa: S608  (no values)
        " WHERE status = 'active' AND clock_end_at IS NULL"
    )


def downgrade() -> None:
    """Reverts the change of the index."""
    _replace("event_of_stay", "event_of_participant", PARTICIPANTS)


def _replace(old: str, new: str, where: str) -> None:
    op.drop_index(old, "event")
    op.create_index(
        new,
        "event",
        ["organization_id", "participant_id", "seq"],
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
