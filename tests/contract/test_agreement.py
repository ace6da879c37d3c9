"""REST, GraphQL, the links and a model of a few lines agree about any history."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import httpx2
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from gateway.app import create_app
from gateway.settings import Settings
from schema.domain.admission import AdmissionCode
from schema.resolvers import joining
from schema.resolvers.clockwork import advance
from tests.conftest import InProcess, MovableClock
from tests.faces import Face, GraphQLFace, Refused, RestFace
from tests.people import add_tenant
from tests.postgresql.places import Places, rows

titles = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=30
).filter(str.strip)
unique_ids = st.sampled_from(["anna", "ben", "cleo", "dora"])
roles = st.sampled_from(["moderator", "participant"])
people = st.lists(
    st.fixed_dictionaries({"unique_id": unique_ids, "display_name": titles, "role": roles}),
    max_size=3,
    unique_by=lambda person: person["unique_id"],
)
hours = st.integers(6, 12).map(lambda hour: f"2026-03-10T{hour:02}:00:00Z")
durations = st.integers(15, 720)
configs = st.none() | st.dictionaries(
    st.sampled_from(["chat_enabled", "whiteboard_enabled"]), st.booleans()
)
LEAD, GRACE = timedelta(minutes=15), timedelta(minutes=30)
MORNING = datetime(2026, 3, 10, 8, tzinfo=UTC)
REFUSED = ("not_allowed_in_status", "outside_join_window", "not_found")


class Agreement(RuleBasedStateMachine):
    """Writes through one face at random, then compares what both show with the model."""

    appointments = Bundle("appointments")

    def __init__(self, places: Places) -> None:
        super().__init__()
        self.places = places
        self.loop = asyncio.new_event_loop()
        self.location = places.new()
        self.model: dict[str, dict[str, Any]] = {}
        self.clock = MovableClock(MORNING)
        # Only the rule of this machine lets the clock work: otherwise it would surprise the model.
        self.patience = mock.patch("gateway.services.CLOCK_SECONDS", 3600)
        self.patience.start()
        self.loop.run_until_complete(self.open())

    async def open(self) -> None:
        given = Settings(
            given_database=self.location,
            given_public_url="http://testserver",
            secret_keys=("Kq3vZ8d0Yt5LwXr2Bn7PcF4hJs9Ua6Ge",),
        )
        self.app = create_app(given, self.clock)
        self.lifespan = self.app.router.lifespan_context(self.app)
        self.app.state.lifespan = await self.lifespan.__aenter__()
        tenant = await add_tenant(self.app.state.lifespan["services"], "A")
        transport = httpx2.ASGITransport(app=InProcess(self.app))
        self.client = httpx2.AsyncClient(transport=transport, base_url="http://testserver")
        self.faces: dict[str, Face] = {
            "rest": RestFace(self.client, tenant.write),
            "graphql": GraphQLFace(self.client, tenant.write),
        }

    def teardown(self) -> None:
        async def close() -> None:
            await self.client.aclose()
            await self.lifespan.__aexit__(None, None, None)

        self.loop.run_until_complete(close())
        self.loop.close()
        self.patience.stop()
        self.places.remove(self.location)

    def through(self, name: str, work: Any) -> Any:
        """Runs `work` through the face; None when the state forbids it."""
        try:
            return self.loop.run_until_complete(work(self.faces[name]))
        except Refused as refused:
            assert refused.code in REFUSED, refused
            return None

    def retime(self, row: dict[str, Any]) -> None:
        """What a new time means to the model."""
        start = datetime.fromisoformat(row["start_date_time"])
        row["opens"], end = start - LEAD, start + timedelta(minutes=row["duration_minutes"])
        row["closes"], ahead = end + GRACE, end > self.clock.now()
        if row["status"] == "no_show" and ahead:
            row["status"] = "scheduled"
        row["watched"] = ahead and row["status"] == "scheduled"

    def is_open(self, row: dict[str, Any]) -> bool:
        return bool(row["opens"] <= self.clock.now() <= row["closes"])

    face = st.sampled_from(["rest", "graphql"])

    @initialize()
    def begin(self) -> None:
        """Starts from an empty organization."""

    @rule(target=appointments, face=face, title=titles, start=hours, minutes=durations,
          people=people, config=configs)  # fmt: skip
    def create(
        self, face: str, title: str, start: str, minutes: int, people: Any, config: Any
    ) -> str:
        values = {
            "title": title, "start_date_time": start, "duration_minutes": minutes,
            "participants": people, "config": config,
        }  # fmt: skip
        row = self.through(face, lambda face: face.create(**values))
        self.model[row["id"]] = values | {
            "title": title.strip(),
            "status": "scheduled",
            "participants": [
                person | {"display_name": person["display_name"].strip()} for person in people
            ],
        }
        self.retime(self.model[row["id"]])
        return str(row["id"])

    @rule(face=face, id=appointments, title=titles, minutes=durations)
    def update(self, face: str, id: str, title: str, minutes: int) -> None:
        changes = {"title": title, "duration_minutes": minutes}
        done = self.through(face, lambda face: face.update(id, **changes))
        row = self.model.get(id)
        expected = row is not None and row["status"] in ("scheduled", "no_show")
        assert (done is not None) == expected
        if row and expected:
            moved = row["duration_minutes"] != minutes
            row |= changes | {"title": title.strip()}
            if moved:
                self.retime(row)

    @rule(minutes=st.integers(1, 400), works=st.booleans())
    def pass_time(self, minutes: int, works: bool) -> None:
        """Time goes by, and sometimes the clock gets round to what is due."""
        self.clock.move(minutes=minutes)
        if not works:
            return
        services = self.app.state.lifespan["services"]
        due = [
            row
            for row in self.model.values()
            if row["watched"] and row["closes"] <= self.clock.now()
        ]
        assert self.loop.run_until_complete(advance(services, GRACE)) == len(due)
        for row in due:
            row["status"] = {"scheduled": "no_show", "active": "completed"}[row["status"]]
            row["watched"] = False

    def code_of(self, row: dict[str, Any], role: str) -> AdmissionCode:
        """What a link answers by the model."""
        status, now = row["status"], self.clock.now()
        if status == "cancelled":
            return AdmissionCode.CANCELLED
        if status == "active":
            return AdmissionCode.OPEN
        if status in ("completed", "no_show") or now > row["closes"]:
            return AdmissionCode.ENDED
        if now < row["opens"]:
            return AdmissionCode.TOO_EARLY
        moderates = role == "moderator"
        return AdmissionCode.OPEN if moderates else AdmissionCode.WAITING_FOR_MODERATOR

    @rule(id=appointments, place=st.integers(0, 2))
    def join(self, id: str, place: int) -> None:
        found = self.through("rest", lambda face: face.get(id))
        if found is None or place >= len(found["participants"]):
            return
        row, person = self.model[id], found["participants"][place]
        token = person["access_link"].rpartition("/")[2]
        services = self.app.state.lifespan["services"]
        joined = self.loop.run_until_complete(joining.join(services, token, "r"))
        assert joined.visit.admission.code is self.code_of(row, person["role"])
        if joined.visit.admission.code is AdmissionCode.OPEN:
            row |= {"status": "active", "watched": True}

    @rule(face=face, id=appointments, people=people)
    def add(self, face: str, id: str, people: Any) -> None:
        done = self.through(face, lambda face: face.add(id, people))
        row = self.model.get(id)
        expected = row is not None and row["status"] not in ("completed", "cancelled")
        assert (done is not None) == expected
        if row and expected:
            known = {person["unique_id"] for person in row["participants"]}
            row["participants"] = row["participants"] + [
                person | {"display_name": person["display_name"].strip()}
                for person in people
                if person["unique_id"] not in known
            ]

    @rule(face=face, id=appointments, unique_id=unique_ids)
    def remove(self, face: str, id: str, unique_id: str) -> None:
        async def work(face: Face) -> Any:
            row = await face.get(id)
            people = row["participants"] if row else []
            ids = [each["id"] for each in people if each["unique_id"] == unique_id]
            return await face.remove(id, ids)

        done = self.through(face, work)
        row = self.model.get(id)
        expected = row is not None and row["status"] not in ("completed", "cancelled")
        assert (done is not None) == expected
        if row and expected:
            row["participants"] = [p for p in row["participants"] if p["unique_id"] != unique_id]

    @rule(face=face, id=appointments, step=st.sampled_from(["start", "complete", "cancel"]))
    def move(self, face: str, id: str, step: str) -> None:
        source, target = {
            "start": ("scheduled", "active"),
            "complete": ("active", "completed"),
            "cancel": ("scheduled", "cancelled"),
        }[step]
        done = self.through(face, lambda face: getattr(face, step)(id))
        row = self.model.get(id)
        expected = row is not None and row["status"] in (source, target)
        if row and expected and step == "start" and row["status"] == source:
            expected = self.is_open(row)
        assert (done is not None) == expected
        if row and expected and row["status"] != target:
            row |= {"status": target, "watched": step == "start"}

    @rule(face=face, id=appointments)
    def delete(self, face: str, id: str) -> None:
        self.through(face, lambda face: face.delete(id))
        self.model.pop(id, None)

    @invariant()
    def both_faces_show_the_model(self) -> None:
        shown = {}
        for name in self.faces:
            rows = self.through(name, lambda face: face.find())
            assert {row["id"] for row in rows} == self.model.keys()
            shown[name] = {
                id: self.through(name, lambda face, row_id=id: face.get(row_id))
                for id in self.model
            }
        for id, expected in self.model.items():
            rest, graphql = shown["rest"][id], shown["graphql"][id]
            assert rest["participants"] == graphql["participants"]
            for name in ("title", "start_date_time", "duration_minutes", "status"):
                assert rest[name] == graphql[name] == expected[name]
            assert rest["config"] == graphql["config"] == expected["config"]
            found = [
                {name: person[name] for name in ("unique_id", "display_name", "role")}
                for person in rest["participants"]
            ]
            assert found == expected["participants"]

    @invariant()
    def links_of_active_ones_lead_in_and_the_clock_watches_them(self) -> None:
        services = self.app.state.lifespan["services"]
        for id in [id for id, row in self.model.items() if row["status"] == "active"]:
            row = self.through("rest", lambda face, row_id=id: face.get(row_id))
            for person in row["participants"]:
                token = person["access_link"].rpartition("/")[2]
                visit = self.loop.run_until_complete(joining.look(services, token))
                assert visit.admission.code is AdmissionCode.OPEN
        unwatched = "SELECT id FROM appointment WHERE status = 'active' AND clock_end_at IS NULL"
        assert rows(self.location, unwatched) == []


def test_both_faces_agree_with_the_model(places: Places, dialect: str) -> None:
    run_state_machine_as_test(
        lambda: Agreement(places),
        settings=settings(
            max_examples=12 if dialect == "sqlite" else 6,  # A database takes longer to make.
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
