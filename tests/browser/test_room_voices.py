"""The voices of the others in the room, which systems may pause, in a bare page of a real Chromium."""

from typing import Any

import pytest
from playwright.async_api import Page

from tests.conftest import LiveServer

from .bare import open_bare

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# A voice that plays, and how often it was asked to.
PLAYING = """
    const { Voices } = await import("/join/assets/room/voices.js");
    const players = [];
    const play = Audio.prototype.play ?? HTMLMediaElement.prototype.play;
    let asked = 0;
    HTMLMediaElement.prototype.play = function () {
        if (!players.includes(this)) players.push(this);
        asked += 1;
        return play.call(this);
    };
    const until = async (holds) => {
        for (let waited = 0; waited < 30_000 && !holds(); waited += 50) await rest(50);
        return holds();
    };
    const rest = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
    const voices = new Voices(() => {});
    const [track] = (await navigator.mediaDevices.getUserMedia({ audio: true })).getTracks();
    voices.play("seat", track);
    const [player] = players;
    await until(() => !player.paused && player.currentTime > 0);
"""


async def played(page: Page, server: LiveServer, script: str) -> Any:
    """Runs JavaScript in a page that plays a voice as the room does."""
    await open_bare(page, server.url)
    return await page.evaluate(f"async () => {{ {PLAYING} {script} }}")


async def test_a_voice_that_the_system_paused_plays_again(
    page: Page, live_server: LiveServer
) -> None:
    script = "player.pause(); return until(() => !player.paused && asked === 2);"
    assert await played(page, live_server, script)


async def test_a_system_that_pauses_again_and_again_has_its_way_until_somebody_is_back(
    page: Page, live_server: LiveServer
) -> None:
    script = """
        player.addEventListener("playing", () => setTimeout(() => player.pause()));
        player.pause();
        await until(() => asked === 4);
        await rest(2500);
        const before = [asked, player.paused];
        dispatchEvent(new Event("focus"));
        await until(() => asked > 4);
        return [before, asked > 4];
    """
    assert await played(page, live_server, script) == [[4, True], True]


async def test_nobody_who_left_is_heard_again(page: Page, live_server: LiveServer) -> None:
    script = """
        voices.stop("seat");
        await rest(1500);
        dispatchEvent(new Event("focus"));
        const other = asked;
        voices.play("other", track);
        await until(() => players.length === 2 && !players[1].paused);
        voices.close();
        players[1].pause();
        dispatchEvent(new Event("focus"));
        await rest(1500);
        return [other, asked, players[1].paused];
    """
    assert await played(page, live_server, script) == [1, 2, True]
