"""Every key of a tenant's table begins with its organization, to distribute rows by it.

SQLite cannot change a key, so it copies the two tables, within the one transaction.
"""

import sqlalchemy as sa
from alembic import context, op

from db.types import Id, UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COPIED_AT_ONCE = 50_000
SHOWN = ["unique_id", "display_name", "role", "link_version"]
APPOINTMENT = ["organization_id", "appointment_id"]
# Of a table: the name of an index, its columns, and whether they are unique.
Indexes = tuple[tuple[str, list[str], bool], ...]
KEPT: dict[str, Indexes] = {
    "participant": (
        ("participant_unique_within_appointment", [*APPOINTMENT, "unique_id"], True),
        ("participant_in_order", [*APPOINTMENT, "id", *SHOWN], False),
        (
            "participant_by_unique_id",
            ["organization_id", "unique_id", "appointment_id"],
            False,
        ),
    ),
    "api_token": (("api_token_organization", ["organization_id", "created_at"], False),),
}
# Links name a participant, and tokens are read, before any organization is known.
NEW: dict[str, Indexes] = {
    "participant": (("participant_by_id", ["id"], False),),
    "api_token": (
        ("api_token_by_id", ["id"], False),
        ("api_token_by_digest", ["digest"], False),
        ("api_token_digest", ["organization_id", "digest"], True),
    ),
}
OLD: dict[str, Indexes] = {
    "participant": (),
    "api_token": (("api_token_digest", ["digest"], True),),
}
# Replacing a table drops the statistics by which SQLite chooses among its indexes.
TYPICAL = {
    "sqlite_autoindex_participant_1": "300000 30000 1",
    "participant_by_id": "300000 1",
}
KNOWN = sa.text("SELECT idx, stat FROM sqlite_stat1 WHERE tbl = 'participant'")
FORGET = sa.text("DELETE FROM sqlite_stat1 WHERE tbl = 'participant'")
KEEP = sa.text("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('participant', :idx, :stat)")


def upgrade() -> None:
    """Applies the change."""
    _change(["organization_id", "id"], NEW, OLD)
    op.drop_index("event_id", "event")
    op.create_index("event_id", "event", ["organization_id", "id"], unique=True)


def downgrade() -> None:
    """Reverts the change; fails when two organizations use the same id or token."""
    _change(["id"], OLD, NEW)
    op.drop_index("event_id", "event")
    op.create_index("event_id", "event", ["id"], unique=True)


def _change(key: list[str], added: dict[str, Indexes], dropped: dict[str, Indexes]) -> None:
    if op.get_bind().dialect.name != "sqlite":
        for table in KEPT:
            _change_key(table, key, added[table], dropped[table])
        return
    known = {row.idx: row.stat for row in op.get_bind().execute(KNOWN)}
    _copy("participant", _participant(key), KEPT["participant"] + added["participant"])
    _copy("api_token", _api_token(key), KEPT["api_token"] + added["api_token"])
    _restore(known, {name for name, _, _ in KEPT["participant"] + added["participant"]}, key)


def _change_key(table: str, key: list[str], added: Indexes, dropped: Indexes) -> None:
    op.drop_constraint(f"{table}_pkey", table, type_="primary")
    op.create_primary_key(f"{table}_pkey", table, key)
    for name, _, _ in dropped:
        op.drop_index(name, table)
    for name, columns, unique in added:
        op.create_index(name, table, columns, unique=unique)


def _copy(table: str, parts: list[sa.schema.SchemaItem], indexes: Indexes) -> None:
    bind, new = op.get_bind(), f"new_{table}"
    made = op.create_table(new, *parts)
    last = bind.scalar(sa.text(f"SELECT max(rowid) FROM {table}")) or 0  # noqa: S608
    steps, total = context.config.attributes["steps"], last * (1 + len(indexes))
    names = ", ".join(made.c.keys())
    copy = sa.text(
        f"INSERT INTO {new} ({names}) SELECT {names} FROM {table}"  # noqa: S608  (constants)
        " WHERE rowid > :after AND rowid <= :until"
    )
    for after in range(0, last, COPIED_AT_ONCE):
        bind.execute(copy, {"after": after, "until": after + COPIED_AT_ONCE})
        steps.count(table, min(after + COPIED_AT_ONCE, last), total)
    op.drop_table(table)
    op.rename_table(new, table)
    for number, (name, columns, unique) in enumerate(indexes, 2):
        op.create_index(name, table, columns, unique=unique)
        steps.count(table, last * number, total)


def _restore(known: dict[str, str], there: set[str], key: list[str]) -> None:
    bind = op.get_bind()
    bind.execute(FORGET)
    typical = TYPICAL if len(key) > 1 else {"sqlite_autoindex_participant_1": "300000 1"}
    there = there | {"sqlite_autoindex_participant_1"}
    for name, stat in (known | typical).items():
        if name in there:
            bind.execute(KEEP, {"idx": name, "stat": stat})


def _participant(key: list[str]) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("organization_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
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
            APPOINTMENT,
            ["appointment.organization_id", "appointment.id"],
            name="participant_appointment",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(*key),
    ]


def _api_token(key: list[str]) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("organization_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
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
        sa.PrimaryKeyConstraint(*key),
    ]
