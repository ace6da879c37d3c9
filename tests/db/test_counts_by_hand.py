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
            connection.execute("INSERT INTO organization VALUES (?1, ?1, 1, 0, '', 7, 0)", own)
            connection.execute(
                "INSERT INTO appointment VALUES (?1, ?1, 'T', '', 30, NULL, 'scheduled', 1, NULL,"
                " NULL, NULL, NULL, '', '', NULL, 9)",
                own,
            )
        connection.execute(
            "INSERT INTO participant VALUES ('p', 'a', 'a', 'p', NULL, 'moderator', 1, '', '')"
        )
        connection.executescript(block)
        rows = connection.execute("SELECT id, participant_count FROM appointment").fetchall()
        assert dict(rows) == {"a": 1, "b": 0}
        rows = connection.execute("SELECT id, appointment_count FROM organization").fetchall()
        assert dict(rows) == {"a": 1, "b": 1}
