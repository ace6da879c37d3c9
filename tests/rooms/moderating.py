"""What moderators do: admit, remove, end; and what ends a room without them."""

import asyncio
import time

from .mesh import frozen, until_all_see
from .office import Appointment, Office
from .person import Person, Unmet, until
from .trial import Company, Trial

STOPPED_SECONDS = 2.0
CLOCK_SECONDS = 30.0


async def remove(trial: Trial) -> str:
    """Frames of one who is removed stop at every peer, and the link answers REMOVED."""
    place = await trial.office()
    appointment = await place.book(3)
    async with trial.company(place, appointment) as company:
        people = company.people
        await until_all_see(people, trial.within(20), company.last_came)
        await people[0].remove(people[1].name)
        began = time.monotonic()
        took = await _stops(company, people[1].name, trial, began)
        code = await place.look(appointment.links[1])
        await until_all_see([people[0], people[2]], trial.within(10), fresh=True)
        await closed([people[1]], trial)
        if code != "REMOVED":
            raise Unmet(f"the link answers {code}")
    return f"no frame from {took:.1f} s on, the link answers {code}, the others go on"


async def _stops(company: Company, whom: str, trial: Trial, began: float) -> float:
    limit = trial.within(STOPPED_SECONDS)
    while True:
        asked = time.monotonic() - began
        if not await frozen(company.people, whom, 0.5):
            return asked
        if asked > limit:
            raise Unmet(f"frames of {whom} after {limit:g} s")


async def waiting(trial: Trial) -> str:
    """Whoever comes waits until the moderator admits one, or all."""
    place = await trial.office(CONNECT_ROOM_ADMISSION="one_by_one")
    appointment = await place.book(4)
    async with trial.company(place, appointment) as company:
        anna, ben, *others = company.people
        for person in company.people[1:]:
            await until(lambda p=person: p.heard("waiting"), trial.within(20), "nobody waits")
        await others[0].page.keyboard.press("m")
        stays = await place.stays(appointment)
        if any(stays[name] for name in ("ben", "chloe", "dario")):
            raise Unmet(f"waiting counts as a stay: {stays}")
        await anna.admit(ben.name)
        await until_all_see([anna, ben], trial.within(10))
        if any([await person.heard("seated") for person in others]):
            raise Unmet("others came in with the one who was admitted")
        await anna.admit_all()
        took = await until_all_see(company.people, trial.within(10))
        problems = [await person.heard("problem") for person in company.people]
        if any(problems):
            raise Unmet(f"somebody who did nothing wrong was told {problems}")
        events = await place.events(appointment)
        company.ensure_calm()
    if events.count("participant.admitted") != 3 or events.count("participant.joined") != 4:
        raise Unmet(f"the events say something else: {events}")
    return f"one alone, then all, seen by everybody after {took:.1f} s"


async def ends(trial: Trial) -> str:
    """The clock, the API and the moderator each close every page."""
    place = await trial.office()
    last = await place.book(2, begun=900 - CLOCK_SECONDS)
    async with trial.company(place, last) as company:
        words = [await _ends(trial, place, by) for by in ("API", "moderator")]
        await closed(company.people, trial, CLOCK_SECONDS + 10)
        await _is_over(trial, place, last)
        company.ensure_calm()
    return f"{', '.join(words)}, and by the clock"


async def _ends(trial: Trial, place: Office, by: str) -> str:
    appointment = await place.book(2)
    async with trial.company(place, appointment) as company:
        await until_all_see(company.people, trial.within(20), company.last_came)
        began = time.monotonic()
        if by == "API":
            await place.complete(appointment)
        else:
            await company.people[0].end_for_everybody()
        await closed(company.people, trial)
        took = time.monotonic() - began
        await _is_over(trial, place, appointment)
        company.ensure_calm()
    return f"by the {by} after {took:.1f} s"


async def _is_over(trial: Trial, place: Office, appointment: Appointment) -> None:
    await until(lambda: _is_completed(place, appointment), trial.within(10), "not completed")
    await until(lambda: _all_left(place, appointment), trial.within(10), "stays without an end")


async def _is_completed(place: Office, appointment: Appointment) -> bool:
    return await place.status(appointment) == "completed"


async def _all_left(place: Office, appointment: Appointment) -> bool:
    stays = await place.stays(appointment)
    return all(len(each) == 1 and each[0][1] is not None for each in stays.values())


async def closed(people: list[Person], trial: Trial, seconds: float = 10.0) -> None:
    """Waits until pages have no link and no socket left; raises Unmet."""

    async def is_closed() -> bool:
        scripts = "observed.connections().length + observed.sockets()"
        left = await asyncio.gather(*(person.page.evaluate(scripts) for person in people))
        return not any(left)

    await until(is_closed, trial.within(seconds), "links or sockets are left")
