"""The sandbox's stand-in for the customer's app shows and changes a real inbox, through delivery's RPC only."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from sandbox.runner import started
from sandbox.settings import Address, AppAccess, Settings
from services.common.security.jwt import issue_contact, issue_neighbour
from tests.delivery.inbox.home import Home

_FORM = re.compile(r'<form action="(/app/[a-z-]+)" method="post">(.*?)</form>', re.DOTALL)
_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@dataclass
class App:
    """A browser without scripts, looking at the app of a sandbox."""

    home: Home
    url: str
    session: aiohttp.ClientSession

    async def open(self, **query: str) -> str:
        async with self.session.get(f"{self.url}/app", params=query) as response:
            assert response.status == 200
            return await response.text()

    async def press(self, page: str, action: str, number: int = 0) -> str:
        """Sends a form of a page and returns the page it leads to."""
        forms = [fields for path, fields in _FORM.findall(page) if path == f"/app/{action}"]
        fields = dict(_FIELD.findall(forms[number]))
        async with self.session.post(f"{self.url}/app/{action}", data=fields) as response:
            assert response.history[0].status == 303
            assert parse_qs(urlsplit(str(response.url)).query)["contact"] == [fields["contact"]]
            return await response.text()

    async def set_token(self, token: str) -> None:
        order = {"delivery_address": f"127.0.0.1:{self.home.house.server.port}", "token": token}
        async with self.session.post(f"{self.url}/app", json=order) as response:
            assert response.status == 200


@pytest.fixture
async def app(home: Home, tmp_path: Path) -> AsyncIterator[App]:
    """An app whose token is the tenant's neighbour's."""
    nowhere, house = Address("127.0.0.1", 0), home.house
    access = AppAccess(
        Address("127.0.0.1", house.server.port), issue_neighbour(house.settings, house.tenant_id, "app")
    )
    settings = Settings(
        nowhere,
        nowhere,
        nowhere,
        tmp_path / "sandbox.sqlite",
        signing_key=tmp_path / "key.pem",
        app=access,
    )
    headers = {"Accept": "text/html"}
    async with started(settings) as running, aiohttp.ClientSession(headers=headers) as session:
        yield App(home, f"http://127.0.0.1:{running.http_port}", session)


@pytest.mark.req("DEL-52", "DEL-96")
async def test_the_page_shows_an_inbox_and_its_buttons_read_and_archive(app: App) -> None:
    home, ada = app.home, str(app.home.ada)
    await home.send(home.ada, correlation_key="<b>7</b>", action_url="https://salon.example/7?a=1&b=2")
    await home.until_items(home.ada, 1)
    await home.send(home.ada, home.ada, home.bert)
    await home.until_items(home.ada, 3)
    await home.house.until_states({"delivered": 4})

    page = await app.open(contact=ada)
    assert (
        page.count("Your table, Person") == page.count("See you at eight, Person") + 6
    )  # each button names it
    assert "3 unread" in page
    assert page.count(">order</span>") == page.count(">unread</span>") == 3
    assert 'href="https://salon.example/7?a=1&amp;b=2"' in page
    assert "&lt;b&gt;7&lt;/b&gt;" in page
    assert "<script" not in page

    page = await app.press(page, "read")
    assert "2 unread" in page
    await home.house.until_states({"delivered": 3, "read": 1})
    assert (await app.open(contact=ada, show="unread")).count("See you at eight") == 2

    page = await app.press(page, "archive", 2)
    assert page.count("See you at eight") == 2
    assert "salon.example" not in page
    assert len(await home.items(home.ada)) == 2

    page = await app.press(page, "read-all")
    assert "0 unread" in page
    assert "Mark" not in page
    await home.house.until_states({"delivered": 2, "read": 2})
    assert await home.unread(home.bert) == 1
    assert ada in await app.open(contact=str(home.bert))  # whom one looked at before is a link away


@pytest.mark.req("DEL-52")
async def test_a_token_that_is_not_good_enough_says_so_in_a_sentence(app: App) -> None:
    home, ada = app.home, str(app.home.ada)
    await home.send(home.ada)
    await home.until_items(home.ada, 1)
    page = await app.open(contact=ada)
    settings, tenant_id = home.house.settings, home.house.tenant_id
    for token, sentence in (
        ("not.a.token", "Delivery does not accept the token"),
        (home.house.as_person()[0][1].removeprefix("Bearer "), "It must be a neighbour system&#39;s"),
        (issue_contact(settings, tenant_id, home.bert), "not allowed to see this contact&#39;s"),
    ):
        await app.set_token(token)
        for answer in (await app.open(contact=ada), await app.press(page, "read")):
            assert sentence in answer
            assert "See you" not in answer
    assert await home.unread(home.ada) == 1

    await app.set_token(issue_neighbour(settings, home.bert, "the app of another tenant"))
    assert "Nothing here" in await app.open(contact=ada)
    await app.set_token(issue_neighbour(settings, tenant_id, "app"))
    assert "A contact&#39;s id is a UUID" in await app.open(contact="ada")
    assert "Delivery knows no such item" in await app.open(contact=ada, problem="NOT_FOUND")
