"""Opening a confirmation link changes nothing; one post confirms, and another one is welcome too."""

import re

import pytest

from angarium.consent.v1 import consent_pb2
from tests.gateway.conftest import Gateway

PATH = "/consent/confirm/confirmable"
PENDING, GRANTED, REVOKED = (
    consent_pb2.Consent.STATE_PENDING,
    consent_pb2.Consent.STATE_GRANTED,
    consent_pb2.Consent.STATE_REVOKED,
)


async def form_token(gateway: Gateway) -> str:
    async with gateway.get(PATH) as answer:
        assert answer.status == 200
        [found] = re.findall(r'name="form_token" value="(\w+)"', await answer.text())
    return str(found)


@pytest.mark.req("GAT-11", "GAT-44", "CON-65")
async def test_the_page_asks_and_confirms_nothing_by_itself(gateway: Gateway) -> None:
    async with gateway.get(PATH) as answer:
        text = await answer.text()
        policy = answer.headers["Content-Security-Policy"]
    assert answer.status == 200
    assert "a***@example.com" in text
    assert "Bazaar &amp; &lt;Sons&gt;" in text
    assert "<script" not in text
    assert "default-src 'none'" in policy
    async with gateway.session.head(gateway.url + PATH) as answer:
        assert answer.status == 200
    assert gateway.consent.confirmed == []


@pytest.mark.req("GAT-11", "GAT-32", "CON-128")
async def test_a_post_needs_the_pages_own_form_token_and_tells_consent_whose_client_it_was(
    gateway: Gateway,
) -> None:
    token = await form_token(gateway)
    async with gateway.post(PATH, data={}) as answer:
        assert answer.status == 400
    async with gateway.post("/consent/confirm/other", data={"form_token": token}) as answer:
        assert answer.status == 400
    assert gateway.consent.confirmed == []
    headers = {"User-Agent": "Mail/1", "X-Forwarded-For": "198.51.100.7"}
    async with gateway.post(PATH, data={"form_token": token}, headers=headers) as answer:
        assert answer.status == 200
        assert "that is confirmed" in await answer.text()
    [request] = gateway.consent.confirmed
    assert (request.ip_address, request.user_agent) == ("198.51.100.7", "Mail/1")


@pytest.mark.req("GAT-11", "CON-57")
async def test_a_link_that_was_used_says_so_and_one_that_was_replaced_names_the_newer(
    gateway: Gateway,
) -> None:
    token = await form_token(gateway)
    gateway.consent.is_newest = False
    async with gateway.post(PATH, data={"form_token": token}) as answer:
        assert answer.status == 200
        assert "newest message" in await answer.text()
    gateway.consent.is_newest, gateway.consent.state = True, GRANTED
    for call in (gateway.get(PATH), gateway.post(PATH, data={"form_token": token})):
        async with call as answer:
            assert answer.status == 200
            assert "that is confirmed" in await answer.text()


@pytest.mark.req("GAT-11", "GAT-52", "CON-97", "CON-98")
async def test_what_is_over_is_gone_and_a_link_of_another_kind_was_never_there(gateway: Gateway) -> None:
    token = await form_token(gateway)
    gateway.consent.state = REVOKED
    for call in (gateway.get(PATH), gateway.post(PATH, data={"form_token": token})):
        async with call as answer:
            assert answer.status == 410
            assert "sign up again" in await answer.text()
    for path, status in (("expired", 410), ("forged", 404), ("good", 404), ("x" * 2000, 404)):
        async with gateway.get(f"/consent/confirm/{path}") as answer:
            assert answer.status == status


@pytest.mark.parametrize("language", ["en", "hi", "es", "fr", "de", "pt", "zh", "ja"])
@pytest.mark.req("GAT-11", "GEN-23", "GAT-31")
async def test_the_page_speaks_the_persons_language(gateway: Gateway, language: str) -> None:
    gateway.consent.language = language
    token = await form_token(gateway)
    seen = set()
    for state, call in (
        (PENDING, gateway.get),
        (PENDING, gateway.post),
        (REVOKED, gateway.get),
    ):
        gateway.consent.state = state
        data = {"data": {"form_token": token}} if call == gateway.post else {}
        async with call(PATH, **data) as answer:
            text = await answer.text()
            assert f'<html lang="{language}"' in text
            assert "{channel}" not in text
            seen.add(text)
    assert len(seen) == 3


@pytest.mark.req("GAT-34")
async def test_who_asks_too_often_waits(gateway: Gateway) -> None:
    headers = {"X-Forwarded-For": "198.51.100.9"}
    statuses = []
    for _ in range(31):
        async with gateway.get(PATH, headers=headers) as answer:
            statuses.append(answer.status)
    assert statuses == [200] * 30 + [429]
