"""A room of the built-in kind from the link on, in a real Chromium: the model behind its page."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from gateway.settings import Settings
from schema.rooms.builtin import BuiltinSettings

from .conftest import Traffic
from .site import Site, links

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# Keeps the room of the page at hand, and the cameras small.
KEEP = """
    window.sockets = [];
    const Socket = WebSocket;
    window.WebSocket = class extends Socket {
        constructor(...given) {
            super(...given);
            window.sockets.push(this);
        }
    };
    const dispatch = EventTarget.prototype.dispatchEvent;
    EventTarget.prototype.dispatchEvent = function (event) {
        if (event.type === "changed") window.room = this;
        return dispatch.call(this, event);
    };
    window.decoded = async (seat) => {
        const [, camera] = window.room.connections.get(seat).getTransceivers();
        const found = [...(await camera.receiver.getStats()).values()];
        return found.find(({ type }) => type === "inbound-rtp")?.framesDecoded ?? 0;
    };
    window.others = () => [...(window.room?.people.values() ?? [])].filter((person) => !person.isMe);
"""
# Waits until pictures of everybody go on; takes how many others there are.
SEES = """async (count) => {
    const end = performance.now() + 30000;
    const before = new Map();
    while (performance.now() < end) {
        let moving = 0;
        for (const { seat } of window.others()) {
            const now = await window.decoded(seat).catch(() => 0);
            if (now < (before.get(seat) ?? now)) before.set(seat, now);
            if (!before.has(seat)) before.set(seat, now);
            if (now > before.get(seat) + 3) moving += 1;
        }
        if (moving === count) return true;
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return JSON.stringify([...window.room?.people.values() ?? []]) + window.room?.phase;
}"""
Visit = Callable[[str], Awaitable[Page]]


INSECURE = """
    Object.defineProperty(window, "isSecureContext", { value: false });
    Object.defineProperty(navigator, "mediaDevices", { value: undefined });
"""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, rooms=BuiltinSettings())


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, traffic: Traffic) -> AsyncIterator[Visit]:
    """Opens a link in a profile of its own and goes in."""
    contexts = []

    async def go(link: str) -> Page:
        context = await browser.new_context(viewport={"width": 800, "height": 600})
        contexts.append(context)
        traffic.watch(context)
        await context.add_init_script(KEEP)
        page = await context.new_page()
        await page.goto(link)
        await page.get_by_role("button", name="Join now").click()
        await when(page, "window.room?.phase === 'in'")
        return page

    yield go
    for context in contexts:
        await context.close()


async def sees(page: Page, count: int = 1) -> None:
    assert await page.evaluate(SEES, count) is True


async def say(page: Page, script: str) -> Any:
    return await page.evaluate(f"async () => {{ const {{ room }} = window; {script} }}")


async def when(page: Page, condition: str) -> None:
    """Waits for a condition; asked from outside, because the page's policy evaluates no text."""
    async with asyncio.timeout(30):
        while not await page.evaluate(condition):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_two_people_see_each_other_through_what_happens(
    visit: Visit, site: Site, traffic: Traffic
) -> None:
    row = site.book(minutes=10)
    moderator, participant = links(row)
    anna = await visit(moderator)
    ben = await visit(participant)
    await sees(anna)
    await sees(ben)
    assert site.status(row) == "active"

    # What others do is shown.
    await say(ben, "await room.setCamera(false); room.setHand(true);")
    await when(anna, "!window.others()[0].state.camera && window.others()[0].camera === null")
    await when(anna, "window.others()[0].state.hand && window.others()[0].state.hand_at !== null")
    await say(ben, "await room.setCamera(true);")
    await sees(anna)
    await say(anna, "room.mute(window.others()[0].seat);")
    await when(ben, "window.room.me.state.microphone === false")
    await when(anna, "window.others()[0].state.microphone === false")
    await say(ben, "await room.setMicrophone(true);")
    await when(anna, "window.others()[0].isSpeaking")  # the beeps of the simulated microphone

    # A killed socket comes back to the same seat, and pictures go on meanwhile.
    seat = await say(ben, "return room.me.seat;")
    await ben.evaluate("window.sockets.at(-1).close()")
    await when(ben, "window.sockets.length === 2 && window.room.phase === 'in'")
    assert await say(ben, "return room.me.seat;") == seat
    await sees(anna)

    # So does a page that is loaded again, with links of its own.
    await ben.reload()
    await when(ben, "window.room?.phase === 'in'")
    assert await say(ben, "return room.me.seat;") == seat
    await sees(anna)
    await sees(ben)

    # Nothing of a person who leaves is left.
    await say(ben, "await room.leave();")
    await when(anna, "window.others().length === 0 && window.room.connections.size === 0")
    assert "joined" not in ben.url
    await say(anna, "room.end();")
    await when(anna, "window.room.phase === 'over' && window.room.overCode === 'ENDED'")
    assert site.status(row) == "completed"
    assert traffic.foreign(site.server.url) == []
    assert [line for line in traffic.errors if "410" not in line] == []


async def test_a_removed_person_is_no_longer_seen_and_cannot_come_back(
    visit: Visit, site: Site
) -> None:
    moderator, participant = links(site.book(minutes=10))
    anna = await visit(moderator)
    ben = await visit(participant)
    await sees(anna)
    await say(
        anna,
        "window.last = window.others()[0].camera.getTracks()[0]; room.remove(window.others()[0].seat);",
    )
    await when(ben, "window.room.overCode === 'REMOVED'")
    await when(anna, "window.others().length === 0 && window.last.readyState === 'ended'")
    await ben.goto(participant)
    await expect(ben.get_by_role("button", name="Join now")).to_have_count(0)


async def test_a_lost_seat_is_taken_anew(visit: Visit, site: Site) -> None:
    moderator, participant = links(site.book(minutes=10))
    anna = await visit(moderator)
    ben = await visit(participant)
    await sees(anna)
    before = await say(ben, "return room.me.seat;")
    # What the tab remembers is of no use: the page asks for a new ticket by itself.
    await say(
        ben,
        """
        const seat = JSON.parse(sessionStorage.getItem("connect.seat"));
        sessionStorage.setItem("connect.seat", JSON.stringify({ ...seat, key: "no longer" }));
    """,
    )
    await ben.reload()
    await when(ben, "window.room?.phase === 'in'")
    assert await say(ben, "return room.me.seat;") != before
    await sees(ben)


async def test_whoever_has_no_devices_listens(visit: Visit, browser: Browser, site: Site) -> None:
    moderator, participant = links(site.book(minutes=10))
    anna = await visit(moderator)
    context = await browser.new_context()
    await context.add_init_script(KEEP)
    await context.add_init_script(
        "MediaDevices.prototype.getUserMedia = async () => { throw new DOMException('none', 'NotFoundError'); }"
    )
    ben = await context.new_page()
    await ben.goto(participant)
    await ben.get_by_role("button", name="Join now").click()
    await when(ben, "window.room?.phase === 'in' && window.room.problem?.code === 'NO_DEVICES'")
    await sees(ben)
    await when(
        anna, "window.others()[0].connection === 'connected' && !window.others()[0].state.camera"
    )
    await context.close()


async def test_an_insecure_address_says_why_there_is_no_camera(
    visit: Visit, browser: Browser, site: Site
) -> None:
    moderator, participant = links(site.book(minutes=10))
    await visit(moderator)
    context = await browser.new_context()
    # As browsers are on http:// addresses of other hosts.
    await context.add_init_script(KEEP + INSECURE)
    ben = await context.new_page()
    await ben.goto(participant)
    await ben.get_by_role("button", name="Join now").click()
    await when(ben, "window.room?.phase === 'in' && window.room.problem?.code === 'INSECURE'")
    await sees(ben)
    await expect(ben.get_by_text("begin with https://").first).to_be_visible()
    await context.close()
