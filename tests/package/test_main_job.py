"""From the wheel alone, with no Node.js and modules of others in the way: the main job and upkeep."""

import json
import re
from pathlib import Path
from typing import Any

import httpx2
import pytest

from gateway.version import VERSION
from tests.package.installed import ROOT, Installed, Serving
from tests.postgresql import Databases

PERSON = "anna@example.org"
TIMES = {"start_date_time": "2031-03-10T09:00:00Z", "duration_minutes": 30}
LIST = "/api/v1/appointments/"
CREATE = """mutation($input: NewAppointment!) { createAppointment(input: $input) {
    ... on AppointmentCreated { appointment { title participants { nodes { accessLink } } } } } }"""


def client_of(service: Serving) -> httpx2.Client:
    headers = {"Authorization": f"Bearer {service.token}"}
    return httpx2.Client(base_url=service.url, headers=headers, timeout=60)


def book_over_rest(client: httpx2.Client) -> str:
    """Creates an appointment; returns the link of its participant."""
    participants = [{"unique_id": PERSON, "role": "moderator"}]
    body = {"title": "Over REST", "participants": participants, **TIMES}
    created = client.post(LIST, json=body)
    assert created.status_code == 201, created.text
    return str(created.json()["participants"][0]["access_link"])


def book_over_graphql(client: httpx2.Client) -> str:
    """Creates an appointment; returns the link of its participant."""
    wanted: dict[str, Any] = {
        "title": "Over GraphQL",
        "startDateTime": TIMES["start_date_time"],
        "durationMinutes": TIMES["duration_minutes"],
        "participants": [{"uniqueId": PERSON, "role": "MODERATOR"}],
    }
    body = {"query": CREATE, "variables": {"input": wanted}}
    answer = client.post("/graphql", json=body).raise_for_status().json()
    appointment = answer["data"]["createAppointment"]["appointment"]
    return str(appointment["participants"]["nodes"][0]["accessLink"])


def assets(client: httpx2.Client, page: str) -> list[str]:
    """Returns the addresses of what a page loads."""
    html = client.get(page, follow_redirects=True).raise_for_status().text
    return re.findall(r'(?:src|href)="([^"]*/assets/[^"]+)"', html)


def titles(installed: Installed) -> set[str]:
    """The appointments of the database, as a service that is started on it lists them."""
    issued = installed.connect("token", "create", "--organization", "Consulate General of Arcadia")
    assert issued.status == 0, issued.err
    with installed.serving() as service:
        headers = {"Authorization": f"Token {issued.out.strip()}"}
        url = f"{service.url}{LIST}?page_size=100"
        listed = httpx2.get(url, headers=headers, timeout=60).raise_for_status().json()
    return {each["title"] for each in listed["results"]}


@pytest.fixture(scope="module")
def served(installed: Installed) -> Installed:
    """The environment after a first start that did the main job over both faces."""
    with installed.serving() as service, client_of(service) as client:
        for link in (book_over_rest(client), book_over_graphql(client)):
            assert link.startswith(f"{service.url}/join/")
            assert client.get(link, headers={"Accept": "text/html"}).status_code == 200
        for page in ("/explorer/", "/docs"):
            loaded = assets(client, page)
            assert loaded
            assert all(client.get(path).status_code == 200 for path in loaded)
        assert client.get("/healthz").json()["version"] == VERSION
        port = service.url.rpartition(":")[2]
        healthy = installed.connect("healthcheck", CONNECT_PORT=port)
        assert (healthy.status, healthy.err) == (0, "")
    return installed


def test_its_pins_are_what_is_installed(installed: Installed) -> None:
    said = installed.pip("check")
    assert said.status == 0, said.out


def test_its_data_is_the_users(served: Installed) -> None:
    assert {path.name for path in served.data.iterdir()} >= {"connect.db", "secret.key"}
    assert served.data.stat().st_mode & 0o777 == 0o700
    inside = served.packages / "consularia_connect"
    left = {path.suffix for path in inside.rglob("*") if path.is_file()}
    assert not left & {".db", ".key", ".lock"}


def test_a_backup_brings_back_what_was_there(served: Installed) -> None:
    copied = served.connect("backup", "copy.db")
    assert copied.status == 0, copied.err
    erased = served.connect("erase", "--unique-id", PERSON, "--yes")
    assert erased.status == 0, erased.err
    restored = served.connect("restore", "copy.db")
    assert restored.status == 0, restored.err
    assert (served.work / "copy.db").exists()
    assert titles(served) >= {"Over REST", "Over GraphQL"}


def test_a_server_takes_over_what_was_there(served: Installed, postgresql: Databases) -> None:
    with postgresql.one(migrated=False) as server:
        said = served.connect("move", "--to", server.dsn)
        assert said.status == 0, said.err
        key = (served.data / "secret.key").read_text().strip()
        settings = {"CONNECT_DATABASE_URL": server.dsn, "CONNECT_SECRET_KEYS": key}
        listed = served.connect("organization", "list", **settings)
        assert "Consulate General of Arcadia" in listed.out, listed.err


def test_the_doctor_finds_nothing_wrong(served: Installed) -> None:
    said = served.connect("doctor", "--json")
    assert said.status == 0, said.out
    assert "fail" not in json.dumps(json.loads(said.out)).lower()


def test_several_workers_serve_from_it(served: Installed) -> None:
    with served.serving("--workers", "2") as service:
        answer = httpx2.get(f"{service.url}/openapi.json", timeout=60).raise_for_status()
        assert answer.json()["info"]["version"] == f"{VERSION} (v1)"
        service.wait_for('"worker_ready"', 2)


def test_other_commands_work_anywhere(served: Installed) -> None:
    for name in ("schema.graphql", "openapi.json"):
        said = served.connect(name.split(".")[0])
        assert (said.status, said.out) == (0, (ROOT / name).read_text())
    for arguments in (
        ("migrate",),
        ("organization", "list"),
        ("token", "list"),
        ("seed", "--appointments", "5", "--organization", "Seeded"),
        ("settings", "table.md"),
    ):
        said = served.connect(*arguments)
        assert said.status == 0, said.err
    assert (served.work / "table.md").exists()


def test_it_obeys_signals_before_it_imports_anything(installed: Installed) -> None:
    asks = (
        "import consularia_connect.__main__, signal, sys\n"
        "print(signal.getsignal(signal.SIGTERM).__module__, 'argparse' in sys.modules)"
    )
    # Isolated, as the script that pip makes: what lies in the working directory is nobody's business.
    assert installed.run("python", "-I", "-c", asks).out == "gateway.serving.signals False\n"


def test_it_says_its_version(installed: Installed) -> None:
    said = installed.connect("--version")
    assert said.status == 0, said.err
    assert VERSION in said.out.split()


def test_it_runs_as_a_module(installed: Installed) -> None:
    as_module = installed.run("python", "-m", "consularia_connect", "--help")
    assert as_module.status == 0, as_module.err
    assert as_module.out == installed.connect("--help").out
    assert "./connect" not in as_module.out


def test_a_home_that_cannot_be_used_is_told_in_one_line(installed: Installed) -> None:
    said = installed.connect("migrate", HOME="/dev/null")
    assert (said.status, said.out) == (1, "")
    [line] = said.err.splitlines()
    assert line.startswith("connect: /dev/null/.local/share/consularia-connect cannot be used")
    assert "CONNECT_DATA_DIR" in line


def test_relative_paths_begin_where_it_is_called(installed: Installed) -> None:
    said = installed.connect("migrate", CONNECT_DATA_DIR="here")
    assert said.status == 0, said.err
    assert Path(installed.work, "here", "connect.db").exists()
