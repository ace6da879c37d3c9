"""What the proofs look through: it sees a link that works, and misses none that does not."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from .chromium import chromium
from .mesh import frozen, until_all_see, views
from .person import Person, Unmet

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ADDRESS = "https://room.example/"
OPEN = """async () => {
    window.link = new RTCPeerConnection();
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320 } });
    for (const track of stream.getTracks()) link.addTrack(track, stream);
}"""
SAY = """async (heard) => {
    if (heard) await link.setRemoteDescription(heard);
    await link.setLocalDescription();
    while (link.iceGatheringState !== "complete") await new Promise((done) => setTimeout(done, 20));
    return link.localDescription.toJSON();
}"""
HEAR = "(heard) => link.setRemoteDescription(heard)"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def people() -> AsyncIterator[list[Person]]:
    """Three people in three browser profiles; the first two are linked by hand."""
    async with chromium() as browser:
        made = [await Person.born(browser, name) for name in ("Anna", "Ben", "Chloe")]
        for person in made:
            await person.context.route("**", lambda route: route.fulfill(body="<title>-</title>"))
            await person.page.goto(ADDRESS)
            await person.page.evaluate(OPEN)
        anna, ben = made[0].page, made[1].page
        answer = await ben.evaluate(SAY, await anna.evaluate(SAY, None))
        await anna.evaluate(HEAR, answer)
        yield made


async def test_a_link_is_seen_from_both_ends(people: list[Person]) -> None:
    await until_all_see(people[:2], 30)
    await until_all_see(people[:2], 30, fresh=True)
    assert set(await views(people)) == {("Anna", "Ben"), ("Ben", "Anna")}


async def test_a_link_that_is_missing_is_named(people: list[Person]) -> None:
    await until_all_see(people[:2], 30)
    with pytest.raises(Unmet, match=r"Ben of Chloe, Chloe of Anna, Chloe of Ben of 6"):
        await until_all_see(people, 1)


async def test_frames_that_stop_are_noticed(people: list[Person]) -> None:
    await until_all_see(people[:2], 30)
    assert await frozen(people, "Ben", 1) == {"Anna"}
    await people[1].page.evaluate("link.getSenders().forEach((sender) => sender.track?.stop())")
    assert await frozen(people, "Ben", 1) in ({"Anna"}, set())  # Those on their way still come.
    assert await frozen(people, "Ben", 1) == set()
    assert await frozen(people, "Anna", 1) == {"Ben"}
