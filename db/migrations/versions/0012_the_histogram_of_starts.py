"""How many appointments start in each month, day and hour is kept, by triggers.

A page far down a list begins at an hour that is looked up instead of being counted to.
"""

import sqlalchemy as sa
from alembic import op

from db.types import Id

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# ruff: noqa: S608  (constants)

LEVELS = ((0, 7), (7, 10), (10, 13))
NEW_ROWS = ", ".join(
    "(NEW.organization_id,"
    f" substr(NEW.start_date_time, 1, {parent}), substr(NEW.start_date_time, 1, {period}),"
    " NEW.status, 1)"
    for parent, period in LEVELS
)
COME = (
    "INSERT INTO appointment_histogram (organization_id, parent, period, status, amount)"
    f" VALUES {NEW_ROWS}"
    " ON CONFLICT (organization_id, parent, period, status) DO UPDATE SET amount = amount + 1;"
)
# A period in which nothing starts any more leaves no row: they would pile up with every new date.
GO = " ".join(
    f"{change} WHERE organization_id = OLD.organization_id AND status = OLD.status"
    f" AND parent = substr(OLD.start_date_time, 1, {parent})"
    f" AND period = substr(OLD.start_date_time, 1, {period}){only};"
    for parent, period in LEVELS
    for change, only in (
        ("UPDATE appointment_histogram SET amount = amount - 1", ""),
        ("DELETE FROM appointment_histogram", " AND amount = 0"),
    )
)
SQLITE = (
    f"CREATE TRIGGER appointment_comes AFTER INSERT ON appointment BEGIN {COME} END",
    f"CREATE TRIGGER appointment_goes AFTER DELETE ON appointment BEGIN {GO} END",
    "CREATE TRIGGER appointment_moves"
    " AFTER UPDATE OF organization_id, start_date_time, status ON appointment"
    " WHEN OLD.start_date_time IS NOT NEW.start_date_time OR OLD.status IS NOT NEW.status"
    " OR OLD.organization_id IS NOT NEW.organization_id"
    f" BEGIN {GO} {COME} END",
)

# What changes comes as a table: one statement for one row and for the million of a COPY.
# The driver stores the first and the last instant of the calendar as infinite, which have no text.
HOURS = (
    "SELECT organization_id, status, coalesce("
    "to_char(start_date_time AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24'),"
    " CASE WHEN start_date_time < 'epoch' THEN '0001-01-01T00' ELSE '9999-12-31T23' END"
    ") AS hour FROM {rows}"
)
COUNTED = (
    "SELECT organization_id, left(hour, upto.parent) AS parent, left(hour, upto.period) AS period,"
    f" status, count(*) AS amount FROM ({HOURS}) AS each"
    " CROSS JOIN (VALUES (0, 7), (7, 10), (10, 13)) AS upto (parent, period)"
    " GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
)
ADD = (
    "INSERT INTO appointment_histogram AS kept (organization_id, parent, period, status, amount)"
    f" {COUNTED}"
    " ON CONFLICT (organization_id, parent, period, status)"
    " DO UPDATE SET amount = kept.amount + excluded.amount;"
)
SAME = (
    "kept.organization_id = gone.organization_id AND kept.parent = gone.parent"
    " AND kept.period = gone.period AND kept.status = gone.status"
)
TAKE = (
    f"UPDATE appointment_histogram AS kept SET amount = kept.amount - gone.amount"
    f" FROM ({COUNTED}) AS gone WHERE {SAME};"
    f" DELETE FROM appointment_histogram AS kept USING ({COUNTED}) AS gone"
    f" WHERE {SAME} AND kept.amount = 0;"
)
OLD = "(SELECT OLD.organization_id, OLD.status, OLD.start_date_time) AS old_row"
NEW = "(SELECT NEW.organization_id, NEW.status, NEW.start_date_time) AS new_row"
FUNCTIONS = {
    "appointment_comes": ADD.format(rows="come"),
    "appointment_goes": TAKE.format(rows="gone"),
    "appointment_moves": TAKE.format(rows=OLD) + " " + ADD.format(rows=NEW),
}
POSTGRESQL = (
    "CREATE TRIGGER appointment_comes AFTER INSERT ON appointment"
    " REFERENCING NEW TABLE AS come"
    " FOR EACH STATEMENT EXECUTE FUNCTION appointment_comes()",
    "CREATE TRIGGER appointment_goes AFTER DELETE ON appointment"
    " REFERENCING OLD TABLE AS gone"
    " FOR EACH STATEMENT EXECUTE FUNCTION appointment_goes()",
    # For each row: the other kind cannot be limited to columns, and would run for every change.
    "CREATE TRIGGER appointment_moves"
    " AFTER UPDATE OF organization_id, start_date_time, status ON appointment"
    " FOR EACH ROW WHEN (OLD.start_date_time IS DISTINCT FROM NEW.start_date_time"
    " OR OLD.status IS DISTINCT FROM NEW.status"
    " OR OLD.organization_id IS DISTINCT FROM NEW.organization_id)"
    " EXECUTE FUNCTION appointment_moves()",
)


def upgrade() -> None:
    """Applies the change."""
    op.create_table(
        "appointment_histogram",
        sa.Column("organization_id", Id(), nullable=False),
        sa.Column("parent", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("organization_id", "parent", "period", "status"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        _fill_sqlite()
        for trigger in SQLITE:
            op.execute(trigger)
        return
    op.execute(ADD.format(rows="appointment"))
    for name, body in FUNCTIONS.items():
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN {body} RETURN NULL; END $$"
        )
    for trigger in POSTGRESQL:
        op.execute(trigger)


def downgrade() -> None:
    """Reverts the change."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name in FUNCTIONS:
        op.execute(f"DROP TRIGGER {name}" + ("" if is_sqlite else " ON appointment"))
        if not is_sqlite:
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("appointment_histogram")


def _fill_sqlite() -> None:
    for parent, period in LEVELS:
        op.execute(
            "INSERT INTO appointment_histogram (organization_id, parent, period, status, amount)"
            f" SELECT organization_id, substr(start_date_time, 1, {parent}),"
            f" substr(start_date_time, 1, {period}), status, count(*)"
            " FROM appointment WHERE true GROUP BY 1, 2, 3, 4"
            " ON CONFLICT (organization_id, parent, period, status)"
            " DO UPDATE SET amount = amount + excluded.amount"
        )
