"""The preference page with the consent service behind it: opening shows, saving changes, mistakes stand beside fields."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from html.parser import HTMLParser
from uuid import UUID

import aiohttp
import pytest

from angarium.common.v1 import enums_pb2 as common
from angarium.consent.v1 import preference_service_pb2 as consent_pb2
from services.common.clock import FixedClock
from tests.consent.conftest import consent  # noqa: F401 - the service behind the page
from tests.consent.kit import EMAIL, RunningConsent, Tenant
from tests.consent.preferring import (
    MARKETING_GROUP,
    WEEKLY,
    cell,
    get,
    grid,
    history,
    set_cells,
    update,
)
from tests.consent.test_links import token_of
from tests.gateway.conftest import open_door

LANGUAGES = ["en", "hi", "es", "fr", "de", "pt", "zh", "ja"]


class Reader(HTMLParser):
    """Reads what a browser would send of the page's form if nothing was touched, and which fields are marked."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.boxes: set[str] = set()
        self.marked: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self._select = ""
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        name = known.get("name") or ""
        if "aria-invalid" in known:
            self.marked[name] = known.get("aria-describedby") or ""
        if tag == "input":
            if known.get("type") == "checkbox":
                self.boxes.add(name)
                if "checked" in known:
                    self.fields[name] = "on"
            else:
                self.fields[name] = known.get("value") or ""
        elif tag == "select":
            self._select = name
            self.fields[name] = ""
        elif tag == "option" and "selected" in known:
            self.fields[self._select] = known.get("value") or ""
        elif tag == "p" and known.get("id"):
            self._open = known["id"] or ""

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open] = data
            self._open = ""


@dataclass
class Page:
    """The page of one contact."""

    url: str
    session: aiohttp.ClientSession
    salon: Tenant
    contact: UUID

    async def open(self, **headers: str) -> tuple[int, str]:
        async with self.session.get(self.url, headers=headers) as answer:
            return answer.status, await answer.text()

    async def send(self, fields: dict[str, str]) -> tuple[int, str]:
        async with self.session.post(self.url, data=fields) as answer:
            return answer.status, await answer.text()

    async def form(self) -> dict[str, str]:
        status, text = await self.open()
        assert status == 200
        return Reader(text).fields


@pytest.fixture
async def page(
    consent: RunningConsent,  # noqa: F811 - the fixture that is imported above
    redis_url: str,
    clock: FixedClock,
) -> AsyncIterator[Page]:
    salon = await consent.tenant()
    contact = await salon.contact(language_code="de")
    token = await token_of(salon, contact, purpose=consent_pb2.TOKEN_PURPOSE_PREFERENCES)
    address = f"127.0.0.1:{consent.server.port}"
    async with open_door(
        clock, consent_address=address, redis_url=redis_url, unsubscribe_forms_per_minute=100
    ) as (url, session):
        yield Page(f"{url}/preferences/{token}", session, salon, contact)


@pytest.mark.req("GAT-10", "GAT-31", "GAT-32", "CON-65")
async def test_the_page_shows_what_stands_and_needs_no_script(page: Page) -> None:
    await update(page.salon, page.contact, "time_zone", time_zone="Asia/Kolkata")
    status, text = await page.open()
    shown = Reader(text)
    assert status == 200
    assert "<script" not in text
    assert text.count("<link") == text.count('<link rel="icon" href="data:,">') == 1
    assert '<html lang="de"' in text
    assert "x***" in text
    assert shown.fields["time_zone"] == "Asia/Kolkata"
    assert shown.fields["often.email"] == "immediate"
    assert {name for name in shown.boxes if name.startswith("cell.")} - shown.fields.keys() == {
        "cell.marketing.sms",
        "cell.marketing.push",
    }
    for control in re.findall(r'<input type="checkbox" id="(\w+)"', text):
        assert f' for="{control}">' in text
    for control in re.findall(r"<(?:select|input type=\"time\")[^>]*>", text):
        assert "aria-label" in control
    async with page.session.head(page.url) as answer:
        assert answer.status == 200
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
    assert len(await history(page.salon, page.contact)) == 1


