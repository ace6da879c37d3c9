"""What people see and do in the room, with painted people in place of connections."""

import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from .conftest import Traffic
from .painted import ORIGIN, painted
from .test_accessibility import FOCUSED, findings

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ANNA = {"name": "Anna Keller", "role": "moderator"}
CARLA = {"name": "Carla Stein"}
MODERATOR = {"name": "Anna Keller", "role": "moderator"}
WAITING = [{"seat": "w1", "name": "Gustav Lind"}, {"seat": "w2", "name": "Hana Novák"}]


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


async def asked(page: Page, count: int) -> Any:
    """What the view asked the room for, once that is so much."""
    await page.wait_for_function("(count) => room.done.length === count", arg=count)
    return await page.evaluate("room.done")


def news(page: Page) -> Locator:
    return page.locator(".room-news")


async def test_pictures_have_names_and_the_own_one_is_a_mirror(
    page: Page, traffic: Traffic
) -> None:
    await painted(
        page, {"people": [ANNA, CARLA | {"state": {"camera": False, "microphone": False}}]}
    )
    tiles = page.get_by_role("list", name="People in the appointment").get_by_role("listitem")
    await expect(tiles).to_have_count(3)
    await expect(tiles.nth(0)).to_contain_text("Anna Keller")
    await expect(tiles.nth(1)).to_contain_text("Muted")
    await expect(tiles.nth(1).locator(".avatar")).to_have_text("CS")
    await expect(tiles.nth(1).locator("video")).to_be_hidden()
    own = tiles.nth(2)
    await expect(own).to_contain_text("You")
    await expect(own.locator("video")).to_have_css("transform", "matrix(-1, 0, 0, 1, 0, 0)")
    await expect(tiles.nth(0).locator("video")).to_have_css("transform", "none")
    await expect(tiles.nth(0).locator("video")).to_have_js_property("videoWidth", 640)
    assert traffic.errors == []
    assert traffic.foreign(ORIGIN) == []


async def test_somebody_alone_is_told_so(page: Page) -> None:
    await painted(page, {})
    await expect(page.get_by_text("Nobody else is here yet.")).to_be_visible()
    await page.evaluate("room.come({ name: 'Anna Keller' })")
    await expect(page.get_by_text("Nobody else is here yet.")).to_have_count(0)
    await expect(news(page)).to_have_text("Anna Keller has come in.")
    await expect(page.locator(".tile.own")).to_have_css("width", re.compile(r"2\d\dpx"))
    await page.evaluate("room.go([...room.people.keys()][1])")
    await expect(news(page)).to_have_text("Anna Keller has left.")
    said, alone = await news(page).bounding_box(), await page.locator(".alone").bounding_box()
    assert said and alone
    assert alone["y"] + alone["height"] <= said["y"]


async def test_names_of_the_other_direction_begin_where_the_others_do(page: Page) -> None:
    await painted(page, {"people": [ANNA, {"name": "سليم حداد"}]})
    await button(page, "People").click()
    names = page.locator(".person .who bdi")
    await expect(names).to_have_count(3)
    boxes = [await name.bounding_box() for name in await names.all()]
    assert len({round(box["x"]) for box in boxes if box}) == 1


