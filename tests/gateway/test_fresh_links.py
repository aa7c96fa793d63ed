"""The page of a link whose time is over offers a fresh one; who asks learns nothing of whom we know."""

from __future__ import annotations

import re
from typing import Any

import pytest
from markupsafe import escape

from gateway.pages.texts import accepted
from services.common.languages import LANGUAGES
from tests.gateway.conftest import Gateway

PAGES = ("/unsubscribe/expired", "/preferences/expired")


async def shown(gateway: Gateway, path: str, **headers: str) -> tuple[int, str]:
    async with gateway.get(path, headers=headers) as answer:
        return answer.status, await answer.text()


async def posted(gateway: Gateway, path: str, address: str, **named: Any) -> tuple[int, str, str]:
    """What asking comes to: the status, the page, and how long to wait."""
    _, text = await shown(gateway, path)
    [form_token] = re.findall(r'name="form_token" value="(\w+)"', text)
    async with gateway.post(path, data={"form_token": form_token, "address": address}, **named) as answer:
        return answer.status, await answer.text(), answer.headers.get("Retry-After", "")


@pytest.mark.req("GAT-33", "GAT-31", "GAT-8")
@pytest.mark.parametrize("path", PAGES)
async def test_the_page_of_an_expired_link_has_a_form_and_opening_it_asks_for_nothing(
    gateway: Gateway, path: str
) -> None:
    async with gateway.get(path) as answer:
        text = await answer.text()
        assert answer.status == 410
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
    assert "<script" not in text
    assert '<label for="address">' in text
    assert '<form method="post">' in text
    async with gateway.session.head(gateway.url + path) as answer:
        assert answer.status == 410
    assert gateway.consent.fresh == []


@pytest.mark.req("GAT-33")
@pytest.mark.parametrize("path", PAGES)
async def test_whoever_is_asked_for_the_answer_is_the_same(gateway: Gateway, path: str) -> None:
    typed = ("ada@example.com", " nobody@example.com ")
    answers = {await posted(gateway, path, one) for one in typed}
    [(status, text, wait)] = answers
    assert (status, wait) == (200, "")
    assert "If we know this address, a new link is on its way to it." in text
    asked = [(one.token, one.address, one.language_code) for one in gateway.consent.fresh]
    assert asked == [("expired", one.strip(), "en") for one in typed]
    assert all(one.idempotency_key for one in gateway.consent.fresh)


@pytest.mark.req("GAT-33")
@pytest.mark.parametrize("typed", ["nonsense", "", "x" * 400, '"><b>'])
async def test_what_is_no_address_is_said_beside_the_field_and_keeps_what_was_typed(
    gateway: Gateway, typed: str
) -> None:
    status, text, _ = await posted(gateway, PAGES[0], typed)
    assert status == 422
    assert 'aria-invalid="true"' in text
    assert "neither an e-mail address nor a phone number" in text
    assert f'value="{escape(typed[:320])}"' in text
    assert "If we know this address" not in text


@pytest.mark.req("GAT-33", "GAT-32")
async def test_only_the_form_of_this_link_asks(gateway: Gateway) -> None:
    data = {"address": "ada@example.com"}
    for path in PAGES:
        async with gateway.post(path, data=data) as answer:
            assert answer.status == 400
    _, text = await shown(gateway, "/unsubscribe/good")
    [other] = re.findall(r'name="form_token" value="(\w+)"', text)
    async with gateway.post(PAGES[0], data={**data, "form_token": other}) as answer:
        assert answer.status == 400
    assert gateway.consent.fresh == []


@pytest.mark.req("GAT-33", "GAT-52")
@pytest.mark.parametrize("path", ["/unsubscribe/forged", "/preferences/forged", "/unsubscribe/" + "x" * 2000])
async def test_a_forged_link_is_offered_nothing(gateway: Gateway, path: str) -> None:
    status, text = await shown(gateway, path)
    assert status == 404
    assert "<form" not in text
    async with gateway.post(path, data={"address": "ada@example.com", "form_token": "0" * 40}) as answer:
        assert answer.status in (400, 404)
    assert gateway.consent.fresh == []


@pytest.mark.req("GAT-33", "GAT-34")
async def test_an_address_that_was_asked_for_too_often_is_told_to_wait(gateway: Gateway) -> None:
    gateway.consent.too_often.add("ada@example.com")
    status, text, wait = await posted(gateway, PAGES[0], "ada@example.com")
    assert (status, wait) == (429, "3300")
    assert "several times within the hour" in text
    assert (await posted(gateway, PAGES[0], "other@example.com"))[0] == 200


@pytest.mark.req("GAT-33", "GAT-34")
async def test_one_client_cannot_ask_for_many_addresses(gateway: Gateway) -> None:
    statuses = [(await posted(gateway, PAGES[nth % 2], f"a{nth}@example.com"))[0] for nth in range(11)]
    assert statuses == [200] * 10 + [429]
    assert len(gateway.consent.fresh) == 10


@pytest.mark.req("GAT-33", "GEN-23")
async def test_page_and_answer_are_in_the_language_the_browser_asks_for(gateway: Gateway) -> None:
    titles = set()
    for language in LANGUAGES:
        wanted = {
            "Accept-Language": f"{language}-XX,en;q=0.5",
            "X-Forwarded-For": f"198.51.100.{len(titles)}",
        }
        _, text = await shown(gateway, PAGES[0], **wanted)
        assert f'<html lang="{language}"' in text
        _, answer, _ = await posted(gateway, PAGES[0], "ada@example.com", headers=wanted)
        assert f'<html lang="{language}"' in answer
        titles |= set(re.findall(r"<h1>(.*)</h1>", text)) | set(re.findall(r"<h1>(.*)</h1>", answer))
    assert len(titles) == 2 * len(LANGUAGES)
    assert [one.language_code for one in gateway.consent.fresh] == list(LANGUAGES)


@pytest.mark.req("GAT-9", "GAT-33")
async def test_a_mail_clients_post_to_an_expired_link_asks_for_nothing(gateway: Gateway) -> None:
    async with gateway.post(
        PAGES[0], data={"List-Unsubscribe": "One-Click", "address": "a@b.example"}
    ) as answer:
        assert answer.status == 410
    assert gateway.consent.fresh == []


@pytest.mark.req("GAT-31")
@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr;q=0.2, de-AT;q=0.9, en;q=0.5", "de"),
        ("tlh, ja;q=0.4", "ja"),
        ("de;q=0, es", "es"),
        ("de;q=high, pt;q=0.001", "pt"),
        ("fr, de", "fr"),
        ("*", "en"),
        ("", "en"),
    ],
)
def test_a_visitors_language_is_the_one_liked_best_of_those_there_are(header: str, language: str) -> None:
    assert accepted(header) == language
