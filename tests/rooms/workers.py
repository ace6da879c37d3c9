"""People whose sockets different server processes hold see each other."""

import asyncio
import os
import signal
import sqlite3
import time
from contextlib import closing

from tests.workers.crew import workers_of

from .mesh import until_all_see
from .office import Office
from .person import Person, Unmet, until
from .trial import Trial

HOLDERS = "SELECT holder, count(*) FROM room_seat WHERE absent_since IS NULL GROUP BY holder"
TRIES = 12


async def workers(trial: Trial) -> str:
    """Four people on two processes; one of these is killed, and its people come back."""
    place = await trial.office(CONNECT_WORKERS="2")
    appointment = await place.book(4)
    async with trial.company(place, appointment) as company:
        people = company.people
        took = await until_all_see(people, trial.within(10), company.last_came)
        for _ in range(TRIES):
            if len(_holders(place)) == 2:
                break
            # A new connection goes to whichever process takes it.
            await people[-1].page.reload()
            await people[-1].seated(trial.within(20), resumed=True)
        holders = _holders(place)
        if len(holders) != 2:
            raise Unmet(f"all people were on one process, {TRIES} times: {holders}")
        await until_all_see(people, trial.within(10), fresh=True)
        await people[0].say(type="chat", text="Good morning")
        for person in people:
            await until(lambda p=person: p.heard("chat"), trial.within(5), "the chat did not come")
        back = await _kill_one(place, company.people, trial)
        stays = await place.stays(appointment)
        if any(len(each) != 1 for each in stays.values()):
            raise Unmet(f"not one stay each: {stays}")
    return f"four on {holders}: pictures after {took:.1f} s; one killed: back after {back:.1f} s"


def _holders(place: Office) -> list[int]:
    """Returns how many people each process holds."""
    files = list(place.folder.glob("*.db"))
    with closing(sqlite3.connect(f"file:{files[0]}?mode=ro", uri=True)) as database:
        return [int(count) for _, count in database.execute(HOLDERS)]


async def _kill_one(place: Office, people: list[Person], trial: Trial) -> float:
    """Kills a worker; returns the seconds until everybody is connected again."""
    began = time.monotonic()
    os.kill(workers_of(place.service.pid)[0], signal.SIGKILL)
    await until(lambda: _came_back(people), trial.within(20), "nobody had to come back")
    await until(lambda: _all_here(place, people), trial.within(20), "not everybody came back")
    await until_all_see(people, trial.within(10), fresh=True)
    return time.monotonic() - began


async def _came_back(people: list[Person]) -> bool:
    """Whether somebody has resumed on the page that is open."""
    heard = await asyncio.gather(*(person.heard("seated") for person in people))
    return any(len(messages) > 1 and messages[-1]["resumed"] for messages in heard)


async def _all_here(place: Office, people: list[Person]) -> bool:
    return sum(_holders(place)) == len(people)