async def test_who_admits_into_a_full_room_reads_so_above_the_list(page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await painted(page, {"me": MODERATOR, "people": [ANNA]})
    await button(page, "People").click()
    await page.evaluate("room.trouble({ code: 'FULL' })")
    await expect(news(page)).to_have_text("The room is full. Try again when somebody has left.")
    box = await news(page).bounding_box()
    assert box
    above = "([x, y]) => document.elementFromPoint(x, y).className"
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    assert "room-news" in await page.evaluate(above, middle)


async def test_buttons_say_what_they_do(page: Page) -> None:
    await painted(page, {"people": [ANNA]})
    for before, after in (
        ("Mute", "Unmute"),
        ("Stop camera", "Start camera"),
        ("Share screen", "Stop sharing"),
        ("Raise hand", "Lower hand"),
    ):
        await button(page, before).click()
        there = page.get_by_role("group", name="Controls").get_by_role("button", name=after)
        await expect(there).to_be_focused()
    state = await page.evaluate("room.me.state")
    assert [state[name] for name in ("microphone", "camera", "screen", "hand")] == [
        False, False, True, True,
    ]  # fmt: skip
    await expect(page.locator(".tile.own .flag")).to_contain_text("1")
    await expect(page.get_by_text("Everybody here sees your screen.")).to_be_visible()


async def test_what_is_switched_off_is_not_shown(page: Page) -> None:
    switches = {"chat": False, "hand": False, "screen": False}
    await painted(page, {"people": [ANNA], "switches": switches, "canShareScreen": False})
    shown = page.get_by_role("group", name="Controls").get_by_role("button")
    names = [(await one.inner_text()).strip() for one in await shown.all()]
    assert names == ["Mute", "Stop camera", "People", "Settings", "Leave"]
    for key in "cshx":
        await page.keyboard.press(key)
    await expect(page.locator(".room-side")).to_be_hidden()
    assert not await page.evaluate("room.me.state.hand || room.me.state.screen")


async def test_the_keys_work_but_not_while_somebody_writes(page: Page) -> None:
    await painted(page, {"people": [ANNA]})
    await page.keyboard.press("m")
    await expect(button(page, "Unmute")).to_be_visible()
    await page.keyboard.press("c")
    writing = page.get_by_role("textbox", name="Write a message")
    await expect(writing).to_be_focused()
    await page.keyboard.type("much more")
    await expect(writing).to_have_value("much more")
    await expect(button(page, "Unmute")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator(".room-side")).to_be_hidden()
    # The focus goes back to where it came from.
    await expect(button(page, "Chat")).to_be_focused()
    await page.keyboard.press("Control+m")
    await expect(button(page, "Unmute")).to_be_visible()
    # The key of the same place on a Russian keyboard.
    await page.evaluate(
        "document.dispatchEvent(new KeyboardEvent('keydown', { key: 'ь', code: 'KeyM' }))"
    )
    await expect(button(page, "Mute")).to_be_visible()
    await button(page, "Settings").click()
    await page.get_by_role("checkbox", name="Single keys work in the room").uncheck()
    await button(page, "Close").click()
    await page.keyboard.press("m")
    await expect(button(page, "Mute")).to_be_visible()


async def test_the_chat(page: Page) -> None:
    await painted(page, {"people": [ANNA]})
    say = "([text, who]) => room.say([...room.people.values()][who], text)"
    await page.evaluate(say, ["See https://example.org/fees.", 1])
    chat = button(page, "Chat, 1 new message")
    await expect(chat).to_be_visible()
    await expect(news(page)).to_have_text("New message from Anna Keller")
    await chat.click()
    await expect(button(page, "Chat")).to_be_visible()
    await expect(page.get_by_text("Nothing is kept")).to_be_visible()
    log = page.get_by_role("log", name="Messages")
    await expect(
        log.get_by_role("link", name="https://example.org/fees", exact=True)
    ).to_have_attribute("href", "https://example.org/fees")
    await page.keyboard.type("Thank you, <b>Anna</b>")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("Ben")
    await page.keyboard.press("Enter")
    await expect(log.locator(".message.own p")).to_have_text("Thank you, <b>Anna</b>\nBen")
    await expect(page.get_by_role("textbox")).to_have_value("")
    await page.keyboard.press("Enter")
    await expect(log.locator(".message")).to_have_count(2)


async def test_what_cannot_be_sent_stays_to_be_sent_later(page: Page) -> None:
    await painted(page, {"people": [ANNA]})
    await button(page, "Chat").click()
    await page.evaluate("room.tell('phase', { phase: 'reconnecting' })")
    await page.keyboard.type("Are you there?")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("textbox")).to_have_value("Are you there?")
    await page.evaluate("room.tell('phase', { phase: 'in' })")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message.own p")).to_have_text("Are you there?")
    await expect(page.get_by_role("textbox")).to_have_value("")


async def test_moderators_let_people_in(page: Page) -> None:
    await painted(page, {"me": MODERATOR, "people": [CARLA], "waiting": WAITING})
    await page.get_by_role("button", name="People, 2 people are waiting").click()
    await expect(
        page.get_by_role("heading", name="2 people are waiting to be let in")
    ).to_be_visible()
    await button(page, "Let in Gustav Lind").click()
    await page.evaluate("room.tell('waiting', { waiting: room.waiting.slice(1) })")
    # The pressed button has gone: the focus is at the next one.
    await expect(button(page, "Let in Hana Novák")).to_be_focused()
    await button(page, "Let everybody in").click()
    await page.evaluate("room.tell('waiting', { waiting: [] })")
    await expect(page.get_by_role("heading", name="waiting to be let in")).to_have_count(0)
    assert await asked(page, 2) == [["admit", ["w1"]], ["admit", "all"]]
    await page.keyboard.press("Escape")
    await page.evaluate("room.tell('waiting', { waiting: [{ seat: 'w3', name: 'Ivo Marek' }] })")
    notice = page.locator("[aria-live=polite] .notice")
    await expect(notice).to_contain_text("Ivo Marek is waiting to be let in.")
    await notice.get_by_role("button", name="Let in").click()
    assert (await asked(page, 3))[-1] == ["admit", ["w3"]]


