"""What clients may say: parsed strictly, bounded, and nothing that cannot be passed on."""

import json
from functools import partial
from typing import Any

import pytest

from gateway.room.parcels import ALL, Parcel, packed, unpacked
from gateway.room.talk.outbox import Load, Outbox
from gateway.room.talk.over import Over
from gateway.room.talk.protocol import LONGEST_CHAT, Signal, State, read, read_first
from gateway.room.talk.rates import BURST, BURST_CHARACTERS, PATIENCE, SUSTAINED, Rate

SIGNAL = {"type": "signal", "to": "a", "data": {"candidate": None}}


def test_what_is_understood() -> None:
    first = read_first('{"type":"resume","seat":"a","key":"b"}')
    assert (first.type, first.seat, first.key) == ("resume", "a", "b")  # type: ignore[union-attr]
    signal = read(json.dumps(SIGNAL))
    assert isinstance(signal, Signal) and signal.data == {"candidate": None}
    state = read('{"type":"state","state":{"hand":true}}')
    assert isinstance(state, State)
    assert state.state.model_dump(exclude_none=True) == {"hand": True}
    for text in ('{"type":"admit","seats":"all"}', '{"type":"admit","seats":["a"]}'):
        assert read(text).type == "admit"


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        "x",
        {},
        {"type": None},
        {"type": "enter", "ticket": "x"},
        {"type": "unknown"},
        {"type": "signal", "to": 5, "data": {"candidate": None}},
        {"type": "signal", "to": "x" * 65, "data": {"candidate": None}},
        {"type": "signal", "to": "a", "data": []},
        {"type": "signal", "to": "a", "data": {}},
        {"type": "state", "state": {"camera": "yes"}},
        {"type": "state", "state": {"camera": 1}},
        {"type": "state", "state": {"crown": True}},
        {"type": "chat", "text": ""},
        {"type": "chat", "text": "x" * (LONGEST_CHAT + 1)},
        {"type": "chat", "text": "\ud800"},
        {"type": "signal", "to": "a", "data": {"candidate": 2**64}},
        {"type": "signal", "to": "a", "data": {"candidate": [-(2**63) - 1]}},
        {"type": "signal", "to": "a", "data": {"candidate": 10**4000}},
        {"type": "chat", "text": "x", "from": "somebody else"},
        {"type": "admit", "seats": ["x"] * 51},
        {"type": "ping", "padding": "x" * 20_000},
        {**SIGNAL, "data": {"candidate": "x" * 70_000}},
    ],
)
def test_what_ends_the_socket(message: Any) -> None:
    with pytest.raises(Over) as caught:
        read(json.dumps(message))
    assert (caught.value.code, caught.value.close) == ("MALFORMED", 4400)
    assert 0 < len(caught.value.message) < 250


@pytest.mark.parametrize("text", ["", "{", '{"type":"ping"', '{"type":"ping","type":"ping"}'])
def test_what_is_not_json(text: str) -> None:
    with pytest.raises(Over):
        read(text)


def test_deep_and_wide_messages_end_the_socket() -> None:
    for text in ('{"a":' * 5_000, "[" * 60_000, '{"type":"ping",' + '"a":{},' * 5_000):
        with pytest.raises(Over):
            read(text)


def test_a_first_message_is_short() -> None:
    with pytest.raises(Over):
        read_first(json.dumps({"type": "enter", "ticket": "x" * 5_000}))
    with pytest.raises(Over):
        read_first('{"type":"ping"}')


def test_a_rate_allows_a_burst_and_then_so_much_a_second() -> None:
    rate = Rate(0.0)
    assert sum(rate.allows(10, 0.0) for _ in range(1_000)) == BURST
    assert sum(rate.allows(10, 1.0) for _ in range(1_000)) == SUSTAINED
    assert rate.is_exhausted
    assert rate.allows(10, 2.0) and not rate.is_exhausted


def test_a_rate_counts_characters_too() -> None:
    rate = Rate(0.0)
    assert sum(rate.allows(65_536, 0.0) for _ in range(100)) == BURST_CHARACTERS / 65_536
    assert rate.dropped == 68 < PATIENCE


async def test_an_outbox_is_bounded_for_itself_and_for_all() -> None:
    load = Load(most=5_000)
    one, other = Outbox(load, most=4_000), Outbox(load, most=4_000)
    assert one.put("x" * 3_000)
    assert not one.put("x" * 3_000)
    assert not other.put("x" * 4_000)
    assert other.put("x" * 1_500)
    assert load.bytes == one.bytes + other.bytes <= load.most
    one.clear()
    other.clear()
    assert load.bytes == 0


async def test_who_does_not_read_makes_room_for_those_who_do() -> None:
    load = Load(most=10_000)
    behind: list[str] = []
    boxes = {name: Outbox(load, fell_behind=partial(behind.append, name)) for name in "abc"}
    assert boxes["a"].put("x" * 5_000) and boxes["b"].put("x" * 3_000)
    assert boxes["c"].put("x" * 3_000), "nothing waited for it"
    assert behind == ["a"]
    assert load.bytes == boxes["b"].bytes + boxes["c"].bytes
    assert not boxes["b"].put("x" * 5_000), "it is the fullest itself"
    assert behind == ["a"] and load.boxes == {boxes["b"], boxes["c"]}
    for box in boxes.values():
        box.clear()
    assert load.bytes == 0 and not load.boxes


async def test_an_outbox_is_emptied_in_order() -> None:
    load, sent = Load(), []

    async def send(text: str) -> None:
        sent.append(text)

    box = Outbox(load)
    for text in "abc":
        assert box.put(text)
    box.close()
    await box.drain(send)
    assert sent == ["a", "b", "c"] and load.bytes == 0


def test_parcels_pass_through_the_database() -> None:
    parcel = Parcel("signal", "a", "b", '{"text":"one\\ntwo"}\n')
    assert unpacked(packed(parcel)) == parcel
    assert unpacked(packed(Parcel("look", "a", ALL, ""))) == Parcel("look", "a", ALL, "")
    assert unpacked(b"of another release altogether") is None
    assert unpacked(b"\xff\xff") is None
