"""The clock holds still after a jump, and goes on when it has been steady or is confirmed."""

from datetime import timedelta

import httpx2
import pytest
from starlette.applications import Starlette
from structlog.testing import capture_logs

from gateway.services import open_services
from gateway.settings import Settings
from schema.domain.clock import Steadiness, SystemClock
from schema.inputs import NewAppointment
from schema.operation.call import Call, Caller, Services
from schema.resolvers.appointments import create_appointment, get_appointment
from schema.resolvers.clockwork import tick
from tests.conftest import MovableClock
from tests.people import add_tenant


def looked(steadiness: Steadiness, clock: MovableClock) -> bool:
    steadiness.look(clock.now(), clock.elapsed())
    return steadiness.is_holding


@pytest.mark.parametrize("seconds", [61, -61, 86_400, -86_400])
def test_a_jump_holds_it_for_five_minutes(clock: MovableClock, seconds: int) -> None:
    steadiness = Steadiness()
    assert not looked(steadiness, clock)
    clock.move(seconds=2)
    clock.jump(seconds=seconds)
    assert looked(steadiness, clock)
    clock.move(seconds=299)
    assert looked(steadiness, clock)
    clock.move(seconds=1)
    assert not looked(steadiness, clock)


@pytest.mark.parametrize("seconds", [59, -59])
def test_a_small_correction_does_not_hold_it(clock: MovableClock, seconds: int) -> None:
    steadiness = Steadiness()
    looked(steadiness, clock)
    clock.jump(seconds=seconds)
    assert not looked(steadiness, clock)


def test_time_that_passes_between_two_looks_is_no_jump(clock: MovableClock) -> None:
    steadiness = Steadiness()
    looked(steadiness, clock)
    clock.move(days=3)
    assert not looked(steadiness, clock)


def test_many_small_jumps_are_one_large(clock: MovableClock) -> None:
    steadiness = Steadiness()
    for _ in range(3):
        clock.move(seconds=2)
        clock.jump(seconds=25)
        held = looked(steadiness, clock)
    assert not held
    clock.jump(seconds=25)
    assert looked(steadiness, clock)


def test_slow_drift_is_followed(clock: MovableClock) -> None:
    steadiness = Steadiness()
    for _ in range(1000):
        clock.move(seconds=60)
        clock.jump(seconds=0.5)
        assert not looked(steadiness, clock)


def test_a_second_jump_begins_the_five_minutes_again(clock: MovableClock) -> None:
    steadiness = Steadiness()
    looked(steadiness, clock)
    clock.jump(days=1)
    assert looked(steadiness, clock)
    clock.move(seconds=200)
    clock.jump(days=-1)
    assert looked(steadiness, clock)
    clock.move(seconds=299)
    assert looked(steadiness, clock)
    clock.move(seconds=1)
    assert not looked(steadiness, clock)


def test_the_machine_s_clock_is_steady() -> None:
    steadiness, clock = Steadiness(), SystemClock()
    looks = [steadiness.look(clock.now(), clock.elapsed()) for _ in range(3)]
    assert looks == [0.0, 0.0, 0.0]
    assert clock.elapsed() > 0


async def booked(services: Services, clock: MovableClock, hours: int) -> tuple[Call, str]:
    """An appointment that starts in so many hours, and who booked it."""
    tenant = await add_tenant(services, "A")
    call = Call(Caller(tenant.id, "A", "token", "token", ("write",)), services, "rest", "r")  # type: ignore[arg-type]
    start = clock.now() + timedelta(hours=hours)
    wanted = NewAppointment(title="T", start_date_time=start, duration_minutes=30, participants=[])
    return call, (await create_appointment(call, input=wanted)).id


async def status(call: Call, id: str) -> str:
    row = await get_appointment(call, id=id)  # type: ignore[arg-type]
    assert row is not None
    return row.status.value


async def test_a_glitch_of_a_day_misses_nothing(settings: Settings, clock: MovableClock) -> None:
    async with open_services(settings, clock) as services:
        call, id = await booked(services, clock, hours=6)
        await tick(services)
        with capture_logs() as lines:
            clock.jump(days=1)
            for _ in range(20):
                assert await tick(services) == 0
                clock.move(seconds=2)
            clock.jump(days=-1)
            for _ in range(200):
                assert await tick(services) == 0
                clock.move(seconds=2)
        assert await status(call, id) == "scheduled"
        told = [(line["event"], line.get("seconds")) for line in lines]
        assert told == [("clock_jumped", 86_400), ("clock_jumped", -86_400), ("clock_steady", None)]
        clock.move(hours=7)
        assert await tick(services) == 1
        assert await status(call, id) == "no_show"


@pytest.mark.parametrize("confirmed", [False, True])
async def test_a_new_time_is_believed_after_five_minutes_or_a_restart(
    settings: Settings, clock: MovableClock, confirmed: bool
) -> None:
    async with open_services(settings, clock) as services:
        call, id = await booked(services, clock, hours=6)
        await tick(services)
        clock.jump(days=1)
        assert await tick(services) == 0
        if confirmed:
            async with open_services(settings, clock) as restarted:
                assert await tick(restarted) == 1
        else:
            clock.move(seconds=300)
            assert await tick(services) == 1
        assert await status(call, id) == "no_show"


async def test_the_metric_says_that_it_holds(
    app: Starlette, clock: MovableClock, client: httpx2.AsyncClient
) -> None:
    services = app.state.lifespan["services"]
    await tick(services)
    assert "connect_clock_holding 0.0" in (await client.get("/metrics")).text
    clock.jump(hours=1)
    await tick(services)
    assert "connect_clock_holding 1.0" in (await client.get("/metrics")).text
