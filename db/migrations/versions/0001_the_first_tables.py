"""Organizations, tokens, appointments, participants and the event log."""

import sqlalchemy as sa
from alembic import op

from db.types import BigNumber, Id, JsonDocument, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table(
        "organization",
        sa.Column("id", Id(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("event_seq", BigNumber, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("event_seq >= 0", name="organization_event_seq_positive"),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 255", name="organization_name_length"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("organization_name", "organization", ["name"], unique=True)

    op.create_table(
        "api_token",
        sa.Column("id", Id(), nullable=False),
        sa.Column("organization_id", Id(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("length(digest) = 64", name="api_token_digest_length"),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 255", name="api_token_name_length"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("api_token_digest", "api_token", ["digest"], unique=True)
    op.create_index(
        "api_token_organization", "api_token", ["organization_id", "created_at"], unique=False
    )

    op.create_table(
        "appointment",
        sa.Column("organization_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("start_date_time", UtcDateTime(), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("config", JsonDocument(), nullable=True),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.Column("cancel_reason", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "status IN ('scheduled', 'active', 'completed', 'cancelled', 'no_show')",
            name="appointment_status_known",
        ),
        sa.CheckConstraint(
            "duration_minutes BETWEEN 15 AND 720", name="appointment_duration_range"
        ),
        sa.CheckConstraint("length(title) BETWEEN 1 AND 255", name="appointment_title_length"),
        sa.CheckConstraint("version >= 1", name="appointment_version_positive"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("organization_id", "id"),
    )
    op.create_table(
        "event",
        sa.Column("organization_id", Id(), nullable=False),
        sa.Column("seq", BigNumber, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("appointment_id", Id(), nullable=False),
        sa.Column("participant_id", Id(), nullable=True),
        sa.Column("changed_fields", JsonDocument(), nullable=False),
        sa.Column("data", JsonDocument(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("organization_id", "seq"),
    )
    for name, column in (
        ("appointment_by_start", "start_date_time"),
        ("appointment_by_creation", "created_at"),
        ("appointment_by_update", "updated_at"),
    ):
        op.create_index(
            name, "appointment", ["organization_id", sa.text(f"{column} DESC"), "id"], unique=False
        )
    op.create_index("event_id", "event", ["id"], unique=True)
    op.create_index(
        "event_of_appointment", "event", ["organization_id", "appointment_id", "seq"], unique=False
    )

    op.create_table(
        "participant",
        sa.Column("id", Id(), nullable=False),
        sa.Column("organization_id", Id(), nullable=False),
        sa.Column("appointment_id", Id(), nullable=False),
        sa.Column("unique_id", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("link_version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("role IN ('moderator', 'participant')", name="participant_role_known"),
        sa.CheckConstraint("length(display_name) <= 60", name="participant_display_name_length"),
        sa.CheckConstraint(
            "length(unique_id) BETWEEN 1 AND 255", name="participant_unique_id_length"
        ),
        sa.CheckConstraint("link_version >= 1", name="participant_link_version_positive"),
        sa.ForeignKeyConstraint(
            ["organization_id", "appointment_id"],
            ["appointment.organization_id", "appointment.id"],
            name="participant_appointment",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "participant_by_unique_id",
        "participant",
        ["organization_id", "unique_id", "appointment_id"],
        unique=False,
    )
    op.create_index(
        "participant_in_order",
        "participant",
        ["organization_id", "appointment_id", "id"],
        unique=False,
    )
    op.create_index(
        "participant_unique_within_appointment",
        "participant",
        ["organization_id", "appointment_id", "unique_id"],
        unique=True,
    )


def downgrade() -> None:
    """Reverts the change."""
    for table in ("participant", "event", "appointment", "api_token", "organization"):
        op.drop_table(table)
