"""The app's page says how it is set; its token is kept and shown to nobody."""

import logging
from dataclasses import replace

import aiohttp
import pytest

from sandbox.runner import started
from sandbox.settings import Settings, SettingsError, load
from tests.sandbox.kit import Kit

TOKEN = "header.secret-claims.signature"
CONTACT = "0192f0c1-2a3b-7c4d-8e5f-60718293a4b5"
HTML = {"Accept": "text/html,*/*"}


async def page(kit: Kit, path: str = f"/app?contact={CONTACT}") -> str:
    async with kit.session.get(kit.url + path, headers=HTML) as response:
        return await response.text()


async def test_a_page_without_an_address_says_how_to_set_one(kit: Kit) -> None:
    text = await page(kit)
    assert "SANDBOX_APP_DELIVERY" in text
    assert f"curl {kit.url}/app -d" in text
    assert await kit.get("/app") == {"delivery_address": None, "is_set": False}
    form = {"data": {"contact": CONTACT}, "headers": HTML}
    async with kit.session.post(f"{kit.url}/app/read", **form) as response:
        assert "SANDBOX_APP_DELIVERY" in await response.text()


async def test_what_is_set_holds_at_once_and_after_a_restart_and_its_token_is_not_told(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    order = {"delivery_address": "127.0.0.1:1", "token": TOKEN}
    told = {"delivery_address": "127.0.0.1:1", "is_set": True}
    said = []
    async with aiohttp.ClientSession() as session:
        for _ in range(2):
            async with started(settings) as running:
                url = f"http://127.0.0.1:{running.http_port}"
                if not said:
                    async with session.post(f"{url}/app", json=order) as response:
                        said.append(await response.json())
                async with session.get(f"{url}/app") as response:
                    said.append(await response.json())
                async with session.get(f"{url}/app?contact={CONTACT}", headers=HTML) as response:
                    shown = await response.text()
                assert "Delivery does not answer. Check that it runs" in shown
                assert TOKEN not in shown + repr(running.sandbox)
        async with started(settings) as running:
            nothing = {"delivery_address": None, "token": None}
            async with session.post(f"http://127.0.0.1:{running.http_port}/app", json=nothing) as response:
                assert not (await response.json())["is_set"]
    assert said == [told] * 3
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    "order",
    [
        {"delivery_address": "127.0.0.1:9103"},
        {"delivery_address": "127.0.0.1:9103", "token": None},
        {"delivery_address": "127.0.0.1", "token": TOKEN},
        {"delivery_address": "127.0.0.1:9103", "token": f"Bearer {TOKEN}"},
        {"delivery_address": "127.0.0.1:9103", "token": 7},
        [],
    ],
)
async def test_half_an_order_is_refused_and_changes_nothing(kit: Kit, order: object) -> None:
    answer = await kit.post("/app", order)
    assert "error" in answer
    assert TOKEN not in answer["error"]
    assert not (await kit.get("/app"))["is_set"]


async def test_another_sites_page_cannot_press_the_buttons(kit: Kit) -> None:
    for site in ("cross-site", "same-site"):
        headers = {"Sec-Fetch-Site": site}
        async with kit.session.post(f"{kit.url}/app/read-all", data={}, headers=headers) as response:
            assert response.status == 403


def test_the_environment_sets_both_or_none() -> None:
    both = {"SANDBOX_APP_DELIVERY": "127.0.0.1:9103", "SANDBOX_APP_TOKEN": TOKEN}
    settings = load(both)
    assert settings.app is not None
    assert (str(settings.app.delivery), settings.app.token) == ("127.0.0.1:9103", TOKEN)
    assert TOKEN not in repr(replace(settings, seed="s"))
    for name, value in both.items():
        with pytest.raises(SettingsError, match=name):
            load({name: value})
