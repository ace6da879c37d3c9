"""What arrives twice, too early or too large between two people, and what more people cost."""

import pytest

from . import test_room_links
from .test_room_links import Scene

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

scene = test_room_links.scene


async def test_what_arrives_twice_at_once_is_answered_once(scene: Scene) -> None:
    told = await scene("""
        const wire = new Wire();
        wire.copies = 2;
        const [ann, ben] = wire.pair("ann", "ben");
        const before = [ann.connection, ben.connection];
        ann.put("camera", (await camera()).camera);
        await frames(ben);
        await settled(ann, ben);
        const isSame = before.every((one, place) => one === [ann, ben][place].connection);
        return [isSame, wire.sent.filter(([, what]) => what !== "candidate")];
    """)
    assert told == [True, [["ann", "offer"], ["ben", "answer"]]]


@pytest.mark.parametrize("names", ["'ann', 'ben'", "'ben', 'ann'"])
async def test_an_offer_that_comes_while_the_own_one_is_made(scene: Scene, names: str) -> None:
    places = await scene(f"""
        const wire = new Wire();
        const [early, late] = [{names}];
        const one = wire.end(early, late, true);
        one.put("camera", (await camera()).camera);
        await until(() => wire.sent.length, "an offer");
        const other = wire.end(late, early, true);
        other.hear(JSON.parse(wire.texts[0]));
        other.put("camera", (await camera()).camera);
        await Promise.all([frames(one), frames(other)]);
        return [one, other].map(({{ connection }}) => connection.getTransceivers().length);
    """)
    assert places == [3, 3]


async def test_an_offer_of_many_tracks_is_not_taken(scene: Scene) -> None:
    places = await scene("""
        const wire = new Wire();
        const ben = wire.end("ben", "ann", false);
        const modified = new RTCPeerConnection();
        for (let place = 0; place < 40; place += 1) modified.addTransceiver("video");
        await modified.setLocalDescription();
        await ben.hear({ session: 1, description: modified.localDescription.toJSON() });
        modified.close();
        return ben.connection.getTransceivers().length;
    """)
    assert places == 3


async def test_a_camera_that_records_less_is_not_scaled_down_as_well(scene: Scene) -> None:
    sent = await scene("""
        const { Circle } = await import("/join/assets/room/circle.js");
        const { Media } = await import("/join/assets/room/media.js");
        const { budgets } = await import("/join/assets/room/quality.js");
        const media = new Media({ microphone: null }, budgets(1).camera);
        await media.open();
        const circle = new Circle({
            me: { seat: "me" }, voices: { play() {}, stop() {} }, tracks: () => media.tracks,
            isReachable: () => true, send() {}, tell() {}, limit: ({ camera }) => media.limit(camera),
        }, 0);
        const seats = ["a", "b", "c", "d"];
        circle.meet(seats.map((seat) => ({ seat, name: seat, role: "participant" })), true);
        const scales = () => seats.map((seat) => (
            circle.connections.get(seat).getTransceivers()[1].sender.getParameters().encodings[0]
              .scaleResolutionDownBy));
        await until(() => media.tracks.camera.getSettings().height === 270, "a smaller picture");
        await until(() => scales().every((scale) => scale === 1), "pictures as they are recorded", 10);
        circle.close();
        media.close();
        return budgets(5).camera.height;
    """)
    assert sent == 270


async def test_a_candidate_of_nothing_harms_no_link(scene: Scene) -> None:
    is_same = await scene("""
        const wire = new Wire();
        const [ann, ben] = wire.pair("ann", "ben");
        ann.put("camera", (await camera()).camera);
        await settled(ann, ben);
        const before = [ann.connection, ben.connection];
        const last = JSON.parse(wire.texts.findLast((text) => text.includes('"candidate"')));
        const { session, peer } = JSON.parse(wire.texts.find((text) => text.includes('"answer"')));
        const candidate = { candidate: "candidate:1 1 udp 1 127.0.0.1 9 typ host", sdpMid: "no such" };
        await ann.hear({ session, peer, candidate });
        await ben.hear({ session: peer, candidate: { ...last.candidate, sdpMid: "no such" } });
        await frames(ben);
        return before[0] === ann.connection && before[1] === ben.connection;
    """)
    assert is_same


async def test_candidates_that_meet_no_browser_are_not_sent(scene: Scene) -> None:
    sent = await scene("""
        const wire = new Wire();
        const [ann, ben] = wire.pair("ann", "ben");
        await settled(ann, ben);
        const before = wire.texts.length;
        for (const tcpType of ["active", "passive", null]) {
            ann.connection.onicecandidate({ candidate: { tcpType, candidate: `of ${tcpType}` } });
        }
        return wire.texts.slice(before).map((text) => JSON.parse(text).candidate?.candidate);
    """)
    assert [each for each in sent if each.startswith("of ")] == ["of passive", "of null"]


async def test_sessions_that_keep_rising_cost_no_connection_each(scene: Scene) -> None:
    made = await scene("""
        const wire = new Wire();
        const [ann, ben] = wire.pair("ann", "ben");
        await settled(ann, ben);
        const made = new Set();
        const offer = JSON.parse(wire.texts.find((text) => text.includes('"offer"')));
        for (let round = 1; round <= 100; round += 1) {
            await ben.hear({ session: offer.session + round, description: offer.description });
            made.add(ben.connection);
        }
        return made.size;
    """)
    assert made <= 12
