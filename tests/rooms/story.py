"""From "too early" to "ended": the pages, the API, the events and the attendance tell one story."""

import asyncio
import json
import re
import subprocess
import time
from datetime import UTC, datetime, timedelta

from playwright.async_api import expect

from tests.service import ROOT

from .mesh import until_all_see
from .moderating import closed
from .office import Appointment, Office
from .person import Person, Unmet, until
from .trial import Trial

OPENS_BEFORE = timedelta(minutes=15)
EARLY_SECONDS = 12.0
TOLD = [
    "appointment.created",
    "appointment.started",
    "participant.joined",
    "participant.joined",
    "participant.left",
    "participant.left",
    "appointment.completed",
]


async def story(trial: Trial) -> str:
    """One appointment, booked by the README's line, from its link to its end."""
    place = await trial.office()
    appointment = await asyncio.to_thread(booked_by_the_readme, place, EARLY_SECONDS)
    anna = await Person.born(trial.browser, "anna@example.org")
    ben = await Person.born(trial.browser, "ben@example.org")
    try:
        await _too_early(place, appointment, [anna, ben])
        await _meet(trial, appointment, anna, ben)
        await anna.write("Good morning, Ben")
        await ben.read("Good morning, Ben")
        met = time.monotonic()
        await _is_active(place, appointment)
        await ben.leave()
        await until(lambda: _has_left(place, appointment), trial.within(10), "no leftAt of Ben")
        await anna.end_for_everybody()
        await closed([anna, ben], trial)
        lasted = time.monotonic() - met
        await expect(anna.page.get_by_role("heading", name="ended")).to_be_visible(timeout=20_000)
    finally:
        await asyncio.gather(anna.gone(), ben.gone())
    stays = await _one_story(place, appointment)
    return f"told alike by pages, API, {len(TOLD)} events and {stays} stays ({lasted:.1f} s)"


def booked_by_the_readme(place: Office, early: float) -> Appointment:
    """Books with the README's first `curl`, for two, so that links open in so many seconds."""
    text = (ROOT / "README.md").read_text()
    found = re.search(r"```sh\n(curl -s http://127\.0\.0\.1:8000/graphql.*?)```", text, re.DOTALL)
    assert found, "the README books no appointment"
    start = datetime.now(UTC) + OPENS_BEFORE + timedelta(seconds=early)
    anna = '{"uniqueId": "anna@example.org", "role": "MODERATOR"}'
    both = f'{anna}, {{"uniqueId": "ben@example.org", "role": "PARTICIPANT"}}'
    line = (
        found[1]
        .replace("http://127.0.0.1:8000", place.url)
        .replace("2027-03-10T09:00:00Z", f"{start:%Y-%m-%dT%H:%M:%SZ}")
        .replace(anna, both)
        .replace("appointment { title", "appointment { id title")
    )
    ran = subprocess.run(
        ["sh", "-c", line], capture_output=True, check=True, timeout=30,
        env={"PATH": "/usr/bin:/bin", "TOKEN": place.token},
    )  # fmt: skip
    answer = json.loads(ran.stdout)
    assert "data" in answer, answer
    return Appointment.of_graphql(answer["data"]["createAppointment"]["appointment"])


async def _too_early(place: Office, appointment: Appointment, people: list[Person]) -> None:
    for person, link in zip(people, appointment.links, strict=True):
        await person.page.goto(link)
        await expect(person.page.locator(".countdown")).to_be_visible()
        if await place.look(link) != "TOO_EARLY":
            raise Unmet("the link does not say TOO_EARLY")


async def _meet(trial: Trial, appointment: Appointment, anna: Person, ben: Person) -> None:
    """Nobody loads a page: it opens by itself, and the participant is let in by itself."""
    join = anna.page.locator("button.main")
    await expect(join).to_be_visible(timeout=1000 * (EARLY_SECONDS + 30))
    await join.click()
    await asyncio.gather(anna.seated(), ben.seated())
    await until_all_see([anna, ben], trial.within(10))


async def _is_active(place: Office, appointment: Appointment) -> None:
    stays = await place.stays(appointment)
    if await place.status(appointment) != "active" or not all(
        len(each) == 1 and each[0][1] is None for each in stays.values()
    ):
        raise Unmet(f"not active, or not one open stay each: {stays}")


async def _has_left(place: Office, appointment: Appointment) -> bool:
    return all(left for _, left in (await place.stays(appointment))["ben@example.org"])


async def _one_story(place: Office, appointment: Appointment) -> int:
    """Raises Unmet where API, events and attendance differ; returns how many stays there were."""
    stays = await place.stays(appointment)
    events = await place.events(appointment)
    status = await place.status(appointment)
    codes = {await place.look(link) for link in appointment.links}
    joined = sorted(each[0][0] for each in stays.values())
    left = sorted(str(each[0][1]) for each in stays.values())
    told = await place.told(appointment)
    if (status, codes, sorted(events)) != ("completed", {"ENDED"}, sorted(TOLD)):
        raise Unmet(f"{status}, links {codes}, events {events}")
    if [joined, left] != [told["participant.joined"], told["participant.left"]]:
        raise Unmet(f"attendance {joined} {left}, events {told}")
    return sum(map(len, stays.values()))
