"""What every proof is handed: a browser, a folder, and how patient it may be; a company of people."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser

from .office import Appointment, Office, office
from .person import Person, Unmet

MOST_AT_ONCE = 4
# Chromium writes a line of its own for an answer that tells a page that it is too late.
EXPECTED = ("the server responded with a status of 4", "net::ERR", "WebSocket connection to")


class Trial:
    """One run of a proof; `patience` stretches its limits where a machine has other work to do."""

    def __init__(self, browser: Browser, folder: Path, patience: float = 1.0) -> None:
        self.browser = browser
        self.folder = folder
        self._patience = patience
        self._offices: dict[tuple[tuple[str, str], ...], Office] = {}
        self._open = AsyncExitStack()

    def within(self, seconds: float) -> float:
        """Returns a limit in seconds as it counts here."""
        return seconds * self._patience

    async def office(self, **settings: str) -> Office:
        """Returns a service with these settings, the same one for the same settings."""
        key = tuple(sorted(settings.items()))
        if key not in self._offices:
            folder = self.folder / f"office-{len(self._offices)}"
            self._offices[key] = await self._open.enter_async_context(office(folder, **settings))
        return self._offices[key]

    async def aclose(self) -> None:
        """Ends what was started."""
        await self._open.aclose()

    @asynccontextmanager
    async def company(
        self, place: Office, appointment: Appointment, count: int | None = None, *scripts: str
    ) -> AsyncIterator["Company"]:
        """Lets the first `count` people of an appointment in, the moderator first."""
        names = appointment.names[:count]
        found = Company([await Person.born(self.browser, name, *scripts) for name in names], place)
        try:
            found.last_came = await found.come(appointment)
            yield found
        finally:
            await asyncio.gather(*(person.gone() for person in found.people))


class Company:
    """The people of one appointment, in the order of their links.

    They come at once; six, whose pages share the processors of one machine, one after the other.
    """

    def __init__(self, people: list[Person], place: Office) -> None:
        self.people = people
        self._place = place
        self.last_came = 0.0

    async def come(self, appointment: Appointment) -> float:
        """Lets everybody in; returns when the last one pressed the button."""
        moderator, *others = zip(self.people, appointment.links, strict=False)
        came = [await moderator[0].enter(moderator[1])]
        await moderator[0].seated()
        if len(others) <= MOST_AT_ONCE:
            came += await asyncio.gather(*(person.enter(link) for person, link in others))
        else:
            came += [await person.enter(link) for person, link in others]
        return max(came)

    def ensure_calm(self) -> None:
        """Raises Unmet if a page wrote an error or asked somebody else for something."""
        ours = (
            f"{self._place.url}/",
            f"{self._place.url.replace('http', 'ws', 1)}/",
            "blob:",
            "data:",
        )
        for person in self.people:
            errors = [line for line in person.errors if not any(e in line for e in EXPECTED)]
            foreign = [url for url in person.urls if not url.startswith(ours)]
            if errors or foreign:
                raise Unmet(f"{person.name}'s browser: {errors[:3]} {foreign[:3]}")


async def each(people: list[Person], script: str) -> list[Any]:
    """Evaluates a script on every page at once."""
    return list(await asyncio.gather(*(person.page.evaluate(script) for person in people)))