@pytest.mark.req("GAT-10", "CON-37")
async def test_saving_changes_what_was_touched_and_nothing_else(page: Page) -> None:
    newsletter = cell(common.CATEGORY_NEWSLETTER, EMAIL, often=WEEKLY, single=True)
    await set_cells(page.salon, page.contact, cell(MARKETING_GROUP, EMAIL, often=WEEKLY), newsletter)
    fields = await page.form()
    status, text = await page.send(fields)
    assert status == 200
    assert "Ihre Einstellungen sind gespeichert." in text
    assert len(await history(page.salon, page.contact)) == 1
    del fields["cell.marketing.email"], fields["channel.push"]
    fields |= {
        "cell.marketing.sms": "on",
        "often.sms": "weekly",
        "quiet": "on",
        "quiet_start": "21:15",
        "language": "fr",
        "time_zone": "Europe/Paris",
    }
    status, text = await page.send(fields)
    assert status == 200
    assert '<html lang="fr"' in text
    found = await get(page.salon, page.contact)
    cells = grid(found)
    assert (cells["marketing", EMAIL].is_enabled, cells["marketing", EMAIL].frequency) == (False, WEEKLY)
    assert cells["CATEGORY_NEWSLETTER", EMAIL].is_enabled
    assert found.quiet_hours == consent_pb2.QuietHours(is_enabled=True, start="21:15", end="08:00")
    assert (found.language_code, found.time_zone) == ("fr", "Europe/Paris")
    newest = (await history(page.salon, page.contact))[0]
    assert (newest.changed_by, newest.source) == ("contact", "preference_page")
    assert {one.field for one in newest.changes} == {
        "category.marketing.email",
        "category.marketing.sms",
        "push.is_enabled",
        "sms.frequency",
        "quiet_hours.is_enabled",
        "quiet_hours.start",
        "language_code",
        "time_zone",
    }
    again = Reader(text).fields
    assert "cell.marketing.email" not in again
    assert again["often.sms"] == "weekly"


BAD: list[tuple[dict[str, str], str, str]] = [
    ({"quiet_start": "25:00"}, "quiet_start", "error_quiet_hours_start"),
    ({"quiet_end": "<script>"}, "quiet_end", "error_quiet_hours_end"),
    ({"time_zone": "Mars/Olympus"}, "time_zone", "error_time_zone"),
    ({"language": "tlh"}, "language", "error_language_code"),
    ({"often.email": "hourly"}, "often.email", "error_often_email"),
    ({"time_zone": "x" * 500}, "time_zone", "error_time_zone"),
]


@pytest.mark.req("GAT-10", "CON-94")
async def test_a_mistake_is_told_beside_its_field_and_what_was_entered_stays(page: Page) -> None:
    for wrong, name, place in BAD:
        fields = {**await page.form(), **wrong}
        fields.pop("cell.payment.sms")
        status, text = await page.send(fields)
        shown = Reader(text)
        assert status == 422
        assert shown.marked == {name: place}
        assert shown.texts[place].startswith("Bitte")
        assert "<script>" not in text
        assert "cell.payment.sms" not in shown.fields
        assert shown.fields["form_token"] == fields["form_token"]
    together = {**await page.form(), "time_zone": "Nowhere", "language": "xx"}
    status, text = await page.send(together)
    assert (status, set(Reader(text).marked)) == (422, {"time_zone", "language"})
    assert await history(page.salon, page.contact) == []


@pytest.mark.req("GAT-10", "GEN-28")
async def test_a_page_that_grew_old_is_shown_anew_instead_of_undoing_a_change(page: Page) -> None:
    fields = await page.form()
    await set_cells(page.salon, page.contact, cell(MARKETING_GROUP, EMAIL, on=False))
    status, text = await page.send({**fields, "language": "es"})
    assert status == 409
    assert "inzwischen" in text
    assert "cell.marketing.email" not in Reader(text).fields
    status, _ = await page.send({**Reader(text).fields, "language": "es"})
    assert status == 200
    assert (await get(page.salon, page.contact)).language_code == "es"


