"""The switches of an appointment, against a client that was modified to ignore them."""

import asyncio

from .office import Appointment, Office
from .person import Person, Unmet, until
from .trial import Trial

OFF = {
    "chat_enabled": False,
    "raise_hand_enabled": False,
    "screenshare_enabled": False,
}
HEARD_SECONDS = 5.0


async def switches(trial: Trial) -> str:
    """What is switched off reaches nobody; what is switched on does."""
    place = await trial.office()
    off, on = await place.book(2, **OFF), await place.book(2)
    relayed = await _tell(trial, place, off)
    if relayed:
        raise Unmet(f"switched off, and relayed all the same: {', '.join(relayed)}")
    relayed = await _tell(trial, place, on)
    if relayed != ["chat", "hand", "screen"]:
        raise Unmet(f"of what is switched on, only {relayed} was relayed")
    return "off: nothing of chat, hand and screen was relayed; on: all three"


async def _tell(trial: Trial, place: Office, appointment: Appointment) -> list[str]:
    """Lets one say all three; returns what the other has heard."""
    async with trial.company(place, appointment) as company:
        anna, ben = company.people
        await asyncio.gather(anna.seated(trial.within(30)), ben.seated(trial.within(30)))
        await ben.say(type="chat", text="Hello")
        for name in ("hand", "screen"):
            await ben.say(type="state", state={"microphone": False, name: True})
        # The last word is relayed in any case, after all others.
        await ben.say(type="state", state={"microphone": True, "camera": False})
        await until(
            lambda: _last_word(anna), trial.within(HEARD_SECONDS), "the last word is missing"
        )
        heard = await anna.heard("state")
        said = ["chat"] if await anna.heard("chat") else []
        return said + [n for n in ("hand", "screen") if any(m["state"].get(n) for m in heard)]


async def _last_word(person: Person) -> bool:
    states = [message["state"] for message in await person.heard("state")]
    return any(s.get("microphone") is True and s.get("camera") is False for s in states[-1:])


async def full(trial: Trial, seats: int = 6) -> str:
    """With every seat taken, the next one is told so in words; when one leaves, there is a seat."""
    place = await trial.office(CONNECT_ROOM_SEATS=str(seats))
    appointment = await place.book(seats + 1)
    async with trial.company(place, appointment, seats) as company:
        await asyncio.gather(*(person.seated(trial.within(30)) for person in company.people))
        late = await Person.born(trial.browser, appointment.names[-1])
        try:
            await late.enter(appointment.links[-1])
            words = await told_full(late, trial)
            await company.people[-1].leave()
            await late.enter(appointment.links[-1])
            await late.seated(trial.within(30))
        finally:
            await late.gone()
    return f"told {words!r}; came in when one had left"


async def told_full(person: Person, trial: Trial) -> str:
    """Waits until the page says that the room is full; returns its words."""

    async def codes() -> bool:
        return any(message["code"] == "FULL" for message in await person.heard("over"))

    await until(codes, trial.within(10), "the seventh is not told FULL")
    text = person.page.get_by_text("full", exact=False).first
    await text.wait_for(timeout=1000 * trial.within(10))
    return (await text.inner_text()).strip().splitlines()[0]