async def test_moderators_mute_and_remove(page: Page) -> None:
    await painted(page, {"me": MODERATOR, "people": [CARLA]})
    await button(page, "People").click()
    await button(page, "Mute Carla Stein").click()
    await button(page, "Mute everybody").click()
    await button(page, "Remove Carla Stein").click()
    dialog = page.get_by_role("dialog", name="Remove Carla Stein?")
    await expect(dialog).to_contain_text("their link stops working")
    await expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    seat = await page.evaluate("[...room.people.keys()][1]")
    assert await asked(page, 2) == [["mute", seat], ["mute", "all"]]
    await button(page, "Remove Carla Stein").click()
    await dialog.get_by_role("button", name="Remove").click()
    assert (await asked(page, 3))[-1] == ["remove", seat]
    await button(page, "Leave").click()
    await page.get_by_role("dialog").get_by_role("button", name="End for everybody").click()
    assert (await asked(page, 4))[-1] == ["end"]


async def test_participants_have_no_such_buttons(page: Page) -> None:
    await painted(page, {"people": [ANNA, CARLA]})
    await button(page, "People").click()
    panel = page.get_by_role("complementary", name="People")
    await expect(panel.get_by_role("listitem")).to_have_count(3)
    await expect(panel).to_contain_text("Moderator")
    assert [
        await one.get_attribute("aria-label") for one in await panel.get_by_role("button").all()
    ] == ["Close"]


async def test_devices_are_chosen_while_in(page: Page) -> None:
    await painted(page, {"people": [ANNA]})
    await button(page, "Settings").click()
    await expect(page.get_by_role("combobox", name="Camera")).to_be_focused()
    await page.get_by_role("combobox", name="Camera").select_option("Logitech BRIO")
    await page.get_by_role("combobox", name="Loudspeaker").select_option("Headset")
    await button(page, "Turn the camera around").click()
    assert await asked(page, 3) == [["chooseCamera", "c2"], ["chooseSpeaker", "s1"], ["flipCamera"]]


async def test_pictures_stay_while_the_connection_comes_back(page: Page) -> None:
    await painted(page, {"people": [ANNA]})
    await page.evaluate("room.tell('phase', { phase: 'reconnecting' })")
    await expect(page.get_by_text("The connection is interrupted.")).to_be_visible()
    await expect(page.locator(".tile video").first).to_be_visible()
    await page.evaluate(
        "[...room.people.values()][1].isAbsent = true; room.tell('phase', { phase: 'in' })"
    )
    await expect(page.get_by_text("The connection is interrupted.")).to_have_count(0)
    await expect(page.locator(".tile").first).to_contain_text("Reconnecting …")
    await expect(page.locator(".tile video").first).to_be_visible()


async def test_waiting_to_be_let_in(page: Page) -> None:
    await painted(page, {"phase": "waiting"})
    await expect(page.get_by_role("heading", name="Please wait here")).to_be_visible()
    await expect(page.locator(".tile video")).to_be_visible()
    await expect(button(page, "Chat")).to_be_hidden()
    await page.evaluate("room.tell('phase', { phase: 'in' })")
    await expect(page.get_by_role("heading", name="Please wait here")).to_be_hidden()
    await expect(button(page, "Chat")).to_be_visible()


async def test_a_blocked_sound_is_turned_on(page: Page) -> None:
    await painted(page, {"people": [ANNA], "isSoundBlocked": True})
    await button(page, "Turn the sound on").click()
    await expect(button(page, "Turn the sound on")).to_have_count(0)
    focused: Any = await page.evaluate(FOCUSED)
    assert not focused["isBody"]


