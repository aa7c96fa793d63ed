"""The pages as people meet them: on a telephone, in the dark, by keyboard, with a screen reader, without scripts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from services.common.clock import FixedClock
from services.common.languages import LANGUAGES
from tests.browsing import TELEPHONE, chromium, complaints, overflow
from tests.gateway.conftest import Campaign, Gateway, opened

pytestmark = pytest.mark.asyncio(loop_scope="module")

LINKS = {
    "unsubscribe": "/unsubscribe/good",
    "confirm": "/consent/confirm/confirmable",
    "preferences": "/preferences/preferable",
    "feedback": "/feedback/good",
    "forged": "/unsubscribe/forged",
    "expired": "/feedback/expired",
    "fresh": "/unsubscribe/expired",
}
NARROWEST = {"width": 320, "height": 640}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(browser: Browser, redis_url: str) -> AsyncIterator[Gateway]:
    clock = FixedClock(datetime(2026, 11, 21, 12, 0, tzinfo=UTC))
    async with opened(
        redis_url, clock, pages_per_minute=100_000, unsubscribe_forms_per_minute=100_000
    ) as gateway:
        yield gateway


@pytest.fixture(autouse=True)
def afresh(door: Gateway) -> None:
    door.campaign.known = Campaign().known
    door.campaign.submitted.clear()
    door.consent.unsubscribed.clear()
    door.consent.language = "en"


@contextmanager
def only_from(door: Gateway, page: Page) -> Iterator[None]:
    """Nothing is loaded from anywhere else while this lasts, and nothing is refused by the page's own policy."""
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    yield
    assert [url for url in asked if not url.startswith(door.url)] == []
    # A browser says so of every status above 399.
    assert [text for text in said if "Failed to load resource" not in text] == []


@pytest.mark.req("GAT-31", "GAT-12")
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_has_anything_a_checker_of_accessibility_finds(
    door: Gateway, browser: Browser, scheme: str
) -> None:
    context = await browser.new_context(viewport=TELEPHONE, color_scheme=scheme)
    page = await context.new_page()
    found = {}
    with only_from(door, page):
        for name, path in LINKS.items():
            await page.goto(door.url + path)
            found[name] = await complaints(page)
        # What follows a post, with and without mistakes.
        await page.goto(door.url + LINKS["feedback"])
        await page.eval_on_selector_all("[required]", "all => all.forEach(one => one.required = false)")
        await page.get_by_role("button").click()
        assert await page.get_by_role("alert").count() == 1
        found["feedback without a rating"] = await complaints(page)
        await page.get_by_role("radio", name="Poor", exact=True).check()
        await page.get_by_role("button").click()
        found["thanks"] = await complaints(page)
        await page.goto(door.url + LINKS["unsubscribe"])
        await page.get_by_role("button").click()
        found["unsubscribed"] = await complaints(page)
        await page.goto(door.url + LINKS["fresh"])
        await page.get_by_role("textbox").fill("a@example.com")
        await page.get_by_role("button").click()
        found["fresh link asked for"] = await complaints(page)
    await context.close()
    assert [name for name, wrong in found.items() if wrong] == [], found


@pytest.mark.req("GEN-23", "GAT-31")
async def test_every_page_fits_the_narrowest_telephone_in_every_language(
    door: Gateway, browser: Browser
) -> None:
    found = {}
    page = await browser.new_page(viewport=NARROWEST)
    for language in LANGUAGES:
        door.consent.language = door.campaign.known.language_code = language
        await page.set_extra_http_headers({"Accept-Language": language})
        for name, path in LINKS.items():
            await page.goto(door.url + path)
            spoken = await page.get_attribute("html", "lang")
            found[language, name] = (spoken, await overflow(page))
    await page.close()
    assert found == {(language, name): (language, 0) for language in LANGUAGES for name in LINKS}


@pytest.mark.req("GAT-31", "GAT-12")
async def test_a_visit_is_rated_by_keyboard_alone(door: Gateway, browser: Browser) -> None:
    page = await browser.new_page(viewport=TELEPHONE)
    await page.goto(door.url + LINKS["feedback"])
    for key in ("Tab", "Space", "ArrowDown", "Tab"):
        await page.keyboard.press(key)
    await page.keyboard.type("Lovely")
    for key in ("Tab", "Enter"):
        await page.keyboard.press(key)
    await page.wait_for_selector("h1:has-text('Thank you')")
    [request] = door.campaign.submitted
    assert (request.rating, request.comment) == (4, "Lovely")
    await page.close()


@pytest.mark.req("GAT-31", "GAT-12", "GAT-9")
async def test_forms_work_without_scripts(door: Gateway, browser: Browser) -> None:
    context = await browser.new_context(viewport=TELEPHONE, java_script_enabled=False)
    page = await context.new_page()
    await page.goto(door.url + LINKS["feedback"])
    await page.get_by_role("radio", name="Excellent").check()
    await page.get_by_label("What would you like to tell us?").fill("Quick")
    await page.get_by_role("button").click()
    assert await page.title() == "Thank you – Bazaar & <Sons>"
    await page.goto(door.url + LINKS["unsubscribe"])
    await page.get_by_label("All marketing, on every channel").check()
    await page.get_by_role("button").click()
    assert await page.get_by_role("heading", level=1).inner_text() == "You are unsubscribed"
    [request] = door.consent.unsubscribed
    assert request.all_channels
    assert [one.rating for one in door.campaign.submitted] == [5]
    await context.close()


@pytest.mark.req("GAT-31")
async def test_what_is_pressed_is_large_enough_for_a_thumb(door: Gateway, browser: Browser) -> None:
    page = await browser.new_page(viewport=TELEPHONE)
    small = {}
    for name, path in LINKS.items():
        await page.goto(door.url + path)
        sizes = await page.eval_on_selector_all(
            "button, select, textarea, label:has(input), input[type=time]",
            "all => all.map(one => [one.outerHTML.slice(0, 80), one.getBoundingClientRect().height])",
        )
        small[name] = [what for what, height in sizes if height < 44]
    await page.close()
    assert {name: found for name, found in small.items() if found} == {}
