"""The feedback page: opening it changes nothing, one post answers, mistakes stand beside their fields."""

from __future__ import annotations

import re

import pytest

from gateway.pages.feedback import LONGEST_COMMENT
from tests.gateway.conftest import Gateway

PATH = "/feedback/good"
LANGUAGES = ["en", "hi", "es", "fr", "de", "pt", "zh", "ja"]


async def form_token(gateway: Gateway) -> str:
    async with gateway.get(PATH) as answer:
        assert answer.status == 200
        [found] = re.findall(r'name="form_token" value="(\w+)"', await answer.text())
    return str(found)


async def send(gateway: Gateway, **fields: str) -> tuple[int, str]:
    form = {"form_token": await form_token(gateway), **fields}
    async with gateway.post(PATH, data=form) as answer:
        return answer.status, await answer.text()


@pytest.mark.req("GAT-12", "GAT-31", "GAT-44")
async def test_the_page_asks_in_the_tenants_name_and_answers_nothing_by_itself(gateway: Gateway) -> None:
    for method in (gateway.session.get, gateway.session.head):
        async with method(gateway.url + PATH) as answer:
            assert answer.status == 200
            policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    async with gateway.get(f"{PATH}?rating=5&comment=x") as answer:
        text = await answer.text()
    assert "Bazaar &amp; &lt;Sons&gt;" in text
    assert "Harbour Row · November 20, 2026" in text
    assert text.count('type="radio"') == 5
    assert " checked" not in text
    for control in re.findall(r'<(?:input type="radio"|textarea) id="(\w+)"', text):
        assert f'for="{control}"' in text
    assert "<script" not in text
    assert gateway.campaign.submitted == []


@pytest.mark.req("GAT-12", "GAT-32", "LIF-43")
async def test_a_post_answers_once_shows_what_was_said_and_lets_the_words_change(gateway: Gateway) -> None:
    status, text = await send(gateway, rating="4", comment=" Good <b>coffee</b>\r\nand quick ")
    assert status == 200
    assert "Thank you" in text
    assert "Good &lt;b&gt;coffee&lt;/b&gt;\nand quick</textarea>" in text
    assert 'type="radio"' not in text
    [request] = gateway.campaign.submitted
    assert (request.token, request.rating, request.comment) == ("good", 4, "Good <b>coffee</b>\nand quick")
    # Whoever opens the link again, or sends another rating, meets the one that was given.
    status, text = await send(gateway, rating="1", comment="Good coffee, cold soup")
    assert status == 200
    assert "Your words are saved" in text
    assert "Good coffee, cold soup" in text
    assert [one.rating for one in gateway.campaign.submitted] == [4, 4]


@pytest.mark.req("GAT-12", "GAT-32")
async def test_a_post_without_the_pages_own_form_token_has_no_effect(gateway: Gateway) -> None:
    token = await form_token(gateway)
    for path, fields in ((PATH, {}), (PATH, {"form_token": "x"}), ("/feedback/other", {"form_token": token})):
        async with gateway.post(path, data={"rating": "5", **fields}) as answer:
            assert answer.status == 400
    assert gateway.campaign.submitted == []


@pytest.mark.req("GAT-12", "LIF-94")
@pytest.mark.parametrize("rating", ["", "0", "6", "-1", "1.5", "five", "٣"])
async def test_what_is_no_rating_is_said_beside_the_field_and_the_words_stay(
    gateway: Gateway, rating: str
) -> None:
    status, text = await send(gateway, rating=rating, comment="I had much to say")
    assert status == 422
    assert 'role="alert"' in text
    assert 'id="error_rating"' in text
    assert "I had much to say" in text
    assert gateway.campaign.submitted == []


@pytest.mark.req("GAT-12", "GAT-20")
async def test_a_comment_of_any_script_may_be_as_long_as_it_may_and_no_longer(gateway: Gateway) -> None:
    status, _ = await send(gateway, rating="3", comment="😀" * LONGEST_COMMENT)
    assert status == 200
    status, text = await send(gateway, rating="3", comment="x" * (LONGEST_COMMENT + 1))
    assert status == 422
    assert 'id="error_comment"' in text
    token = await form_token(gateway)

    async def endless() -> object:
        yield f"form_token={token}&rating=3&comment=".encode()
        for _ in range(100):
            yield b"x" * 1024

    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with gateway.post(PATH, data=endless(), headers=headers) as answer:
        assert answer.status == 413
    assert len(gateway.campaign.submitted) == 1


@pytest.mark.req("GAT-12", "GAT-52", "LIF-94")
async def test_what_is_over_is_gone_and_what_was_never_ours_was_never_there(gateway: Gateway) -> None:
    for path, status in (("expired", 410), ("forged", 404), ("x" * 2000, 404)):
        async with gateway.get(f"/feedback/{path}") as answer:
            assert answer.status == status
    token = await form_token(gateway)
    gateway.campaign.used = True
    async with gateway.post(PATH, data={"form_token": token, "rating": "5"}) as answer:
        assert answer.status == 404
    gateway.campaign.known.is_open = False
    for call in (gateway.get(PATH), gateway.post(PATH, data={"form_token": token, "rating": "5"})):
        async with call as answer:
            assert answer.status == 410
            assert "already told us" in await answer.text()
    assert gateway.campaign.submitted == []


@pytest.mark.req("GAT-12", "GEN-23", "GAT-31")
async def test_the_page_speaks_the_contacts_language(gateway: Gateway) -> None:
    seen = set()
    for language in LANGUAGES:
        gateway.campaign.known.language_code = language
        async with gateway.get(PATH) as answer:
            text = await answer.text()
        assert f'<html lang="{language}"' in text
        seen.add(text)
    assert len(seen) == len(LANGUAGES)
