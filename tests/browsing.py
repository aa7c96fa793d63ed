"""Pages in a real browser: a Chromium that is installed, or a test that says it was skipped."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
TELEPHONE = {"width": 390, "height": 844}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
QUIET = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--disable-dev-shm-usage",
)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser: the one CHROMIUM names, one that is on the path, or the one Playwright installed."""
    async with async_playwright() as playwright:
        path = _installed(playwright.chromium.executable_path)
        if path is None:
            pytest.skip(
                "no Chromium is installed here: name one by CHROMIUM, or run `playwright install chromium`"
            )
        browser = await playwright.chromium.launch(executable_path=path, args=list(QUIET))
        try:
            yield browser
        finally:
            await browser.close()


def _installed(own: str) -> str | None:
    places = [os.environ.get("CHROMIUM"), *map(shutil.which, NAMES), own]
    return next((one for one in places if one and Path(one).exists()), None)


async def complaints(page: Page) -> list[str]:
    """What axe finds wrong with a page, each with the element it is about."""
    found = await Axe().run(page, options={"runOnly": RULES})
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


async def overflow(page: Page) -> int:
    """How many pixels a page is wider than what shows it."""
    wider: int = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wider
