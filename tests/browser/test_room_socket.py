"""The connection to the server in a bare page of a real Chromium, with a socket played by the test."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.conftest import LiveServer

from .bare import open_bare

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# A socket that opens, and seats whoever enters if `answers` is true; a clock that can be put forward.
PLAYED = """
    const { Signalling } = await import("/join/assets/room/socket.js");
    const sockets = [];
    const scene = { answers: true, late: 0 };
    const now = Date.now;
    Date.now = () => now() + scene.late;
    const ticks = [];
    window.setInterval = (tick) => ticks.push(tick);
    window.setTimeout = (act, wait) => { scene.next = act; scene.wait = wait; };
    window.WebSocket = class {
        static OPEN = 1;
        readyState = 1;
        sent = [];
        constructor() { sockets.push(this); queueMicrotask(() => this.onopen?.()); }
        send(text) {
            const message = JSON.parse(text);
            this.sent.push(message.type);
            const answer = { enter: "seated", resume: "seated", ping: "pong" }[message.type];
            if (scene.answers) queueMicrotask(() => this.onmessage?.({ data: JSON.stringify({ type: answer }) }));
        }
        close() {}
    };
    const quiet = async () => { for (let turn = 0; turn < 9; turn += 1) await null; };
    const told = [];
    const socket = new Signalling("ws://localhost/room", { type: "enter", ticket: "t" }, async () => ({ ticket: "u" }));
    for (const name of ["lost", "over"]) socket.addEventListener(name, ({ detail }) => told.push(detail?.code ?? name));
"""
Play = Callable[[str], Awaitable[Any]]


@pytest_asyncio.fixture(loop_scope="session")
async def play(page: Page, live_server: LiveServer) -> Play:
    """Runs JavaScript in a page that has a connection to a server played by itself."""
    await open_bare(page, live_server.url)

    async def run(script: str) -> Any:
        return await page.evaluate(f"async () => {{ {PLAYED} {script} }}")

    return run


async def test_a_page_that_is_woken_once_a_minute_stays_connected(play: Play) -> None:
    told = await play("""
        socket.open();
        await quiet();
        for (let minute = 0; minute < 3; minute += 1) {
            scene.late += 60_000;
            ticks.at(-1)();
            await quiet();
        }
        const before = [...told];
        scene.answers = false;
        ticks.at(-1)();
        scene.late += 13_000;
        ticks.at(-1)();
        return [before, told, sockets[0].sent];
    """)
    assert told == [[], ["lost"], ["enter", "ping", "ping", "ping", "ping"]]


async def test_whoever_never_gets_in_is_told_in_the_end(play: Play) -> None:
    told = await play("""
        scene.answers = false;
        socket.open();
        await quiet();
        for (let time = 0; time < 6; time += 1) {
            sockets.at(-1).onclose?.({ code: 1006, reason: "" });
            scene.late += 10_000;
            scene.next();
            await quiet();
        }
        return told;
    """)
    assert told == [*["lost"] * 5, "LOST"]


async def test_a_seat_that_was_had_is_never_given_up(play: Play) -> None:
    told = await play("""
        socket.open();
        await quiet();
        scene.answers = false;
        for (let time = 0; time < 6; time += 1) {
            sockets.at(-1).onclose?.({ code: 1006, reason: "" });
            scene.late += 30_000;
            scene.next();
            await quiet();
        }
        return told;
    """)
    assert told == ["lost"] * 6
