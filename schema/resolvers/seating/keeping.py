"""Keeping seats: a process says that it lives, and what is lost is given up after 15 s."""

import asyncio
from collections import defaultdict
from typing import NamedTuple

import structlog

from db.engine import DatabaseUnavailable, StatementFailed, Tenancy
from db.models import AbsentSeat, EventSource, HolderRow, SeatRow
from db.queries import rooms, system

from ...domain.seating import lost_at
from ...operation.call import Call, Caller, Services
from ...operation.work import unit_of_work
from .. import stays

# Organizations: one that cannot be written to keeps few others waiting.
AT_ONCE = 10

log = structlog.get_logger("connect.rooms")


class Lost(NamedTuple):
    """What one organization has lost."""

    absent: list[AbsentSeat]
    silent: list[HolderRow]


async def keep(services: Services, organization_id: str, holder: str) -> int:
    """Notes that a process which holds seats is alive, every 5 s; returns how many it holds.

    Raises DatabaseUnavailable.
    """
    async with services.database.write(organization_id) as transaction:
        tx = Tenancy(transaction, organization_id)
        return await rooms.keep_seats(tx, holder, services.clock.now())


async def sweep(services: Services) -> int:
    """Gives up every seat whose socket or process has been gone for 15 s; returns how many.

    To be called again and again, by one process at a time. An organization that cannot be written
    to costs the others nothing: it is logged, and comes again. Raises DatabaseUnavailable where
    nothing can be read.
    """
    async with services.database.read() as transaction:
        absent, holders = (
            await system.absent_seats(transaction),
            await system.holders(transaction),
        )
    found = services.seat_watch.look(absent, holders, services.clock.elapsed())
    lost: defaultdict[str, Lost] = defaultdict(lambda: Lost([], []))
    for seat in found[0]:
        lost[seat.organization_id].absent.append(seat)
    for holder in found[1]:
        lost[holder.organization_id].silent.append(holder)
    given_up, all_lost = 0, list(lost.items())
    for start in range(0, len(all_lost), AT_ONCE):
        some = all_lost[start : start + AT_ONCE]
        given_up += sum(await asyncio.gather(*(_tried(services, *each) for each in some)))
    return given_up


async def _tried(services: Services, organization_id: str, lost: Lost) -> int:
    try:
        return await _give_up(services, organization_id, lost)
    except (DatabaseUnavailable, StatementFailed) as error:
        log.error("seats_not_given_up", organization_id=organization_id, reason=str(error))
    except Exception:
        log.exception("seats_not_given_up", organization_id=organization_id)
    return 0


async def _give_up(services: Services, organization_id: str, lost: Lost) -> int:
    caller = Caller(organization_id, "", "system", "rooms", ("write",))
    call = Call(caller, services, EventSource.LINK, "rooms", actor="rooms")
    async with unit_of_work(services, organization_id) as work:
        bound = work.bind(call)
        seats = await _still_lost(bound, lost)
        await stays.give_up(bound, seats, lost_at)
    if seats:
        log.info("seats_given_up", organization_id=organization_id, count=len(seats))
    return len(seats)


async def _still_lost(call: Call, lost: Lost) -> list[SeatRow]:
    """Returns the seats that nobody took up again between the look and the lock."""
    known = {each.id: each.resumes for each in lost.absent}
    absent = [
        seat
        for seat in await rooms.seats_by_ids(call.tx, list(known))
        if seat.absent_since and seat.resumes == known[seat.id]
    ]
    silent = [
        seat
        for each in lost.silent
        for seat in await rooms.seats_of_holder(call.tx, each.holder)
        if seat.seen_at <= each.seen_at
    ]
    return list({seat.id: seat for seat in absent + silent}.values())
