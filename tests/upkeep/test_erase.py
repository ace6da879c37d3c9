"""`./connect erase`: one person is forgotten, everywhere, to the last byte; what happened is kept."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest

from db.upkeep.examination import examine
from tests.postgresql import Databases
from tests.postgresql.databases import run as asked
from tests.service import EmbeddedService, Service
from tests.upkeep.shell import LIST, Shell, book, client_of, writing

PERSON, NAME = "anna.karenina@example.org", "Anna Arkadyevna Karenina"
OTHER = "bert@example.org"


def invited(unique_id: str = PERSON, name: str = NAME) -> dict[str, str]:
    return {"unique_id": unique_id, "display_name": name, "role": "participant"}


def booked(client: httpx2.Client, *people: dict[str, str], **headers: str) -> dict[str, Any]:
    body = {"title": "Passport", "start_date_time": "2030-01-01T10:00:00Z", "duration_minutes": 30}
    answer = client.post(LIST, json=body | {"participants": people}, headers=headers)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def shown(client: httpx2.Client, id: str) -> dict[str, Any]:
    return dict(client.get(f"{LIST}{id}/").raise_for_status().json())


def traces(data: Path) -> list[str]:
    """The files that hold the person's name or identifier, as bytes."""
    words = [PERSON.encode(), NAME.encode()]
    return sorted(
        each.name
        for each in data.rglob("*")
        if each.is_file() and any(word in each.read_bytes() for word in words)
    )


@pytest.fixture
def history(connect: Shell, service: EmbeddedService) -> list[dict[str, Any]]:
    """Appointments of the person and of somebody else; one renamed, one removed, one cancelled."""
    with client_of(service) as client:
        both = booked(client, invited(), invited(OTHER, "Bert"), **{"Idempotency-Key": "k1"})
        alone = booked(client, invited(name="Anna K."), **{"Idempotency-Key": "k2"})
        removed = booked(client, invited())
        path = f"{LIST}{alone['id']}/participants/{alone['participants'][0]['id']}/"
        assert client.patch(path, json={"display_name": NAME}).status_code == 200
        path = f"{LIST}{removed['id']}/participants/{removed['participants'][0]['id']}/"
        assert client.delete(path).status_code in (200, 204)
        cancelled = booked(client, invited())
        assert client.post(f"{LIST}{cancelled['id']}/cancel/").status_code == 200
    return [both, alone, removed, cancelled]


def test_nothing_of_a_person_is_left_in_the_files(
    connect: Shell, service: EmbeddedService, history: list[dict[str, Any]]
):
    assert traces(connect.data) != []

    said = connect("erase", "--unique-id", PERSON, "--yes")

    assert said.status == 0, said.err
    assert "erased from 3 appointments and 2 kept answers; links revoked" in said.out
    assert "not searched: titles" in said.err
    assert "backups still hold the person" in said.err
    assert traces(connect.data) == []
    service.stop()
    assert traces(connect.data) == []
    assert examine(connect.database).problems == []


def test_what_happened_stays_counted_and_the_links_are_dead(
    connect: Shell, service: EmbeddedService, history: list[dict[str, Any]]
):
    both = history[0]
    person = next(each for each in both["participants"] if each["unique_id"] == PERSON)
    with client_of(service) as client:
        before = shown(client, both["id"])
        token = person["access_link"].rpartition("/")[2]
        assert client.get(f"/join/{token}").status_code == 200
        said = connect("erase", "--unique-id", PERSON, "--yes")
        assert said.status == 0, said.err
        after = shown(client, both["id"])
        names = {each["unique_id"]: each["display_name"] for each in after["participants"]}
        assert names == {f"erased-{person['id']}": None, OTHER: "Bert"}
        assert len(after["participants"]) == len(before["participants"])
        links = {each["id"]: each["access_link"] for each in after["participants"]}
        assert links[person["id"]] != person["access_link"]
        assert client.get(f"/join/{token}").status_code == 410
        listed = client.get(f"{LIST}?participant_unique_id={PERSON}").json()
        assert listed["count"] == 0
        found = client.get("/api/v1/events/?limit=100&after=").json()["results"]
        erased = [each for each in found if each["type"] == "participant.erased"]
        assert {each["appointment_id"] for each in erased} == {history[i]["id"] for i in (0, 1, 3)}
        assert {each["source"] for each in erased} == {"cli"}
        assert erased[0]["changed_fields"] == ["access_link", "display_name", "unique_id"]


def test_a_write_that_is_sent_again_answers_without_the_person(
    connect: Shell, service: EmbeddedService, history: list[dict[str, Any]]
):
    connect("erase", "--unique-id", PERSON, "--yes")
    with client_of(service) as client:
        count = client.get(LIST).json()["count"]
        again = booked(client, invited(), invited(OTHER, "Bert"), **{"Idempotency-Key": "k1"})
        assert again["id"] == history[0]["id"]
        assert {each["unique_id"] for each in again["participants"]} == {
            f"erased-{history[0]['participants'][0]['id']}", OTHER,
        }  # fmt: skip
        assert client.get(LIST).json()["count"] == count


def test_others_write_meanwhile_and_nothing_of_theirs_is_lost(
    connect: Shell, service: EmbeddedService, history: list[dict[str, Any]]
):
    with writing(service) as load:
        while len(load.acknowledged) < 30:
            time.sleep(0.01)
        said = connect("erase", "--unique-id", PERSON, "--yes")
        assert said.status == 0, said.err
        assert traces(connect.data) == []
    assert load.failures == []
    service.stop()
    with closing(sqlite3.connect(connect.database)) as connection:
        kept = {id for (id,) in connection.execute("SELECT id FROM appointment")}
    assert set(load.acknowledged) <= kept
    assert examine(connect.database).problems == []


