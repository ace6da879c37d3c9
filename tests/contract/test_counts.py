"""The counts that are kept equal what there is to count, whatever was written and taken back."""

import asyncio
from contextlib import AsyncExitStack
from contextvars import ContextVar
from typing import Any, NamedTuple
from unittest import mock

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from strawberry import ID, Some

from db.engine import StatementFailed
from db.models import EventSource, ParticipantRole
from db.queries import events
from gateway.services import open_services
from gateway.settings import Settings
from schema.domain.errors import Problem
from schema.inputs import NewAppointment, NewParticipant, ParticipantChanges
from schema.operation.call import Call, Caller
from schema.resolvers import appointments, participants
from schema.resolvers.pages import PageNumber
from tests.conftest import NOON, MovableClock
from tests.people import add_tenant
from tests.postgresql.places import Places, rows

TENANTS = 2
KEPT_AND_COUNTED = """
SELECT id, participant_count, (SELECT count(*) FROM participant WHERE appointment_id = a.id)
FROM appointment a
UNION ALL
SELECT id, appointment_count, (SELECT count(*) FROM appointment WHERE organization_id = o.id)
FROM organization o
"""
BEFORE, AFTER = "before its events", "after its events"
# When the write that runs fails: its rows are written by then, and are taken back.
failing: ContextVar[str] = ContextVar("failing", default="")


class Step(NamedTuple):
    """One write: of what kind, to the appointment at which place, of whom, and when it fails."""

    kind: str
    place: int
    people: list[str]
    fails: str


steps = st.builds(
    Step,
    st.sampled_from(["book", "book", "add", "add", "remove", "remove one", "rename", "delete"]),
    st.integers(0, 5),
    # Two of the same are refused.
    st.lists(st.sampled_from("abcdef"), max_size=4),
    st.sampled_from(["", "", "", "", BEFORE, AFTER]),
)


async def append(tx: Any, told: Any) -> int:
    """Writes the events; what is to fail fails before or after."""
    if failing.get() == BEFORE:
        raise StatementFailed(BEFORE)
    last = await events.append(tx, told)
    if failing.get() == AFTER:
        raise StatementFailed(AFTER)
    return last


class Counts(RuleBasedStateMachine):
    """Two organizations whose writes come one by one and together, and partly fail."""

    def __init__(self, places: Places) -> None:
        super().__init__()
        self.places = places
        self.loop = asyncio.new_event_loop()
        self.location = places.new()
        self.opened = AsyncExitStack()
        # The gate's own name of the module: what it finds there is all that a write needs.
        self.opened.enter_context(
            mock.patch("schema.operation.work.events", mock.Mock(append=append))
        )
        # Deleted ones stay in the list: they are asked for again.
        self.booked: list[list[str]] = [[] for _ in range(TENANTS)]
        self.loop.run_until_complete(self.open())

    async def open(self) -> None:
        given = Settings(
            given_database=self.location, secret_keys=("Kq3vZ8d0Yt5LwXr2Bn7PcF4hJs9Ua6Ge",)
        )
        opening = open_services(given, MovableClock())
        self.services = await self.opened.enter_async_context(opening)
        self.tenants = [await add_tenant(self.services, f"{n}") for n in range(TENANTS)]

    def teardown(self) -> None:
        self.loop.run_until_complete(self.opened.aclose())
        self.loop.close()
        self.places.remove(self.location)

    def call(self, tenant: int) -> Call:
        own = self.tenants[tenant]
        caller = Caller(own.id, own.name, "token", "token", ("write",))
        return Call(caller, self.services, EventSource.REST, "request")

    @rule(tenant=st.integers(0, TENANTS - 1), step=steps)
    def alone(self, tenant: int, step: Step) -> None:
        self.loop.run_until_complete(self.attempt(tenant, step))

    @rule(wanted=st.lists(st.tuples(st.integers(0, TENANTS - 1), steps), min_size=2, max_size=8))
    def together(self, wanted: list[tuple[int, Step]]) -> None:
        async def all_of_them() -> None:
            await asyncio.gather(*(self.attempt(tenant, step) for tenant, step in wanted))

        self.loop.run_until_complete(all_of_them())

    async def attempt(self, tenant: int, step: Step) -> None:
        failing.set(step.fails)
        try:
            await self.write(tenant, step)
        except Problem:
            return
        except StatementFailed:
            assert step.fails

    async def write(self, tenant: int, step: Step) -> None:
        call, booked = self.call(tenant), self.booked[tenant]
        people = [
            NewParticipant(unique_id=each, role=ParticipantRole.PARTICIPANT, display_name=None)
            for each in step.people
        ]
        if step.kind == "book":
            wanted = NewAppointment(
                title="T", start_date_time=NOON, duration_minutes=30, participants=people
            )
            booked.append((await appointments.create_appointment(call, input=wanted)).id)
            return
        if not booked:
            return
        id = ID(booked[step.place % len(booked)])
        present = self.present(id, step.people)
        if step.kind == "add":
            await participants.add_participants(call, appointment_id=id, participants=people)
        elif step.kind == "remove":
            ids = [*present, *present[:1], ID("unknown")]
            await participants.remove_participants(call, appointment_id=id, participant_ids=ids)
        elif step.kind == "delete":
            await appointments.delete_appointment(call, id=id)
        elif present and step.kind == "remove one":
            await participants.remove_participant(call, id=present[0])
        elif present:
            changes = ParticipantChanges(display_name=Some(f"{step.place}"))
            await participants.update_participant(call, id=present[0], changes=changes)

    def present(self, id: str, people: list[str]) -> list[ID]:
        found = self.rows("SELECT id, unique_id FROM participant WHERE appointment_id = ?", id)
        return [ID(row[0]) for row in found if row[1] in people]

    def rows(self, text: str, *values: str) -> list[Any]:
        return rows(self.location, text, *values)

    @invariant()
    def what_is_kept_is_what_is_counted(self) -> None:
        for id, kept, counted in self.rows(KEPT_AND_COUNTED):
            assert kept == counted, id

    @invariant()
    def both_are_shown(self) -> None:
        totals = dict(self.rows("SELECT organization_id, count(*) FROM appointment GROUP BY 1"))
        people = dict(self.rows("SELECT appointment_id, count(*) FROM participant GROUP BY 1"))
        for place, tenant in enumerate(self.tenants):
            shown = appointments.list_appointments(self.call(place), page=PageNumber(1, 1))
            page = self.loop.run_until_complete(shown)
            assert page.total == totals.get(tenant.id, 0)
            for row in page.rows:
                assert row.participant_count == people.get(row.id, 0)


def test_counts_are_what_there_is_to_count(places: Places, dialect: str) -> None:
    run_state_machine_as_test(
        lambda: Counts(places),
        settings=settings(
            max_examples=40 if dialect == "sqlite" else 10,  # A database takes longer to make.
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