async def test_what_troubles_is_said_and_can_be_put_away(page: Page) -> None:
    await painted(page, {"people": [ANNA], "problem": {"code": "NO_CAMERA"}})
    await expect(page.get_by_text("No camera was found.")).to_be_visible()
    await button(page, "OK").click()
    await expect(page.get_by_text("No camera was found.")).to_have_count(0)
    await page.evaluate("room.trouble({ code: 'MUTED', by: { name: 'Anna Keller' } })")
    await expect(news(page)).to_have_text("Anna Keller switched off your microphone.")


async def test_the_end_is_announced(page: Page) -> None:
    await painted(page, {"people": [ANNA]})
    left = page.locator(".room-left")
    await expect(left).to_have_text("")
    await page.evaluate("room.tell('room', { closesAt: Date.now() + 4.5 * 60e3 })")
    await expect(left).to_have_text("5 minutes left")
    await expect(news(page)).to_have_text("The room closes in 5 minutes.")
    await page.evaluate("room.tell('room', { closesAt: Date.now() + 30e3 })")
    await expect(left).to_have_text("1 minute left")


@pytest.mark.parametrize(
    ("code", "headline", "again"),
    [
        ("ENDED", "The appointment has ended", None),
        ("CANCELLED", "The appointment was cancelled", None),
        ("REMOVED", "You are no longer in this appointment", None),
        ("FULL", "The room is full", "Try again"),
        ("TOO_MANY_DEVICES", "You are already here on three devices", "Try again"),
        ("GONE", "You were away too long", "Go back in"),
        ("LEFT", "You have left", "Go back in"),
        ("NOT_OPEN", "The appointment is not open", "Go back"),
        ("TAKEN_OVER", "You are in the appointment somewhere else", "Use this window instead"),
        ("MALFORMED", "Something went wrong", "Try again"),
    ],
)
async def test_why_it_is_over(page: Page, code: str, headline: str, again: str | None) -> None:
    await painted(page, {"people": [ANNA]})
    await page.evaluate("history.replaceState(null, '', '?joined=1&lang=de&relay=')")
    await page.evaluate("(code) => room.finish(code)", code)
    await expect(page.get_by_role("heading", name=headline)).to_be_focused()
    await expect(page).to_have_title(f"{headline} · Passport renewal")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Passport renewal")
    await expect(page.locator("main .host")).to_have_text("Consulate General")
    await expect(page.locator(".over p")).not_to_be_empty()
    await expect(page.locator("main > div > .contact")).to_be_visible()
    if again:
        await button(page, again).click()
        await expect(page.locator("#visit")).to_have_count(1)
        # The page of the link, in the language and by the relays that were chosen, which goes in by
        # itself.
        joins = "" if code == "NOT_OPEN" else "&joined=1"
        assert page.url.endswith(f"/join/some.link?lang=de&relay={joins}")
    else:
        await expect(page.get_by_role("button")).to_have_count(0)


async def test_a_browser_without_video_calls_is_told(page: Page) -> None:
    await page.add_init_script("delete window.RTCPeerConnection")
    await painted(page, {})
    await expect(
        page.get_by_role("heading", name="This browser cannot show the appointment")
    ).to_be_focused()


async def test_every_step_of_the_keyboard_is_seen(page: Page) -> None:
    await painted(page, {"me": MODERATOR, "people": [CARLA], "waiting": WAITING})
    await page.keyboard.press("p")
    names = []
    for _ in range(25):
        await page.keyboard.press("Tab")
        focused: Any = await page.evaluate(FOCUSED)
        if focused["isBody"]:
            continue  # between the end of the page and its beginning
        assert focused["isSeen"], focused["name"]
        names.append(await page.evaluate("document.activeElement.innerText.trim()"))
    for name in ("Mute", "Leave", "Let in", "Remove", "Mute everybody"):
        assert name in names


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing(page: Page, scheme: Any) -> None:
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    people = [ANNA | {"isAbsent": True}, CARLA | {"state": {"camera": False, "hand": True}}]
    scene = {"me": MODERATOR, "people": people, "waiting": WAITING, "isSoundBlocked": True}
    await painted(page, scene | {"problem": {"code": "NO_CAMERA"}})
    for name in ("chat", "people", "settings"):
        await page.locator(f"[data-name={name}]").click()
        if name == "chat":
            await page.keyboard.type("https://example.org\n")
        found = await findings(page)
        assert not found, (name, found)
    await page.keyboard.press("Escape")
    await button(page, "Leave").click()
    assert not await findings(page)
    await page.keyboard.press("Escape")
    await page.evaluate("room.finish('FULL')")
    assert not await findings(page)
