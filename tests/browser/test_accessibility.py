"""axe-core on our pages, light and dark, and the focus that somebody at a keyboard sees."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal

import pytest
from playwright.async_api import Page, expect

from tests import node
from tests.conftest import LiveServer

from .test_explorer import LANDMARKS

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

AXE = node.NPM / "node_modules" / "axe-core" / "axe.min.js"
# What GraphiQL itself brings: the rule, and a class of the element.
EXCEPTED = {
    ("nested-interactive", "graphiql-tab"),  # the button that closes a tab stands in the tab
    ("color-contrast", "mtk8"),  # comments in the dark theme of its editor: 3.6 to 1
}
AUDIT = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ['violations'] });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, target }) => [id, String(target), html.slice(0, 200)]));
}"""
FOCUSED = """() => {
  const { activeElement: element } = document;
  const { outlineStyle: style, outlineWidth: width } = getComputedStyle(element);
  const isOurs = !element.closest('#explorer');
  return { name: element.outerHTML.slice(0, 120), isOurs, isBody: element === document.body,
           isSeen: style !== 'none' && parseFloat(width) >= 1 };
}"""
# Enough for every control of ours to have had its turn.
STEPS = 40

Scheme = Literal["light", "dark"]


async def findings(page: Page) -> list[list[str]]:
    """What axe finds: the rule, the selector of the element, and how the element begins."""
    node.installed()
    # Evaluated, not added as an element: the policy of the page lets no script in.
    await page.evaluate(AXE.read_text())
    found: Any = await page.evaluate(AUDIT)
    return [[rule, where, html] for rule, where, html in found if not is_excepted(rule, html)]


def is_excepted(rule: str, html: str) -> bool:
    return any(rule == excepted and name in html.split(">")[0] for excepted, name in EXCEPTED)


async def open_page(page: Page, server: LiveServer, name: str, scheme: Scheme = "light") -> None:
    path, landmark = LANDMARKS[name]
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await page.goto(f"{server.url}{path}#token={server.token}")
    await expect(page.locator(landmark).first).to_be_visible()
    if name != "start":
        await expect(page.locator(".bar-caller")).to_have_attribute("data-state", "known")


async def unfold_operations(page: Page) -> None:
    for name in ("appointments_list", "appointments_create"):
        operation = page.locator(f"#operations-Appointments-{name}")
        await operation.locator(".opblock-summary-control").click()
        await expect(operation.get_by_role("button", name="Execute")).to_be_visible()


async def open_dialog(page: Page) -> None:
    await page.locator(".btn.authorize").click()
    await expect(page.locator(".modal-ux")).to_be_visible()


async def open_examples(page: Page) -> None:
    await page.get_by_role("button", name="Examples").click()
    await expect(page.locator("#examples")).to_be_visible()


async def ask_for_a_token(page: Page) -> None:
    await page.get_by_label("Token").fill("not-a-token")
    await page.keyboard.press("Enter")
    await expect(page.locator(".bar-caller")).to_have_attribute("data-state", "refused")


async def leave_as_it_is(_: Page) -> None:
    pass


STATES: list[tuple[str, Callable[[Page], Awaitable[None]]]] = [
    *((name, leave_as_it_is) for name in LANDMARKS),
    ("docs", unfold_operations),
    ("docs", open_dialog),
    ("docs", ask_for_a_token),
    ("explorer", open_examples),
    ("explorer", ask_for_a_token),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("name", "act"), STATES, ids=[f"{name}-{act.__name__}" for name, act in STATES]
)
async def test_axe_finds_nothing(
    page: Page,
    live_server: LiveServer,
    name: str,
    act: Callable[[Page], Awaitable[None]],
    scheme: Scheme,
) -> None:
    await open_page(page, live_server, name, scheme)
    await act(page)
    found = await findings(page)
    assert not found, found


async def test_axe_finds_what_is_wrong(page: Page, live_server: LiveServer) -> None:
    await open_page(page, live_server, "start")
    await page.evaluate("document.querySelector('main').append(document.createElement('select'))")
    assert [rule for rule, *_ in await findings(page)] == ["select-name"]


@pytest.mark.parametrize("name", LANDMARKS)
async def test_the_focus_is_seen_at_every_step(
    page: Page, live_server: LiveServer, name: str
) -> None:
    await open_page(page, live_server, name)
    seen = 0
    for _ in range(STEPS):
        await page.keyboard.press("Tab")
        focused: Any = await page.evaluate(FOCUSED)
        if focused["isBody"]:
            break
        if focused["isOurs"]:
            assert focused["isSeen"], focused["name"]
            seen += 1
    assert seen >= 5


async def test_the_examples_can_be_chosen_by_keyboard(page: Page, live_server: LiveServer) -> None:
    await open_page(page, live_server, "explorer")
    await page.get_by_role("button", name="Examples").focus()
    await page.keyboard.press("Enter")
    for _ in range(2):
        await page.keyboard.press("Tab")
        focused: Any = await page.evaluate(FOCUSED)
        assert focused["isSeen"], focused["name"]
    await page.keyboard.press("Enter")
    await expect(page.locator(".graphiql-tab-active")).to_contain_text("Appointments")
