"""The visitor's own camera and microphone in the room, in a bare page of a real Chromium."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.conftest import LiveServer

from .bare import open_bare

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# What others are told of each track, when it is told.
OPENED = """
    const { Media } = await import("/join/assets/room/media.js");
    const media = new Media({}, { height: 120, frameRate: 5 });
    const told = [];
    media.addEventListener("track", ({ detail: { kind, track } }) => told.push([kind, Boolean(track?.enabled)]));
    await media.open();
"""
Play = Callable[[str], Awaitable[Any]]


@pytest_asyncio.fixture(loop_scope="session")
async def play(page: Page, live_server: LiveServer) -> Play:
    """Runs JavaScript in a page that has opened camera and microphone as the room does."""
    await open_bare(page, live_server.url)

    async def run(script: str) -> Any:
        return await page.evaluate(f"async () => {{ {OPENED} {script} }}")

    return run


async def test_another_microphone_stays_muted(play: Play) -> None:
    told = await play("""
        await media.setMicrophone(false);
        told.length = 0;
        const other = media.available.microphones.at(-1).id;
        await media.choose("microphone", other);
        return [told, media.isOn("microphone"), media.tracks.microphone.readyState];
    """)
    assert told == [[["microphone", False]], False, "live"]


async def test_a_microphone_that_replaces_one_that_was_unplugged_stays_muted(play: Play) -> None:
    told = await play("""
        await media.setMicrophone(false);
        told.length = 0;
        media.tracks.microphone.dispatchEvent(new Event("ended"));
        await media.setCamera(true);  // waits for its turn
        return [told, media.tracks.microphone.readyState];
    """)
    assert told == [[["microphone", False], ["microphone", False]], "live"]


async def test_muting_waits_for_no_question_of_the_browser(play: Play) -> None:
    is_on = await play("""
        await media.setCamera(false);
        navigator.mediaDevices.getUserMedia = () => new Promise(() => {});
        media.setCamera(true);
        await new Promise((resolve) => setTimeout(resolve, 50));
        media.setMicrophone(false);
        return media.tracks.microphone.enabled;
    """)
    assert is_on is False


async def test_turning_a_camera_around_that_is_off_leaves_it_off(play: Play) -> None:
    is_on = await play("""
        await media.setCamera(false);
        await media.flip();
        return media.isOn("camera");
    """)
    assert is_on is False


async def test_a_voice_that_cannot_be_measured_is_heard_all_the_same(play: Play) -> None:
    told = await play("""
        const { Speaking } = await import("/join/assets/room/speaking.js");
        const speaking = new Speaking(() => [], () => {});
        let sources = 0;
        const make = AudioContext.prototype.createMediaStreamSource;
        AudioContext.prototype.createMediaStreamSource = function (stream) {
            sources += 1;
            return make.call(this, stream);
        };
        for (let round = 0; round < 3; round += 1) speaking.measure(media.tracks.microphone);
        AudioContext.prototype.createMediaStreamSource = () => {
            throw new DOMException("another sample rate", "NotSupportedError");
        };
        speaking.measure(media.tracks.microphone.clone());
        const { own } = speaking;
        speaking.close();
        return [sources, own];
    """)
    assert told == [1, 0]
