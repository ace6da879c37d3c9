"""The server is light after its start, and everyday work keeps it so."""

import json
import re
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import CapturingLogger

from db import precompiled
from gateway.cli import run as cli_run
from tests.gateway.test_cli import asked, connect, data, running, shown

__all__ = ["connect", "data"]  # fixtures

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

# With the libraries that only compile statements it is 80 and more.
MOST_MEBIBYTES = 70
IN_A_WEEK = datetime.now(UTC).replace(microsecond=0) + timedelta(days=7)
PERSON = {"unique_id": "a@example.org", "display_name": "A", "role": "moderator"}
NODES = "{ id participants(first: 2) { nodes { displayName } } }"
QUERIES = (
    f"{{ appointments(first: 3) {{ totalCount pageInfo {{ endCursor }} nodes {NODES} }} }}",
    f"{{ appointments(last: 3) {{ nodes {NODES} }} }}",
    f"{{ appointments(first: 3, after: %s) {{ nodes {NODES} }} }}",
    f"{{ appointments(first: 3, filter: {{status: [SCHEDULED, ACTIVE]}}) {{ nodes {NODES} }} }}",
    "{ appointments(orderBy: {field: UPDATED_AT}) { totalCount nodes { id } } }",
)


class Client:
    """A client of both faces of a running server."""

    def __init__(self, lines: list[str], token: str) -> None:
        self.rest = shown(lines, "REST").removesuffix("appointments/")
        self.graphql = shown(lines, "GraphQL")
        self.token = token

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """Sends one request to the REST face, or to another absolute path."""
        url = path if path.startswith("http") else self.rest + path
        request = urllib.request.Request(
            url,
            json.dumps(body).encode() if body is not None else None,
            {"Authorization": f"Token {self.token}", "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def query(self, text: str) -> Any:
        """Sends a GraphQL operation that must succeed."""
        answer = self.send("POST", self.graphql, {"query": text})
        assert "errors" not in answer, answer
        return answer["data"]


def resident_mebibytes(process: "subprocess.Popen[str]") -> float:
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


def compiles(process: "subprocess.Popen[str]") -> bool:
    """Whether the process has loaded SQLAlchemy, which compiles statements."""
    return "/sqlalchemy/" in Path(f"/proc/{process.pid}/maps").read_text()


def work_for_a_day(client: Client) -> None:
    booked = {"title": "T", "start_date_time": IN_A_WEEK.isoformat(), "duration_minutes": 30}
    made = client.send("POST", "appointments/", {**booked, "participants": [PERSON]})
    one = f"appointments/{made['id']}/"
    person = f"{one}participants/{made['participants'][0]['id']}/"
    client.send("GET", one)
    client.send("PATCH", one, {"title": "U"})
    client.send("PATCH", one, {"start_date_time": (IN_A_WEEK + timedelta(hours=1)).isoformat()})
    client.send("PATCH", one, {"title": "V", "duration_minutes": 45})
    client.send("PATCH", person, {"display_name": "B"})
    client.send("POST", f"{one}participants/add/", [{**PERSON, "unique_id": "c@example.org"}])
    client.query(f'mutation {{ cancelAppointment(id: "{made["id"]}") {{ __typename }} }}')
    client.send("DELETE", one)
    for wanted in (
        "",
        "?start_date=2030-01-01T00:00:00Z",
        "?participant_unique_id=m.hale@arcadia.example",
    ):
        client.send("GET", f"appointments/{wanted}")


def look_around(client: Client) -> None:
    cursor = client.query(QUERIES[0])["appointments"]["pageInfo"]["endCursor"]
    for query in QUERIES:
        client.query(query.replace("%s", json.dumps(cursor)))


def test_stale_statements_are_logged_and_the_compiler_is_imported_at_startup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = CapturingLogger()
    monkeypatch.setattr(cli_run, "log", log)
    monkeypatch.delitem(sys.modules, "db.compiler", raising=False)
    cli_run.ensure_compiled()
    assert (log.calls, "db.compiler" in sys.modules) == ([], False)

    monkeypatch.setattr(precompiled, "FILE", tmp_path / "missing.json")
    precompiled._kept.cache_clear()
    cli_run.ensure_compiled()
    precompiled._kept.cache_clear()
    assert [call.args for call in log.calls] == [("statements_stale",)]
    assert "db.compiler" in sys.modules


def test_the_server_stays_light_from_its_start_through_everyday_work() -> None:
    with running() as (process, lines):
        token = shown(lines, "Token")
        asked(shown(lines, "REST"), token)
        assert not compiles(process), "the migration should have left nothing behind"

    with running() as (process, lines):
        client = Client(lines, token)
        assert client.send("GET", "appointments/?page_size=1")["count"] == 12
        idle = resident_mebibytes(process)
        work_for_a_day(client)
        look_around(client)
        assert not compiles(process)
        assert idle < MOST_MEBIBYTES
