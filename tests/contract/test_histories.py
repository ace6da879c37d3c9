"""Whatever happens and in whatever order: an active appointment's links lead in, and it ends."""

import asyncio
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from strawberry import ID, Some

from db.engine import Tenancy
from db.models import AppointmentRow, AppointmentStatus, EventSource, ParticipantRole
from db.queries import appointments
from gateway.services import open_services
from gateway.settings import Settings
from schema.domain.admission import AdmissionCode
from schema.domain.errors import NotAllowedInStatus, OutsideJoinWindow
from schema.inputs import AppointmentChanges, NewAppointment, NewParticipant
from schema.operation.call import Call, Caller
from schema.resolvers import joining
from schema.resolvers.appointments import create_appointment, get_appointment, update_appointment
from schema.resolvers.clockwork import advance
from schema.resolvers.lifecycle import cancel_appointment, complete_appointment, start_appointment
from tests.conftest import MovableClock
from tests.people import add_tenant
from tests.postgresql.places import Places

GRACE = timedelta(minutes=30)
SHUT = {AdmissionCode.TOO_EARLY, AdmissionCode.ENDED}
STEPS = (start_appointment, start_appointment, complete_appointment, cancel_appointment)
# Minutes from now to a start: around the window, and far from it on both sides.
offsets = st.sampled_from([-700, -60, -20, -5, 0, 5, 10, 20, 700])
durations = st.sampled_from([15, 30, 60])


class Histories(RuleBasedStateMachine):
    """One appointment through the operations that both faces share, the links and the clock."""

    def __init__(self, places: Places) -> None:
        super().__init__()
        self.places = places
        self.loop = asyncio.new_event_loop()
        self.location = places.new()
        self.clock = MovableClock()
        self.opened = AsyncExitStack()
        self.id = ID("")
        self.run(self.open())

    async def open(self) -> None:
        given = Settings(
            given_database=self.location, secret_keys=("Kq3vZ8d0Yt5LwXr2Bn7PcF4hJs9Ua6Ge",)
        )
        self.services = await self.opened.enter_async_context(open_services(given, self.clock))
        tenant = await add_tenant(self.services, "A")
        caller = Caller(tenant.id, "A", "token", "token", ("write",))
        self.call = Call(caller, self.services, EventSource.REST, "request")

    def teardown(self) -> None:
        self.run(self.opened.aclose())
        self.loop.close()
        self.places.remove(self.location)

    def run(self, work: Awaitable[Any]) -> Any:
        """Runs `work`; None when a rule forbids it."""
        try:
            return self.loop.run_until_complete(work)
        except (NotAllowedInStatus, OutsideJoinWindow):
            return None

    @initialize(offset=offsets, minutes=durations)
    def book(self, offset: int, minutes: int) -> None:
        people = [
            NewParticipant(unique_id=role.value, role=role, display_name=None)
            for role in ParticipantRole
        ]
        start = self.clock.now() + timedelta(minutes=offset)
        wanted = NewAppointment(
            title="T", start_date_time=start, duration_minutes=minutes, participants=people
        )
        self.id = ID(self.run(create_appointment(self.call, input=wanted)).id)

    @rule(offset=offsets)
    def move(self, offset: int) -> None:
        start = self.clock.now() + timedelta(minutes=offset)
        changes = AppointmentChanges(start_date_time=Some(start))
        self.run(update_appointment(self.call, id=self.id, changes=changes))

    @rule(step=st.sampled_from(STEPS))
    def go_on(self, step: Any) -> None:
        self.run(step(self.call, id=self.id))

    @rule(place=st.integers(0, 1))
    def join(self, place: int) -> None:
        self.run(joining.join(self.services, self.tokens()[place], "request"))

    @rule(minutes=st.sampled_from([1, 15, 45, 200]), works=st.sampled_from([True, False, False]))
    def pass_time(self, minutes: int, works: bool) -> None:
        self.clock.move(minutes=minutes)
        if works:
            self.run(advance(self.services, GRACE))

    def tokens(self) -> list[str]:
        row = self.run(get_appointment(self.call, id=self.id, with_participants=True))
        links = self.services.links
        urls = [links.url(person.id, person.link_version) for person in row.participants]
        return [url.rpartition("/")[2] for url in urls]

    async def row(self) -> AppointmentRow:
        async with self.services.database.read() as transaction:
            tx = Tenancy(transaction, self.call.caller.organization_id)
            row = await appointments.get(tx, str(self.id))
        assert row is not None
        return row

    @invariant()
    def an_active_one_lets_in_and_is_watched(self) -> None:
        row = self.run(self.row())
        if row.status is not AppointmentStatus.ACTIVE:
            return
        assert row.clock_end_at == row.end_date_time
        visits = [self.run(joining.look(self.services, token)) for token in self.tokens()]
        assert not SHUT & {visit.admission.code for visit in visits}

    @invariant()
    def it_was_started_within_its_window(self) -> None:
        row = self.run(self.row())
        if row.status is AppointmentStatus.ACTIVE:
            opened = row.start_date_time - self.services.window.moderators_open_before
            assert opened <= row.started_at <= row.end_date_time + GRACE


def test_whatever_happens_and_in_whatever_order(places: Places, dialect: str) -> None:
    run_state_machine_as_test(
        lambda: Histories(places),
        settings=settings(
            max_examples=60 if dialect == "sqlite" else 15,  # A database takes longer to make.
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
