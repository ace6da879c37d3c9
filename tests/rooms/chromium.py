"""A headless Chromium with a simulated camera and microphone, in a network of its own if wanted."""

import socket
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from tests.browser.conftest import FLAGS, find_chromium

# Pictures that are cheap to encode: six people are thirty encoders.
CAMERA = "--use-fake-device-for-media-stream=fps=5"
ROOM_FLAGS = (
    *(flag for flag in FLAGS if not flag.startswith("--use-fake-device")),
    CAMERA,
    "--autoplay-policy=no-user-gesture-required",
    # Sound in large pieces: what plays and records has the first claim on the processors, and would
    # keep six pages from everything else.
    "--audio-buffer-size=4096",
)


@asynccontextmanager
async def chromium(
    *flags: str, network: str | None = None, folder: Path | None = None
) -> AsyncIterator[Browser]:
    """Runs a browser; `network` names a network namespace, for which `folder` takes a starter."""
    path = find_chromium()
    if network and folder:
        path = str(_starter(path, network, folder))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=[*ROOM_FLAGS, *_loopback(), *flags]
        )
        try:
            yield browser
        finally:
            await browser.close()


def _loopback() -> list[str]:
    """A machine without a network has no other address to meet at; each address costs checks."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            return ["--allow-loopback-in-peer-connection"]
    return []


def _starter(path: str, network: str, folder: Path) -> Path:
    starter = folder / f"chromium-in-{network}"
    starter.write_text(f'#!/bin/sh\nexec ip netns exec {network} {path} "$@"\n')
    starter.chmod(starter.stat().st_mode | stat.S_IXUSR)
    return starter
