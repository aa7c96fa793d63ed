"""People who are nobody's contacts stop invitations to pay by the link in each of them."""

from __future__ import annotations

import re

import pytest

from gateway.pages import texts
from services.common.languages import LANGUAGES
from tests.gateway.conftest import Gateway


@pytest.mark.req("EVT-63", "GAT-32")
async def test_opening_the_link_stops_nothing_and_its_form_does(gateway: Gateway) -> None:
    async with gateway.get("/stop/good") as answer:
        text = await answer.text()
    assert answer.status == 200
    assert "m***@example.com" in text
    assert "Bazaar &amp; &lt;Sons&gt;" in text
    assert "<script" not in text
    async with gateway.post("/stop/good", data={}) as answer:
        assert answer.status == 400
    assert gateway.consent.stopped == []
    [form_token] = re.findall(r'name="form_token" value="(\w+)"', text)
    async with gateway.post("/stop/good", data={"form_token": form_token}) as answer:
        assert answer.status == 200
        assert "You will not be invited again" in await answer.text()
    assert gateway.consent.stopped == ["good"]
    async with gateway.get("/stop/good") as answer:
        assert "You will not be invited again" in await answer.text()


@pytest.mark.req("EVT-63", "GAT-52")
async def test_a_link_that_is_over_or_forged_stops_nothing(gateway: Gateway) -> None:
    async with gateway.get("/stop/expired") as answer:
        assert answer.status == 410
    async with gateway.get("/stop/forged") as answer:
        assert answer.status == 404
    async with gateway.get(f"/stop/{'x' * 2000}") as answer:
        assert answer.status == 404


def test_the_page_speaks_every_language() -> None:
    for language in LANGUAGES:
        words = texts.of(language)
        assert all(words[name] for name in ("stop_title", "stop_ask", "stop_button", "stop_done"))