@pytest.mark.req("GAT-10", "CON-37", "CON-60")
async def test_one_button_stops_all_marketing_whatever_else_the_form_says(page: Page) -> None:
    fields = {**await page.form(), "stop": "1", "time_zone": "Nowhere"}
    for _ in range(2):
        status, text = await page.send(fields)
        assert status == 200
        assert "Sie haben jede Werbung beendet." in text
        assert 'name="stop"' not in text
    assert (await get(page.salon, page.contact)).marketing_opted_out
    actions = await page.salon.consent.rows(
        "SELECT channel, method, host(ip_address) FROM unsubscribe_action"
    )
    assert actions == [(None, "preference_page", "127.0.0.1")]


@pytest.mark.req("GAT-32", "GAT-52", "GAT-10")
async def test_only_the_form_of_a_genuine_preference_link_changes_anything(page: Page) -> None:
    fields = await page.form()
    status, _ = await page.send({**fields, "form_token": "0" * 40, "language": "fr"})
    assert status == 400
    status, _ = await page.send({})
    assert status == 400
    other = await token_of(page.salon, page.contact)
    base, _, token = page.url.rpartition("/")
    for wrong in (other, token[:-3], token[:-1] + ("A" if token[-1] != "A" else "B"), "x", "y" * 2000):
        async with page.session.get(f"{base}/{wrong}") as answer:
            assert answer.status == 404
    # A preference link does not open the page that unsubscribes.
    async with page.session.get(f"{base.removesuffix('/preferences')}/unsubscribe/{token}") as answer:
        assert answer.status == 404
    page.salon.consent.clock.advance(timedelta(days=366))
    status, _ = await page.open()
    assert status == 410
    assert await history(page.salon, page.contact) == []


@pytest.mark.req("GAT-33")
async def test_the_page_that_unsubscribes_leads_on_to_this_one(page: Page) -> None:
    token = await token_of(page.salon, page.contact)
    base = page.url.rpartition("/preferences/")[0]
    async with page.session.get(f"{base}/unsubscribe/{token}") as answer:
        text = await answer.text()
    [onward] = re.findall(r'href="\.\./preferences/([\w-]+)"', text)
    async with page.session.get(f"{base}/preferences/{onward}") as answer:
        assert answer.status == 200
        assert "cell.marketing.email" in Reader(await answer.text()).fields
    form_token = Reader(text).fields["form_token"]
    async with page.session.post(f"{base}/unsubscribe/{token}", data={"form_token": form_token}) as answer:
        assert answer.status == 200
        assert "../preferences/" in await answer.text()


@pytest.mark.req("GEN-23", "GAT-31", "GAT-10")
async def test_the_page_speaks_eight_languages(page: Page) -> None:
    titles = set()
    for language in LANGUAGES:
        await update(page.salon, page.contact, "language_code", language_code=language)
        status, text = await page.open()
        assert status == 200
        assert f'<html lang="{language}"' in text
        titles |= set(re.findall(r"<h1>(.*)</h1>", text))
    assert len(titles) == len(LANGUAGES)
    nobody = await page.salon.contact()
    token = await token_of(page.salon, nobody, purpose=consent_pb2.TOKEN_PURPOSE_PREFERENCES)
    page.url = f"{page.url.rpartition('/')[0]}/{token}"
    _, text = await page.open(**{"Accept-Language": "ja-JP,en;q=0.5"})
    assert '<html lang="ja"' in text


@pytest.mark.req("GAT-28")
async def test_while_consent_is_away_the_page_asks_to_come_again(page: Page) -> None:
    fields = await page.form()
    await page.salon.consent.server.stop()
    for status, text in (await page.open(), await page.send({**fields, "language": "fr"})):
        assert status == 503
        assert "<form" not in text