def test_it_is_asked_for_before_anything_is_erased(
    connect: Shell, service: EmbeddedService, history: list[dict[str, Any]]
):
    said = connect("erase", "--unique-id", PERSON)
    assert (said.status, said.out) == (1, "")
    assert "invited to 3 appointments" in said.err
    assert "say --yes" in said.err
    with client_of(service) as client:
        assert PERSON in str(shown(client, history[0]["id"]))


def test_only_the_organization_that_is_named_forgets(
    connect: Shell, service: EmbeddedService, history: list[dict[str, Any]]
):
    token = connect("token", "create", "--organization", "Elsewhere").out.strip()
    theirs = {"Authorization": f"Bearer {token}"}
    with httpx2.Client(base_url=service.url, headers=theirs, trust_env=False) as client:
        there = booked(client, invited())
        said = connect(
            "erase",
            "--unique-id",
            PERSON,
            "--organization",
            "Consulate General of Arcadia",
            "--yes",
        )
        assert said.status == 0, said.err
        assert PERSON in str(shown(client, there["id"]))
    with client_of(service) as client:
        assert PERSON not in str(shown(client, history[0]["id"]))


def test_an_unknown_organization_or_person_is_told(connect: Shell, service: EmbeddedService):
    said = connect("erase", "--unique-id", PERSON, "--organization", "Nowhere", "--yes")
    assert said.status == 1
    assert "There is no organization “Nowhere”; there is “Consulate General" in said.err
    said = connect("erase", "--unique-id", PERSON)
    assert said.status == 0
    assert "nobody of this identifier" in said.out
    assert "backups" not in said.err


def test_it_goes_on_where_it_was_killed(connect: Shell, service: EmbeddedService):
    with client_of(service) as client:
        for _ in range(120):
            book(client, PERSON, OTHER)
    process = connect.begin("erase", "--unique-id", PERSON, "--yes")
    deadline = time.monotonic() + 30
    while left(connect) == 120 and time.monotonic() < deadline:
        time.sleep(0.001)
    process.kill()
    process.communicate()
    remaining = left(connect)
    assert remaining in {0, 20, 70}  # whole transactions

    said = connect("erase", "--unique-id", PERSON, "--yes")

    assert said.status == 0, said.err
    assert left(connect) == 0
    assert traces(connect.data) == []
    with closing(sqlite3.connect(connect.database)) as connection:
        ask = "SELECT count(*), count(DISTINCT participant_id) FROM event WHERE type = ?"
        assert connection.execute(ask, ["participant.erased"]).fetchone() == (120, 120)
    assert examine(connect.database).problems == []


def left(connect: Shell) -> int:
    with closing(sqlite3.connect(connect.database, timeout=10)) as connection:
        ask = "SELECT count(*) FROM participant WHERE unique_id = ?"
        return int(connection.execute(ask, [PERSON]).fetchone()[0])


def test_an_identifier_that_looks_erased_is_in_nobodys_way(
    connect: Shell, service: EmbeddedService
):
    with client_of(service) as client:
        made = booked(client, invited())
        (person,) = made["participants"]
        path = f"{LIST}{made['id']}/participants/add/"
        trap = [invited(f"erased-{person['id']}", "Trap")]
        assert client.post(path, json=trap).status_code in (200, 201)
        said = connect("erase", "--unique-id", PERSON, "--yes")
        assert said.status == 0, said.err
        assert PERSON not in str(shown(client, made["id"]))


def test_traces_can_be_left_for_a_quiet_hour(
    connect: Shell, service: EmbeddedService, history: list[dict[str, Any]]
):
    said = connect("erase", "--unique-id", PERSON, "--yes", "--later")
    assert said.status == 0, said.err
    assert "the file still holds traces" in said.err
    assert left(connect) == 0
    assert traces(connect.data) != []

    assert connect("erase", "--unique-id", PERSON).status == 0

    assert traces(connect.data) == []


def test_on_a_server_a_person_is_forgotten_too(connect: Shell, postgresql: Databases):
    with postgresql.one() as place:
        own = {
            "CONNECT_DATABASE_URL": place.dsn,
            "CONNECT_SECRET_KEYS": "Kq3vZ8d0Yt5LwXr2Bn7PcF4hJs9Ua6Ge",
        }
        token = connect("token", "create", "--organization", "Acme", **own).out.strip()
        connect.data.mkdir(mode=0o700, exist_ok=True)
        running = Service(connect.data, own)
        try:
            running.wait()
            headers = {"Authorization": f"Bearer {token}"}
            with httpx2.Client(base_url=running.url, headers=headers, trust_env=False) as client:
                made = booked(client, invited(), invited(OTHER), **{"Idempotency-Key": "k1"})
                said = connect("erase", "--unique-id", PERSON, "--yes", **own)
                assert said.status == 0, said.err
                assert "erased from 1 appointments and 1 kept answers" in said.out
                assert "VACUUM FULL participant, idempotency, room_message" in said.err
                assert PERSON not in str(shown(client, made["id"]))
                again = booked(client, invited(), invited(OTHER), **{"Idempotency-Key": "k1"})
                assert (again["id"], PERSON in str(again)) == (made["id"], False)
        finally:
            running.stop()
        rows = asked(place.dsn, "SELECT unique_id FROM participant ORDER BY unique_id")
        assert [row["unique_id"].partition("-")[0] for row in rows] == [OTHER, "erased"]
        told = asked(place.dsn, "SELECT count(*) AS n FROM event WHERE type = 'participant.erased'")
        assert told[0]["n"] == 1
