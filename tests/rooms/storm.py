"""One trouble after another, without a pause to settle: in the end everybody sees everybody."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from tests.faults.proxy import Proxy

from .mesh import until_all_see
from .office import Appointment, Office
from .person import Person, Unmet
from .recoveries import breakable
from .trial import Trial, each

CALM_SECONDS = 30.0


async def storm(trial: Trial, acts: int = 8, seed: int | None = None) -> str:
    """Four people reload, leave and come back, and lose their sockets; the server restarts once."""
    seed = random.randrange(10_000) if seed is None else seed
    async with breakable(trial) as (place, proxy):
        appointment = await place.book(4)
        async with trial.company(place, appointment) as company:
            troubles = Troubles(company.people, appointment, place, proxy, random.Random(seed))
            done = await troubles.make(acts)
            try:
                took = await until_all_see(company.people, trial.within(CALM_SECONDS), fresh=True)
                await troubles.ensure_stays()
            except Unmet as unmet:
                raise Unmet(f"seed {seed}, {' '.join(done)}: {unmet}") from None
    return f"seed {seed}: {' '.join(done)}; all see all {took:.1f} s later"


class Troubles:
    """What befalls the people of an appointment, in an order that `chance` decides."""

    def __init__(
        self,
        people: list[Person],
        appointment: Appointment,
        place: Office,
        proxy: Proxy,
        chance: random.Random,
    ) -> None:
        self._people = people
        self._appointment = appointment
        self._place = place
        self._proxy = proxy
        self._chance = chance
        self._stays = [1] * len(people)

    async def make(self, acts: int) -> list[str]:
        """Makes so many troubles; returns what they were."""
        kinds: list[Callable[[], Awaitable[str]]] = [
            self._reload,
            self._cut,
            self._offer,
            self._again,
        ]
        order = [self._chance.choice(kinds) for _ in range(acts)]
        order[acts // 2] = self._restart
        done = []
        for act in order:
            done.append(await act())
            await asyncio.sleep(self._chance.uniform(0, 1.5))
        return done

    async def ensure_stays(self) -> None:
        """Raises Unmet if somebody has other stays than the visits that were made."""
        stays = list((await self._place.stays(self._appointment)).values())
        counts = [len(each) for each in stays]
        still = [sum(left is None for _, left in each) for each in stays]
        if counts != self._stays or still != [1] * len(stays):
            raise Unmet(f"stays {counts}, {still} of them open, instead of {self._stays}")

    async def _reload(self) -> str:
        person = self._chance.choice(self._people)
        await person.page.reload()
        return f"{person.name}-reloads"

    async def _cut(self) -> str:
        self._proxy.cut()
        await asyncio.sleep(self._chance.uniform(0.1, 2))
        self._proxy.forward()
        return "sockets-die"

    async def _offer(self) -> str:
        await each(self._people, "observed.restart()")
        return "all-offer"

    async def _restart(self) -> str:
        await self._place.restart()
        return "server-restarts"

    async def _again(self) -> str:
        number = self._chance.randrange(1, len(self._people))
        person = self._people[number]
        await person.seated()
        await person.leave()
        await person.enter(self._appointment.links[number])
        self._stays[number] += 1
        return f"{person.name}-leaves-and-comes"
