"""The room's page without a server: its real files, and painted people in place of connections."""

import json
from pathlib import Path
from typing import Any

from playwright.async_api import Page, Route, expect

from gateway.docs import MEDIA_TYPES
from gateway.join.answers import POLICY
from gateway.join.routes import ASSETS
from gateway.languages.language import language
from gateway.languages.tags import SOURCE

ORIGIN = "http://localhost:9"  # every request is answered here; localhost is a secure context
LINK = f"{ORIGIN}/join/some.link"
STAND_IN = Path(__file__).with_name("painted_room.js")
VISIT = {
    "title": "Passport renewal",
    "organization_name": "Consulate General",
    "role": "participant",
}
PAGE = """<!doctype html>
<html lang="{lang}" dir="{direction}">
  <head>
    <meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Passport renewal</title>
    <link rel="stylesheet" href="/join/assets/join.css">
    <link id="words" rel="preload" as="fetch" crossorigin href="/words.json">
  </head>
  <body><main><article id="visit">
    <p class="contact">info@example.org</p>
  </article></main><footer>Consularia Connect</footer></body>
</html>"""
OPEN = """async ([visit, scene]) => {
  window.scene = scene;
  document.getElementById("visit").dataset.visit = visit;
  const { open } = await import("/join/assets/room/stage.js");
  await open({ socket: "/room", ticket: "t" }, { camera: "", microphone: "", speaker: "" });
}"""


async def painted(
    page: Page, scene: dict[str, Any], lang: str = "en", catalog: dict[str, Any] | None = None
) -> None:
    """Opens the room as a scene describes it: properties of the room, `people`, `me`.

    Its texts are those of the language, or of a `catalog` of the test's own.
    """
    spoken = language(lang)
    html = PAGE.format(lang=lang, direction=spoken.direction)
    words = json.dumps(catalog or (spoken.for_scripts if lang != SOURCE else {}))

    async def answer(route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN)
        file = ASSETS / path.removeprefix("/join/assets/")
        if path.startswith("/join/assets/"):
            source = STAND_IN if path.endswith("/room/room.js") else file
            await route.fulfill(body=source.read_text(), content_type=MEDIA_TYPES[file.suffix])
        elif path == "/words.json":
            await route.fulfill(body=words, content_type="application/json")
        else:
            headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html"}
            await route.fulfill(body=html, headers=headers)

    await page.route(f"{ORIGIN}/**", answer)
    await page.goto(LINK)
    await page.evaluate(OPEN, [json.dumps(VISIT), scene])
    await expect(page.locator("main")).to_be_visible()
