"""Links between people in the room, two or more of them in one page of a real Chromium."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route

from tests.conftest import LiveServer

from .bare import open_bare

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TOOLS = Path(__file__).with_name("links.js").read_text()
Scene = Callable[[str], Awaitable[Any]]


@pytest_asyncio.fixture(loop_scope="session")
async def scene(page: Page, live_server: LiveServer) -> Scene:
    """Runs JavaScript in a bare page that has the tools of links.js and the modules of the room."""

    async def tools(route: Route) -> None:
        await route.fulfill(content_type="text/javascript", body=TOOLS)

    await page.route("**/links.js", tools)
    await open_bare(page, live_server.url)

    async def play(script: str) -> Any:
        names = "Wire, until, pause, camera, screen, received, frames, settled"
        return await page.evaluate(
            f"async () => {{ const {{ {names} }} = await import('/links.js'); {script} }}"
        )

    return play


async def test_the_newcomer_offers_once_and_both_see_each_other(scene: Scene) -> None:
    sent = await scene("""
        const wire = new Wire();
        const [ann, ben] = wire.pair("ann", "ben");
        const [one, two] = [await camera(), await camera()];
        for (const kind of ["camera", "microphone"]) {
            ann.put(kind, one[kind]);
            ben.put(kind, two[kind]);
        }
        await Promise.all([frames(ann), frames(ben)]);
        await until(async () => (await received(ben, "microphone")).packetsReceived > 5, "sound");
        await ben.put("camera", null);
        await ben.put("camera", (await camera()).camera);
        await frames(ann);
        return wire.sent.filter(([, what]) => what !== "candidate");
    """)
    assert sent == [["ann", "offer"], ["ben", "answer"]]


async def test_a_screen_is_beside_the_camera(scene: Scene) -> None:
    sizes = await scene("""
        const wire = new Wire();
        const [ann, ben] = wire.pair("ann", "ben");
        ann.put("camera", (await camera()).camera);
        await frames(ben);
        ann.put("screen", screen());
        await Promise.all([frames(ben, "screen"), frames(ben, "camera")]);
        const { frameHeight } = await received(ben, "screen");
        ann.put("screen", null);
        await frames(ben, "camera");
        return [frameHeight, (await received(ben, "camera")).frameHeight];
    """)
    assert sizes == [200, 240]


async def test_offers_of_both_at_once_settle(scene: Scene) -> None:
    sent = await scene("""
        const wire = new Wire(100);
        const [ann, ben] = wire.pair("ann", "ben");
        ann.put("camera", (await camera()).camera);
        ben.put("camera", (await camera()).camera);
        await Promise.all([frames(ann), frames(ben)]);
        wire.sent.length = 0;
        // New routes and other tracks from both sides, five times over.
        for (let round = 0; round < 5; round += 1) {
            for (const link of [ann, ben]) {
                link.connection.restartIce();
                link.put("camera", round % 2 ? (await camera()).camera : screen());
                link.put("screen", round % 2 ? screen("green") : null);
            }
            await pause(round * 40);
        }
        await settled(ann, ben);
        await Promise.all([frames(ann, "camera", 3), frames(ben, "camera", 3)]);
        const places = [ann, ben].map(({ connection }) => connection.getTransceivers().length);
        return [wire.sent.filter(([, what]) => what === "offer").map(([who]) => who), places];
    """)
    assert {"ann", "ben"} <= set(sent[0])
    assert sent[1] == [3, 3]


async def test_first_offers_of_both_at_once_make_one_link(scene: Scene) -> None:
    places = await scene("""
        const wire = new Wire(100);
        const [ann, ben] = [wire.end("ann", "ben", true), wire.end("ben", "ann", true)];
        ann.put("camera", (await camera()).camera);
        ben.put("camera", (await camera()).camera);
        await Promise.all([frames(ann), frames(ben)]);
        return [ann, ben].map(({ connection }) => connection.getTransceivers().length);
    """)
    assert places == [3, 3]


async def test_an_offer_that_gives_way_is_rolled_back(scene: Scene) -> None:
    offers = await scene("""
        const wire = new Wire(100);
        const [ann, ben] = wire.pair("ann", "ben");  // ann is the polite one
        ben.put("camera", (await camera()).camera);
        await frames(ann);
        const states = [];
        ann.connection.onsignalingstatechange = () => states.push(ann.connection.signalingState);
        ann.connection.restartIce();
        ben.connection.restartIce();
        await until(() => states.includes("have-remote-offer"), "the other's offer");
        await settled(ann, ben);
        await frames(ann, "camera", 3);
        return states;
    """)
    assert offers[0] == "have-local-offer"
    assert "have-remote-offer" in offers


async def test_a_page_that_was_loaded_again_takes_over_its_link(scene: Scene) -> None:
    await scene("""
        const wire = new Wire();
        let [ann, ben] = wire.pair("ann", "ben");
        const pictures = (await camera()).camera;
        ann.put("camera", pictures);
        ben.put("camera", (await camera()).camera);
        await Promise.all([frames(ann), frames(ben)]);
        for (let round = 0; round < 3; round += 1) {
            ann.close();
            ann = wire.end("ann", "ben", true);
            ann.put("camera", pictures);
            ben.check();
            await Promise.all([frames(ann, "camera", 10), frames(ben, "camera", 10)]);
        }
    """)


async def test_what_was_lost_on_the_way_is_sent_again(scene: Scene) -> None:
    await scene("""
        const wire = new Wire();
        wire.isCut = true;
        const [ann, ben] = wire.pair("ann", "ben");
        ann.put("camera", (await camera()).camera);
        await until(() => wire.sent.some(([, what]) => what === "offer"), "an offer");
        await pause(200);
        wire.isCut = false;
        ann.check();
        ben.check();
        await frames(ben, "camera", 10);
    """)


async def test_a_link_that_heard_nothing_is_made_anew(scene: Scene) -> None:
    await scene("""
        const wire = new Wire();
        wire.isCut = true;
        const [ann, ben] = wire.pair("ann", "ben");
        ben.put("camera", (await camera()).camera);
        await pause(300);
        wire.isCut = false;  // and nobody is told of it
        await frames(ann, "camera", 25);
    """)


async def test_a_connection_that_died_gets_new_routes(scene: Scene) -> None:
    restarted = await scene("""
        const wire = new Wire();
        const [ann, ben] = wire.pair("ann", "ben");
        ann.put("camera", (await camera()).camera);
        await frames(ben);
        const before = ben.connection.remoteDescription.sdp.match(/ice-ufrag:(\\S+)/)[1];
        Object.defineProperty(ann.connection, "connectionState", { value: "failed", configurable: true });
        ann.connection.onconnectionstatechange();
        const current = () => ben.connection.remoteDescription.sdp.match(/ice-ufrag:(\\S+)/)[1];
        await until(() => current() !== before, "an offer with new routes", 10);
        delete ann.connection.connectionState;
        await settled(ann, ben);
        await frames(ben, "camera", 3);
        return wire.sent.filter(([, what]) => what === "offer").length;
    """)
    assert restarted == 2


async def test_a_closed_link_shows_nothing_more(scene: Scene) -> None:
    states = await scene("""
        const wire = new Wire();
        const [ann, ben] = wire.pair("ann", "ben");
        ann.put("camera", (await camera()).camera);
        await frames(ben);
        const { track } = ben.receiver("camera");
        ben.close();
        const began = performance.now();
        await until(() => track.readyState === "ended", "the end of the track", 2);
        return track.readyState;
    """)
    assert states == "ended"


async def test_more_people_get_smaller_pictures_and_fewer_get_them_back(scene: Scene) -> None:
    seen = await scene("""
        const { budgets } = await import("/join/assets/room/quality.js");
        const { Media } = await import("/join/assets/room/media.js");
        const media = new Media({ microphone: null }, budgets(2).camera);
        const wire = new Wire();
        const [ann, ben] = wire.pair("ann", "ben");
        media.addEventListener("track", ({ detail: { kind, track } }) => ann.put(kind, track));
        await media.open();
        const seen = [];
        // A busy machine may send less, so only more is a failure, and what is asked of the camera.
        for (const people of [2, 4, 6, 3]) {
            const budget = budgets(people).camera;
            await media.limit(budget);
            await ann.budget("camera", budget);
            const isWithin = async () => (await received(ben, "camera")).frameHeight <= budget.height;
            await until(isWithin, `pictures for ${people}`);
            const [encoding] = ann.connection.getTransceivers()[1].sender.getParameters().encodings;
            seen.push([media.tracks.camera.getSettings().height, encoding.maxBitrate]);
        }
        media.close();
        return seen;
    """)
    heights, bitrates = zip(*seen, strict=True)
    assert heights == (720, 360, 270, 720)
    assert bitrates[3] > bitrates[1] > bitrates[2]


async def test_a_connection_is_judged_by_what_its_servers_say(scene: Scene) -> None:
    found = await scene("""
        const { checkConnection } = await import("/join/assets/connection.js");
        // Port 9 of this machine: nobody is there.
        const nobody = "127.0.0.1:9";
        const relay = { urls: [`turn:${nobody}?transport=tcp`], username: "u", credential: "c" };
        return Promise.all([checkConnection([]), checkConnection([{ urls: `stun:${nobody}` }, relay])]);
    """)
    unknown = {"direct": None, "relayNeeded": None, "relayWorks": None}
    assert found == [unknown, {"direct": False, "relayNeeded": True, "relayWorks": False}]
