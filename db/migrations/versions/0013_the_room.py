"""The built-in room: who sits or waits in it, and what its processes tell each other."""

import sqlalchemy as sa
from alembic import op

from db.types import Id, UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

APPOINTMENT = (
    ["organization_id", "appointment_id"],
    ["appointment.organization_id", "appointment.id"],
)
PARTICIPANT = (
    ["organization_id", "participant_id"],
    ["participant.organization_id", "participant.id"],
)
ABSENT = sa.text("absent_since IS NOT NULL")


def upgrade() -> None:
    """Applies the change."""
    op.create_table(
        "room_seat",
        sa.Column("organization_id", Id(), nullable=False),
        sa.Column("appointment_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("participant_id", Id(), nullable=False),
        sa.Column("link_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("key_digest", sa.String(), nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.Column("seated_at", UtcDateTime(), nullable=True),
        sa.Column("absent_since", UtcDateTime(), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("resumes", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'seated')", name="room_seat_state_known"),
        sa.CheckConstraint("length(key_digest) = 64", name="room_seat_key_digest_length"),
        sa.ForeignKeyConstraint(*APPOINTMENT, name="room_seat_appointment", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(*PARTICIPANT, name="room_seat_participant", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("organization_id", "appointment_id", "id"),
    )
    op.create_index("room_seat_by_id", "room_seat", ["id"])
    op.create_index("room_seat_of_participant", "room_seat", ["organization_id", "participant_id"])
    op.create_index("room_seat_of_holder", "room_seat", ["organization_id", "holder"])
    op.create_index(
        "room_seat_absent",
        "room_seat",
        ["absent_since"],
        sqlite_where=ABSENT,
        postgresql_where=ABSENT,
    )
    op.create_table(
        "room_message",
        sa.Column("organization_id", Id(), nullable=False),
        sa.Column("appointment_id", Id(), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(*APPOINTMENT, name="room_message_appointment", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("organization_id", "appointment_id", "number"),
    )


def downgrade() -> None:
    """Takes the change back; whoever is in a room leaves it."""
    op.drop_table("room_message")
    op.drop_table("room_seat")
