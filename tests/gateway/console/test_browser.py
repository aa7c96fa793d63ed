"""The console in a real browser: what a checker of accessibility says, on a telephone, in the dark, live, by keyboard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browsing import chromium, complaints, overflow
from tests.gateway.console.kit import World
from tests.gateway.console.test_pages import reported

pytestmark = pytest.mark.asyncio(loop_scope="module")
BOTH = ("super_owner", "platform_admin")
NARROWEST = {"width": 320, "height": 640}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@asynccontextmanager
async def signed_in(world: World, browser: Browser, **options: Any) -> AsyncIterator[Page]:
    """A page of somebody who signed in by the address that the command prints; it says nothing and asks nobody else."""
    context = await browser.new_context(**options)
    page = await context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    await page.goto(f"{world.url}/console/sign-in/{world.ticket(*BOTH)}")
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_selector("h1:has-text('Overview')")
    yield page
    await context.close()
    assert [url for url in asked if not url.startswith(world.url)] == []
    # A browser says so of every status above 399.
    assert [text for text in said if "Failed to load resource" not in text] == []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def paths(browser: Browser, world: World) -> list[str]:
    """Every page, each with something on it."""
    campaign_id = await reported(world)
    event_id = await world.dead_event()
    (letter,) = await world.given_up(1)
    return [
        "/console",
        "/console/campaigns",
        f"/console/campaigns/{campaign_id}",
        f"/console/campaigns/{campaign_id}/people",
        "/console/spend",
        "/console/explain",
        f"/console/explain?message={letter}",
        "/console/dead-letters",
        f"/console/dead-letters/{letter}",
        "/console/events",
        f"/console/events/{event_id}",
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_fits_the_narrowest_telephone_and_a_checker_of_accessibility_finds_nothing(
    world: World, browser: Browser, paths: list[str], scheme: str
) -> None:
    found = {}
    async with signed_in(world, browser, viewport=NARROWEST, color_scheme=scheme) as page:
        # By night the pages differ in their colours only, and those of a few are those of all.
        for path in paths if scheme == "light" else paths[::3]:
            await page.goto(world.url + path)
            await page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
            found[path] = (await overflow(page), await complaints(page))
    assert found == dict.fromkeys(found, (0, []))


async def test_every_way_through_the_console_is_in_sight_on_the_narrowest_telephone(
    world: World, browser: Browser
) -> None:
    async with signed_in(world, browser, viewport=NARROWEST) as page:
        await page.goto(f"{world.url}/console/events")
        boxes = [await one.bounding_box() for one in await page.locator("nav a").all()]
    assert len(boxes) == 6
    out_of_sight = [
        box for box in boxes if box is None or box["x"] < 0 or box["x"] + box["width"] > NARROWEST["width"]
    ]
    assert out_of_sight == []


async def test_what_could_go_and_was_refused_in_the_end_is_not_said_to_be_on_its_way(
    world: World, browser: Browser
) -> None:
    (letter,) = await world.given_up(1)
    async with signed_in(world, browser) as page:
        await page.goto(f"{world.url}/console/explain?message={letter}")
        decided = page.locator("section:has-text('When it was about to leave') .tag").first
        assert (await decided.inner_text(), await decided.get_attribute("class")) == (
            "It was refused in the end",
            "tag bad",
        )


async def test_a_page_follows_what_happens_without_being_asked_and_keeps_what_was_opened(
    world: World, browser: Browser
) -> None:
    campaign_id = (await world.sending("Followed")).campaign_id
    async with signed_in(world, browser) as page:
        await page.goto(f"{world.url}/console/campaigns/{campaign_id}")
        await page.wait_for_selector("#pulse[data-now=live]")
        await page.get_by_text("Where they stand as a table").click()
        await world.count(campaign_id, pending=25)
        await page.wait_for_selector("text=125")
        await page.wait_for_selector("#part-progress details[open]")


async def test_it_works_by_keyboard_and_without_scripts(world: World, browser: Browser) -> None:
    campaign_id = (await world.sending("Plain")).campaign_id
    async with signed_in(world, browser, java_script_enabled=False) as page:
        await page.goto(f"{world.url}/console/campaigns/{campaign_id}")
        for key in ("Tab", "Enter"):
            await page.keyboard.press(key)
        assert page.url.endswith("#content")
        await page.get_by_label("Why").fill("wrong price")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("[role=status]:has-text('paused')")
        assert await page.get_by_role("button", name="Go on").count() == 1
        await page.get_by_role("button", name="Sign out").click()
        await page.wait_for_selector("h1:has-text('Sign in')")
        await page.goto(f"{world.url}/console/campaigns/{campaign_id}")
        assert await page.get_by_role("heading", level=1).inner_text() == "Sign in"
