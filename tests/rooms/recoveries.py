"""A killed socket, a restarted server, a reloaded page, a lost network: everybody comes back alone."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from playwright.async_api import Error as PlaywrightError

from tests.faults.proxy import Proxy
from tests.service import free_port

from .apart import Network, networks
from .chromium import chromium
from .mesh import until_all_see
from .office import Appointment, Office, office
from .person import Person, Unmet, until
from .trial import Company, Trial

LOST_SECONDS = 10.0
BACK_SECONDS = 20.0


@asynccontextmanager
async def breakable(trial: Trial) -> AsyncIterator[tuple[Office, Proxy]]:
    """Runs a service that browsers reach through a proxy, which breaks what passes through it."""
    port = free_port()
    proxy = Proxy(port)
    url = f"http://127.0.0.1:{proxy.port}"
    try:
        async with office(trial.folder / f"behind-{port}", port, CONNECT_PUBLIC_URL=url) as place:
            yield place, proxy
    finally:
        proxy.close()


async def socket(trial: Trial) -> str:
    """The sockets of everybody are killed; pictures go on, and the seats are kept."""
    async with breakable(trial) as (place, proxy):
        appointment = await place.book(2)
        async with trial.company(place, appointment) as company:
            await _begin(company, trial)
            began = time.monotonic()
            proxy.cut()
            await asyncio.sleep(0.5)
            proxy.forward()
            took = await _back(company.people, company.people, trial, began)
            await _one_stay_each(place, appointment)
            return f"socket killed: back after {took:.1f} s"


async def hung(trial: Trial) -> str:
    """The way to the server hangs for ten seconds without a word; pictures go on meanwhile."""
    async with breakable(trial) as (place, proxy):
        appointment = await place.book(2)
        async with trial.company(place, appointment) as company:
            await _begin(company, trial)
            proxy.hang()
            await asyncio.sleep(LOST_SECONDS)
            proxy.forward()
            began = time.monotonic()
            limit = trial.within(BACK_SECONDS)
            await until(lambda: _is_relayed(company), limit, "nothing is relayed")
            await until_all_see(company.people, limit, fresh=True)
            await _one_stay_each(place, appointment)
            return f"way hung: relayed again after {time.monotonic() - began:.1f} s"


async def _is_relayed(company: Company) -> bool:
    """Whether what one says reaches the other."""
    one, other = company.people
    with contextlib.suppress(PlaywrightError):  # A socket that is about to be replaced.
        await one.say(type="chat", text="Still there?")
    return bool(await other.heard("chat"))


async def restart(trial: Trial) -> str:
    """The server ends and starts again; pictures go on, and the seats are kept."""
    async with office(trial.folder / "restarted") as place:
        appointment = await place.book(2)
        async with trial.company(place, appointment) as company:
            await _begin(company, trial)
            began = time.monotonic()
            await place.restart()
            away = time.monotonic() - began
            took = await _back(company.people, company.people, trial, time.monotonic())
            await _one_stay_each(place, appointment)
            return f"server away for {away:.1f} s, back {took:.1f} s later"


async def reload(trial: Trial) -> str:
    """A page is loaded again, and takes its seat again without a question."""
    place = await trial.office()
    appointment = await place.book(2)
    async with trial.company(place, appointment) as company:
        await _begin(company, trial)
        began = time.monotonic()
        await company.people[1].page.reload()
        took = await _back(company.people, [company.people[1]], trial, began)
        await _one_stay_each(place, appointment)
        company.ensure_calm()
        return f"page loaded again: back after {took:.1f} s"


async def network(trial: Trial, ways: Sequence[str] = ("swallow", "unplug")) -> str:
    """One's network is lost for ten seconds, media and all, each time in another way."""
    with networks(2) as (address, apart):
        port = free_port()
        url = f"http://{address}:{port}"
        settings = {"CONNECT_HOST": "0.0.0.0", "CONNECT_PUBLIC_URL": url}
        async with AsyncExitStack() as stack:
            place = await stack.enter_async_context(
                office(trial.folder / "apart", port, **settings)
            )
            appointment = await place.book(2)
            company = Company(await _people_in(stack, apart, url, appointment, trial), place)
            company.last_came = await company.come(appointment)
            await _begin(company, trial)
            took = [await _lose(company, apart[1], way, trial) for way in ways]
            await _one_stay_each(place, appointment)
            listed = ", ".join(f"{way}: {t:.1f} s" for way, t in zip(ways, took, strict=True))
            return f"network lost, back after it returned: {listed}"


async def _people_in(
    stack: AsyncExitStack,
    apart: list[Network],
    url: str,
    appointment: Appointment,
    trial: Trial,
) -> list[Person]:
    # Only addresses of the machine itself are trusted without TLS.
    flag = f"--unsafely-treat-insecure-origin-as-secure={url}"
    people = []
    for name, each in zip(appointment.names, apart, strict=True):
        running = chromium(flag, network=each.name, folder=trial.folder)
        people.append(await Person.born(await stack.enter_async_context(running), name))
    return people


async def _lose(company: Company, network: Network, way: str, trial: Trial) -> float:
    (network.swallow if way == "swallow" else network.unplug)()
    await asyncio.sleep(LOST_SECONDS)
    network.mend()
    return await until_all_see(company.people, trial.within(BACK_SECONDS), fresh=True)


async def _begin(company: Company, trial: Trial) -> None:
    await until_all_see(company.people, trial.within(20), company.last_came)


async def _back(people: list[Person], lost: list[Person], trial: Trial, began: float) -> float:
    """Waits until those who were lost have resumed, and everybody sees everybody again."""
    for person in lost:
        await person.seated(trial.within(BACK_SECONDS), resumed=True)
    await until_all_see(people, trial.within(BACK_SECONDS), fresh=True)
    return time.monotonic() - began


async def _one_stay_each(place: Office, appointment: Appointment) -> None:
    stays = await place.stays(appointment)
    if any(len(each) != 1 or each[0][1] is not None for each in stays.values()):
        raise Unmet(f"not one open stay each: {stays}")
    joins = (await place.events(appointment)).count("participant.joined")
    if joins != len(stays):
        raise Unmet(f"{joins} joins of {len(stays)} people")
