"""The gate checks every argument, and every write of an organization is one unit of work."""

from pathlib import Path

import pytest

from db.engine import Conflict, Tenancy
from db.ids import new_id
from db.models import EventSource, EventType
from db.queries import events
from gateway.services import open_services
from gateway.settings import Settings
from schema.domain.errors import ValidationFailed
from schema.operation.call import Call, Caller, Services
from schema.operation.gate import writes
from schema.operation.work import unit_of_work
from schema.resolvers.lifecycle import cancel_appointment
from schema.resolvers.participants import add_participants, remove_participants
from tests.conftest import MovableClock
from tests.people import add_tenant

ROOT = Path(__file__).parents[2]


async def caller_of(services: Services) -> Call:
    tenant = await add_tenant(services, "A")
    caller = Caller(tenant.id, "A", "token", "token", ("write",))
    return Call(caller, services, EventSource.REST, "request")


@pytest.mark.parametrize("named", [False, True])
async def test_an_argument_is_checked_however_it_is_passed(
    settings: Settings, clock: MovableClock, named: bool
) -> None:
    async with open_services(settings, clock) as services:
        call = await caller_of(services)
        with pytest.raises(ValidationFailed) as raised:
            if named:
                await cancel_appointment(call, id="x", reason="r" * 1001)
            else:
                await cancel_appointment(call, "x", "r" * 1001)  # type: ignore[arg-type]
        assert [each.code for each in raised.value.fields] == ["too_long"]
        with pytest.raises(ValidationFailed):
            await remove_participants(call, "x", ["\x00"])  # type: ignore[arg-type,list-item]


async def test_wrong_arguments_are_refused_as_a_call_refuses_them(
    settings: Settings, clock: MovableClock
) -> None:
    async with open_services(settings, clock) as services:
        call = await caller_of(services)
        with pytest.raises(TypeError, match="too many"):
            await add_participants(call, "x", [], "more")  # type: ignore[call-arg,arg-type]
        with pytest.raises(TypeError, match="multiple values"):
            await add_participants(call, "x", [], participants=[])  # type: ignore[misc,arg-type]


async def test_what_was_to_follow_a_unit_of_work_is_dropped_when_it_fails(
    settings: Settings, clock: MovableClock
) -> None:
    done = []

    async def note() -> None:
        done.append(True)

    async with open_services(settings, clock) as services:
        call = await caller_of(services)
        with pytest.raises(LookupError):
            async with unit_of_work(services, call.caller.organization_id) as work:
                work.bind(call).afterwards(note())
                raise LookupError
        async with unit_of_work(services, call.caller.organization_id) as work:
            work.bind(call).afterwards(note())
    assert done == [True]


def test_a_unit_of_work_is_opened_in_one_place() -> None:
    def holding(text: str) -> list[str]:
        found = [path for path in (ROOT / "schema").rglob("*.py") if text in path.read_text()]
        return sorted(path.relative_to(ROOT / "schema").as_posix() for path in found)

    # An erasure by the command line tells what it did by itself: there are no services around it.
    writers = ["operation/work.py", "operator/erasure.py"]
    assert holding("await events.append(") == writers
    # The command line otherwise changes organizations and tokens; a lease, the heartbeat of seats and
    # what processes say to each other are their own: of these nothing is logged.
    outside = [each for each in holding("database.write(") if not each.startswith("operator/")]
    own = [f"resolvers/seating/{name}.py" for name in ("keeping", "leaving", "messages")]
    assert outside == ["operation/lease.py", "operation/work.py", *own]


async def test_a_write_that_met_another_one_is_made_again_a_few_times(
    settings: Settings, clock: MovableClock
) -> None:
    failures = 0

    @writes
    async def meet(call: Call, *, times: int) -> int:
        nonlocal failures
        call.record(EventType.APPOINTMENT_UPDATED, new_id())
        if failures < times:
            failures += 1
            raise Conflict("in the way")
        return failures

    async with open_services(settings, clock) as services:
        call = await caller_of(services)
        assert await meet(call, times=2) == 2
        async with services.database.read() as transaction:
            tx = Tenancy(transaction, call.caller.organization_id)
            assert [event.seq for event in await events.after(tx, 0, 10)] == [1]
        failures = 0
        with pytest.raises(Conflict):
            await meet(call, times=3)
