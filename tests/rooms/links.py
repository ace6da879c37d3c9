"""Every link of every pair carries pictures and sound; tracks that change on both sides settle."""

import asyncio
import time

from tests.service import free_port

from .mesh import PAUSE_SECONDS, until_all_see, views
from .office import office
from .person import Unmet, until
from .trial import Company, Trial, each

LINK_SECONDS = 10.0
SETTLED_SECONDS = 3.0
ANEW_SECONDS = 8.0


async def links(trial: Trial, count: int) -> str:
    """Everybody sees everybody."""
    place = await trial.office()
    appointment = await place.book(count)
    async with trial.company(place, appointment) as company:
        took = await until_all_see(company.people, trial.within(LINK_SECONDS), company.last_came)
        await _hear_each_other(company, trial)
        sent = await _sent_heights(company)
        made = await each(company.people, "observed.made()")
        why = [line for person in company.people for line in person.warnings]
        company.ensure_calm()
    # A page that waits longer than this for a connection makes it anew: it cannot know why.
    if took < ANEW_SECONDS and made != [count - 1] * count:
        raise Unmet(f"peer connections were made more than once: {made} {why[:3]}")
    return f"{count * (count - 1)} directions after {took:.1f} s, pictures of {max(sent)} lines"


async def path(trial: Trial) -> str:
    """Where the public address has a path, too; also whoever loads the page again."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/video"
    async with office(trial.folder / f"below-{port}", port, CONNECT_PUBLIC_URL=url) as place:
        appointment = await place.book(2)
        async with trial.company(place, appointment) as company:
            took = await until_all_see(
                company.people, trial.within(LINK_SECONDS), company.last_came
            )
            await company.people[1].page.reload()
            await company.people[1].seated(resumed=True)
            await until_all_see(company.people, trial.within(LINK_SECONDS))
            company.ensure_calm()
    return f"both see each other below /video after {took:.1f} s, and after a reload"


async def _hear_each_other(company: Company, trial: Trial) -> None:
    async def all_hear() -> bool:
        return all(view.samples > 0 for view in (await views(company.people)).values())

    await until(all_hear, trial.within(LINK_SECONDS), "no sound")


async def _sent_heights(company: Company) -> list[int]:
    seen = await asyncio.gather(*(person.links() for person in company.people))
    return [sent["height"] for links in seen for link in links for sent in link["sent"]]


async def glare(trial: Trial, times: int = 3) -> str:
    """Both sides offer at once, again and again, and settle each time."""
    place = await trial.office()
    appointment = await place.book(2)
    async with trial.company(place, appointment) as company:
        await until_all_see(company.people, trial.within(LINK_SECONDS), company.last_came)
        took = [await _collide(company, trial) for _ in range(times)]
        took += [await _share(company, trial, sharing) for sharing in (True, False)]
        rollbacks = sum(await each(company.people, "observed.rollbacks"))
        company.ensure_calm()
    return f"settled after {max(took):.1f} s at most, {len(took)} times, {rollbacks} collisions"


async def _collide(company: Company, trial: Trial) -> float:
    """Lets every browser ask for an offer at the same moment, as it does when tracks change."""
    began = time.monotonic()
    await each(company.people, "observed.restart()")
    return await _settled(company, trial, began)


async def _share(company: Company, trial: Trial, sharing: bool) -> float:
    """Lets both share their screen, or end that, at the same moment."""
    began = time.monotonic()
    await asyncio.gather(*(person.share(sharing) for person in company.people))
    await _settled(company, trial, began)
    await _see_screens(company, trial, began, sharing)
    return time.monotonic() - began


async def _settled(company: Company, trial: Trial, began: float) -> float:
    limit = trial.within(SETTLED_SECONDS)
    while True:
        seen = await asyncio.gather(*(person.links() for person in company.people))
        states = {link[name] for links in seen for link in links for name in ("signaling", "state")}
        if states == {"stable", "connected"}:
            break
        if time.monotonic() - began > limit:
            raise Unmet(f"not settled after {limit:g} s: {sorted(states)}")
        await asyncio.sleep(PAUSE_SECONDS / 3)
    left = max(0.1, limit - (time.monotonic() - began))
    await until_all_see(company.people, left, fresh=True)
    return time.monotonic() - began


async def _see_screens(company: Company, trial: Trial, began: float, sharing: bool) -> None:
    wanted = 2 if sharing else 1
    before: list[list[int]] = []

    async def seen() -> bool:
        nonlocal before
        now = [
            [video["decoded"] for link in await person.links() for video in link["videos"]]
            for person in company.people
        ]
        moving = [
            sum(new > old for old, new in zip(one, other, strict=False))
            for one, other in zip(before, now, strict=False)
        ]
        before = now
        return moving == [wanted] * len(company.people)

    left = max(0.5, trial.within(SETTLED_SECONDS) - (time.monotonic() - began))
    await until(seen, left, f"not {wanted} moving pictures of each other")
