"""REST, GraphQL and a model of a few lines agree about any sequence of operations."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

import httpx2
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from db import migrate
from gateway.app import create_app
from gateway.settings import Settings
from tests.conftest import InProcess, MovableClock
from tests.faces import Face, GraphQLFace, Refused, RestFace
from tests.people import add_tenant

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
hours = st.integers(0, 23).map(lambda hour: f"2026-03-10T{hour:02}:00:00Z")
durations = st.integers(15, 720)
configs = st.none() | st.dictionaries(
    st.sampled_from(["chat_enabled", "whiteboard_enabled"]), st.booleans()
)


class Agreement(RuleBasedStateMachine):
    """Writes through one face at random, then compares what both show with the model."""

    appointments = Bundle("appointments")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp())
        self.model: dict[str, dict[str, Any]] = {}
        self.loop.run_until_complete(self.open())

    async def open(self) -> None:
        migrate.upgrade(self.folder / "connect.db")
        given = Settings(
            data_dir=self.folder, given_public_url="http://testserver", secret_keys=("k" * 40,)
        )
        self.app = create_app(given, MovableClock())
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
        shutil.rmtree(self.folder)

    def through(self, name: str, work: Any) -> Any:
        """Runs `work` through the face; None when the state forbids it."""
        try:
            return self.loop.run_until_complete(work(self.faces[name]))
        except Refused as refused:
            assert refused.code in ("not_allowed_in_status", "not_found"), refused
            return None

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
        return str(row["id"])

    @rule(face=face, id=appointments, title=titles, minutes=durations)
    def update(self, face: str, id: str, title: str, minutes: int) -> None:
        changes = {"title": title, "duration_minutes": minutes}
        done = self.through(face, lambda face: face.update(id, **changes))
        expected = id in self.model and self.model[id]["status"] == "scheduled"
        assert (done is not None) == expected
        if expected:
            self.model[id] |= changes | {"title": title.strip()}

    @rule(face=face, id=appointments, people=people)
    def add(self, face: str, id: str, people: Any) -> None:
        done = self.through(face, lambda face: face.add(id, people))
        row = self.model.get(id)
        expected = row is not None and row["status"] in ("scheduled", "active")
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
        expected = row is not None and row["status"] in ("scheduled", "active")
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
        assert (done is not None) == expected
        if row and expected:
            row["status"] = target

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


TestAgreement = Agreement.TestCase
TestAgreement.settings = settings(
    max_examples=12,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
