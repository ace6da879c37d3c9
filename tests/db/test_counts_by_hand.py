"""What the manual says to run after changes by hand makes the kept counts right."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

MANUAL = Path(__file__).parents[2] / "docs" / "operations.md"


def test_the_documented_statements_recount(path: Path) -> None:
    (block,) = re.findall(r"```\n(UPDATE appointment.*?)```", MANUAL.read_text(), re.DOTALL)
    with closing(sqlite3.connect(path)) as connection:
        for organization in "ab":
            own = (organization,)
            connection.execute(
                "INSERT INTO organization (id, name, is_active, event_seq, created_at, appointment_count, event_floor) VALUES (?1, ?1, 1, 0, '', 7, 0)",
                own,
            )
            connection.execute(
                "INSERT INTO appointment (organization_id, id, title, start_date_time,"
                " duration_minutes, status, version, created_at, updated_at, participant_count)"
                " VALUES (?1, ?1, 'T', '', 30, 'scheduled', 1, '', '', 9)",
                own,
            )
        connection.execute(
            "INSERT INTO participant (id, organization_id, appointment_id, unique_id, role,"
            " link_version, created_at, updated_at)"
            " VALUES ('p', 'a', 'a', 'p', 'moderator', 1, '', '')"
        )
        connection.executescript(block)
        rows = connection.execute("SELECT id, participant_count FROM appointment").fetchall()
        assert dict(rows) == {"a": 1, "b": 0}
        rows = connection.execute("SELECT id, appointment_count FROM organization").fetchall()
        assert dict(rows) == {"a": 1, "b": 1}
