"""Somebody with a link and a browser: comes in as people do, and can be asked what they see."""

import asyncio
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page
from playwright.async_api import Error as PlaywrightError

OBSERVER = (Path(__file__).parent / "observer.js").read_text()
Message = dict[str, Any]


class Unmet(AssertionError):
    """What was promised did not happen in time."""


class Person:
    """One person, with a browser profile and one page of their own."""

    def __init__(self, name: str, context: BrowserContext, page: Page) -> None:
        self.name = name
        self.context = context
        self.page = page
        self.errors: list[str] = []
        self.warnings: list[str] = []
        self.urls: list[str] = []
        kept = {"error": self.errors, "warning": self.warnings}
        page.on("console", lambda line: kept.get(line.type, []).append(line.text))
        page.on("pageerror", lambda error: self._keep(error.stack or str(error)))
        page.on("request", lambda request: self.urls.append(request.url))
        page.on("websocket", lambda socket: self.urls.append(socket.url))

    def _keep(self, line: str) -> None:
        self.errors.append(line)

    @classmethod
    async def born(cls, browser: Browser, name: str, *scripts: str, **profile: Any) -> "Person":
        """Returns somebody whose pages are observed, and run `scripts` before their own."""
        # Tiles that glide into place are drawn again and again, which costs much without a GPU.
        calm = {"locale": "en-GB", "viewport": {"width": 480, "height": 320}}
        profile = calm | {"reduced_motion": "reduce"} | profile
        context = await browser.new_context(**profile)
        context.set_default_timeout(30_000)
        for script in (OBSERVER, *scripts):
            await context.add_init_script(script)
        return cls(name, context, await context.new_page())

    async def enter(self, link: str) -> float:
        """Opens the link and presses the button; returns when, by `time.monotonic`."""
        await self.page.goto(link)
        await self.page.locator("button.main").click()
        return time.monotonic()

    async def links(self) -> list[Message]:
        """Returns what the page's peer connections say of themselves."""
        return await self._told("observed.links()")

    async def heard(self, kind: str) -> list[Message]:
        """Returns the messages of a type that the page has heard since it was loaded."""
        return await self._told("kind => observed.heard.filter((m) => m.type === kind)", kind)

    async def _told(self, script: str, *values: Any) -> list[Message]:
        """Returns what the page tells; nothing while it is being loaded again."""
        try:
            return list(await self.page.evaluate(script, *values))
        except PlaywrightError as error:
            if "context" in str(error) or "observed" in str(error):
                return []
            raise

    async def say(self, **message: Any) -> None:
        """Sends what the page itself would not: as a modified client does."""
        await self.page.evaluate("message => observed.say(message)", message)

    async def seated(self, within: float = 30.0, resumed: bool | None = None) -> Message:
        """Waits for a seat; returns the last message that gave one."""

        async def found() -> Message | None:
            messages = await self.heard("seated")
            wanted = [m for m in messages if resumed is None or m["resumed"] is resumed]
            return wanted[-1] if wanted else None

        try:
            return await until(found, within, f"{self.name} has no seat")
        except Unmet as unmet:
            raise Unmet(f"{unmet}: {await self._state()}") from None

    async def _state(self) -> str:
        """Returns what the page shows and what went wrong in it, for a report."""
        text = await self.page.locator("main").inner_text(timeout=2000)
        lasts = await self._told(
            "observed.heard.slice(-3).map((m) => JSON.stringify(m).slice(0, 200))"
        )
        return f"{' '.join(text.split())[:200]} heard {lasts}, errors {self.errors[-3:]}"

    async def share(self, on: bool) -> None:
        """Shares the screen, or ends that."""
        await self._press("Share screen" if on else "Stop sharing")

    async def write(self, text: str) -> None:
        """Writes to everybody in the chat."""
        await self._press("Chat")
        box = self.page.get_by_role("textbox", name="Write a message")
        await box.fill(text)
        await box.press("Enter")
        await self._press("Chat")

    async def read(self, text: str) -> None:
        """Opens the chat and waits for words of somebody else."""
        await self._press("Chat")
        await self.page.get_by_role("log").get_by_text(text).wait_for()
        await self._press("Chat")

    async def remove(self, name: str) -> None:
        """Removes somebody, and says yes to the question."""
        await self._press("People")
        await self.page.get_by_role("button", name=f"Remove {name}").click()
        await self.page.get_by_role("dialog").get_by_role("button", name="Remove").click()

    async def admit(self, name: str) -> None:
        """Lets one in who waits."""
        await self._open_people()
        await self.page.get_by_role("button", name=f"Let in {name}").click()

    async def admit_all(self) -> None:
        """Lets everybody in who waits."""
        await self._open_people()
        await self.page.get_by_role("button", name="Let everybody in").click()

    async def leave(self) -> None:
        """Leaves the room."""
        await self._press("Leave")

    async def end_for_everybody(self) -> None:
        """Ends the appointment, as a moderator who leaves may do."""
        await self._press("Leave")
        await self.page.get_by_role("dialog").get_by_role("button", name="End").click()

    async def _open_people(self) -> None:
        if not await self.page.locator("ul.people").is_visible():
            await self._press("People")

    async def _press(self, name: str) -> None:
        """Presses a button of the row below the pictures; its name may go on with a count."""
        row = self.page.get_by_role("group", name="Controls")
        await row.get_by_role("button", name=re.compile(rf"^{name}\b")).click()

    async def gone(self) -> None:
        """Closes the browser profile."""
        await self.context.close()


async def until(find: Callable[[], Any], within: float, words: str) -> Any:
    """Waits until `find` returns something true; raises Unmet with `words` after so many seconds."""
    end = time.monotonic() + within
    while True:
        found = await find()
        if found:
            return found
        if time.monotonic() > end:
            raise Unmet(f"{words} within {within:g} s")
        await asyncio.sleep(0.1)
