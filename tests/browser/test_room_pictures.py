"""Pictures of the room in its states, at the sizes of a phone and of a desk, light and dark; and
that nothing is cut off, in any size, with longer words, and from right to left."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page, expect

from gateway.join.routes import ASSETS

from .conftest import keep_screenshot
from .painted import painted

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

Act = Callable[[Page], Awaitable[None]]
SIZES = {
    "phone": {"width": 390, "height": 844},
    "phone-flat": {"width": 844, "height": 390},
    "tablet": {"width": 820, "height": 1180},
    "desk": {"width": 1440, "height": 900},
    "zoomed": {"width": 640, "height": 400},
    "narrow": {"width": 320, "height": 568},
}
ANNA = {"name": "Anna Keller", "role": "moderator"}
CARLA = {"name": "Carla Stein", "state": {"camera": False}}
DEEPA = {"name": "Deepa Raghunathan-Krishnamurthy", "isSpeaking": True}
ELIF = {"name": "Elif Öztürk", "state": {"microphone": False, "hand": True, "hand_at": "2"}}
FARID = {"name": "فرید احمدی", "state": {"hand": True, "hand_at": "1"}}
SHARING = ANNA | {"state": {"screen": True}}


async def nothing(_: Page) -> None:
    pass


async def talk(page: Page) -> None:
    await page.get_by_role("button", name="Chat").click()
    await page.evaluate("""() => {
      const [me, anna] = [...room.people.values()];
      const at = "2026-11-22T10:00:00Z";
      room.say(anna, "Good morning! Do you have the form at hand?", at);
      room.say(me, "Yes, I filled it in yesterday.", at);
      room.say(anna, "Wonderful. The fee is explained here: https://example.org/fees. You can pay when you collect the passport.", at);
    }""")


def opening(name: str) -> Act:
    async def act(page: Page) -> None:
        await page.get_by_role("button", name=name).first.click()

    return act


async def leave(page: Page) -> None:
    await page.get_by_role("button", name="Leave", exact=True).click()


def over(code: str) -> Act:
    async def act(page: Page) -> None:
        await page.evaluate("(code) => room.finish(code)", code)

    return act


MODERATOR = {"name": "Anna Keller", "role": "moderator"}
WAITING = [{"seat": "w1", "name": "Gustav Lind"}, {"seat": "w2", "name": "Hana Novák"}]
SCENES: dict[str, tuple[dict[str, Any], Act]] = {
    "alone": ({}, nothing),
    "two": ({"people": [ANNA]}, nothing),
    "two-upright": ({"me": {"isUpright": True}, "people": [ANNA | {"isUpright": True}]}, nothing),
    "two-off": (
        {"me": {"state": {"camera": False, "microphone": False}}, "people": [CARLA]},
        nothing,
    ),
    "three": ({"people": [ANNA, CARLA]}, nothing),
    "four": ({"people": [ANNA, CARLA, DEEPA]}, nothing),
    "five": ({"people": [ANNA, CARLA, DEEPA, ELIF]}, nothing),
    "six": ({"people": [ANNA, CARLA, DEEPA, ELIF, FARID]}, nothing),
    "screen": ({"people": [SHARING, CARLA, DEEPA]}, nothing),
    "screen-two": ({"people": [SHARING]}, nothing),
    "own-screen": ({"me": {"state": {"screen": True}}, "people": [ANNA]}, nothing),
    "absent": ({"people": [ANNA | {"isAbsent": True}, CARLA]}, nothing),
    "chat": ({"people": [ANNA, CARLA]}, talk),
    "people": ({"people": [ANNA, CARLA, ELIF]}, opening("People")),
    "knock": ({"me": MODERATOR, "people": [CARLA], "waiting": WAITING[:1]}, nothing),
    "waiting-list": (
        {"me": MODERATOR, "people": [CARLA, ELIF], "waiting": WAITING},
        opening("People"),
    ),
    "settings": ({"people": [ANNA]}, opening("Settings")),
    "leave": ({"me": MODERATOR, "people": [CARLA]}, leave),
    "entering": ({"phase": "entering"}, nothing),
    "waiting": ({"phase": "waiting"}, nothing),
    "reconnecting": ({"phase": "reconnecting", "people": [ANNA]}, nothing),
    "blocked": (
        {
            "problem": {"code": "BLOCKED"},
            "me": {"state": {"camera": False, "microphone": False}},
            "people": [ANNA],
            "isSoundBlocked": True,
        },
        nothing,
    ),
    **{
        f"over-{code.lower()}": ({}, over(code))
        for code in ("ENDED", "FULL", "REMOVED", "GONE", "LEFT", "TAKEN_OVER")
    },
}

KEPT = [
    "alone",
    "two",
    "two-upright",
    "four",
    "six",
    "screen",
    "chat",
    "waiting-list",
    "knock",
    "settings",
    "leave",
    "waiting",
    "reconnecting",
    "blocked",
    "absent",
    "over-ended",
    "over-full",
]
# Whether the page is wider than the screen, and which buttons and names stand outside of it, cover
# each other, or have words that are cut off.
FAULTS = """() => {
  const faults = [];
  const { clientWidth: width, clientHeight: height } = document.documentElement;
  if (document.documentElement.scrollWidth > width) faults.push("the page is too wide");
  const boxes = [...document.querySelectorAll(".room-controls button:not([hidden])")]
    .filter((button) => button.checkVisibility())
    .map((button) => [button, button.getBoundingClientRect()]);
  for (const [button, box] of boxes) {
    const name = button.dataset.name;
    if (box.left < 0 || box.top < 0 || box.right > width || box.bottom > height) faults.push(`${name} is outside`);
    if (box.width < 24 || box.height < 24) faults.push(`${name} is too small`);
    if (button.scrollWidth > Math.ceil(box.width)) faults.push(`${name} is cut off`);
    for (const [other, place] of boxes) {
      const apart = place.left >= box.right - 0.5 || box.left >= place.right - 0.5
        || place.top >= box.bottom - 0.5 || box.top >= place.bottom - 0.5;
      if (other !== button && !apart) faults.push(`${name} lies on ${other.dataset.name}`);
    }
  }
  const stage = document.querySelector(".room-stage").getBoundingClientRect();
  for (const tile of document.querySelectorAll(".tile")) {
    const box = tile.getBoundingClientRect();
    const isIn = box.left >= stage.left - 1 && box.right <= stage.right + 1
      && box.top >= stage.top - 1 && box.bottom <= stage.bottom + 1;
    if (!isIn || box.width < 40 || box.height < 30) faults.push(`a tile stands at ${JSON.stringify(box)}`);
  }
  return faults;
}"""


@pytest.mark.parametrize("name", KEPT)
async def test_pictures_are_kept(page: Page, name: str) -> None:
    scene, act = SCENES[name]
    await page.emulate_media(reduced_motion="reduce")
    await painted(page, scene)
    await act(page)
    for size in ("phone", "desk"):
        await page.set_viewport_size(SIZES[size])
        await page.wait_for_timeout(150)  # for what observes the size, and a picture of the camera
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            await keep_screenshot(page, f"room-{name}-{size}-{scheme}")


def long_words() -> dict[str, Any]:
    """The texts of the room, 40 percent longer, as some languages need."""
    sources = "".join(path.read_text() for path in (ASSETS / "room").rglob("*.js"))
    texts = set(re.findall(r'\bt\(\s*"([^"]+)"', sources))
    assert "Share screen" in texts
    return {
        text: f"{text} {'lengthening '[: max(2, len(text) * 2 // 5)]}".strip() for text in texts
    }


@pytest.mark.parametrize("lang", ["long", "de", "ar", "zh-Hans"])
async def test_nothing_is_cut_off(page: Page, lang: str) -> None:
    people = [ANNA, CARLA, DEEPA, ELIF, FARID]
    await page.emulate_media(reduced_motion="reduce")
    catalog = {"texts": long_words(), "plurals": {}} if lang == "long" else None
    await painted(page, {"people": people}, "en" if catalog else lang, catalog)
    shares = page.locator("[data-name=screen] .text")
    await expect(shares).to_have_text(re.compile(r"^Share screen leng" if catalog else "."))
    for name, size in SIZES.items():
        for count in range(1, 7):
            await page.evaluate(
                """(count) => {
                  window.all ??= [...room.people];
                  room.people = new Map(window.all.slice(0, count));
                  room.tell("people");
                }""",
                count,
            )
            await page.set_viewport_size(SIZES[name])
            await page.wait_for_timeout(60)
            found = await page.evaluate(FAULTS)
            assert not found, (name, size, count, found)
        await keep_screenshot(page, f"room-{lang}-{name}")


async def test_the_right_to_left_room_is_mirrored(page: Page) -> None:
    await painted(page, {"people": [ANNA, CARLA, DEEPA]}, "ar")
    first = page.locator(".tile").first
    await expect(first).to_contain_text("Anna Keller")
    box = await first.bounding_box()
    assert box
    assert box["x"] > 700
    leave = await page.locator("[data-name=leave]").bounding_box()
    mute = await page.locator("[data-name=microphone]").bounding_box()
    assert leave
    assert mute
    assert leave["x"] < mute["x"]
    await page.locator("[data-name=chat]").click()
    panel = await page.locator(".room-side").bounding_box()
    assert panel
    assert panel["x"] < 100


async def test_somebody_at_400_percent_reaches_everything(page: Page) -> None:
    await page.set_viewport_size({"width": 320, "height": 256})
    await painted(page, {"people": [ANNA]})
    assert not await page.evaluate(FAULTS)
    await page.locator("[data-name=chat]").click()
    await expect(page.get_by_role("textbox")).to_be_in_viewport()
    await page.keyboard.press("Escape")
    await page.locator("[data-name=settings]").click()
    box = page.get_by_role("checkbox")
    await box.focus()
    await expect(box).to_be_in_viewport()


async def test_forced_colours_keep_every_state(page: Page) -> None:
    await page.emulate_media(forced_colors="active")
    await painted(page, {"people": [DEEPA, ELIF], "me": {"state": {"microphone": False}}})
    speaking = page.locator(".tile.speaking")
    await expect(speaking).to_have_css("outline-style", "solid")
    await expect(speaking.locator(".voice")).to_be_visible()
    await expect(page.locator("[data-name=microphone] .microphone-off")).to_be_visible()
    await keep_screenshot(page, "room-forced-colors")
