"""Opening a link changes nothing; one post stops marketing, and another one is welcome too."""

import re
import smtplib

import pytest

from angarium.consent.v1 import preference_service_pb2 as consent_pb2
from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from tests.gateway.conftest import Gateway


@pytest.mark.req("GAT-8", "GAT-44", "CON-65")
async def test_the_page_names_what_would_stop_and_stops_nothing(gateway: Gateway) -> None:
    async with gateway.get("/unsubscribe/good") as answer:
        text = await answer.text()
    assert answer.status == 200
    assert "a***@example.com" in text
    assert "Bazaar &amp; &lt;Sons&gt;" in text
    assert "onerror" not in text
    assert "red;}" not in text
    async with gateway.session.head(f"{gateway.url}/unsubscribe/good") as answer:
        assert answer.status == 200
    assert gateway.consent.unsubscribed == []


@pytest.mark.req("GAT-31")
async def test_the_page_needs_no_script_and_nothing_from_elsewhere_and_labels_its_controls(
    gateway: Gateway,
) -> None:
    async with gateway.get("/unsubscribe/good") as answer:
        text = await answer.text()
        policy = answer.headers["Content-Security-Policy"]
    assert "<script" not in text
    # An icon of nothing: without it browsers ask for one, and find none.
    assert re.findall("<link[^>]*>", text) == ['<link rel="icon" href="data:,">']
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    for control in re.findall(r'<input type="radio" id="(\w+)"', text):
        assert f' for="{control}">' in text
    assert 'name="viewport"' in text


@pytest.mark.req("GAT-9", "GAT-32", "CON-64")
async def test_one_click_unsubscribes_without_page_redirect_or_form_token_and_twice_is_fine(
    gateway: Gateway,
) -> None:
    for _ in range(2):
        async with gateway.post("/unsubscribe/good", data={"List-Unsubscribe": "One-Click"}) as answer:
            assert answer.status == 200
    import aiohttp

    multipart = aiohttp.FormData(default_to_multipart=True)
    multipart.add_field("List-Unsubscribe", "One-Click")
    async with gateway.post("/unsubscribe/good", data=multipart) as answer:
        assert answer.status == 200
    methods = [request.method for request in gateway.consent.unsubscribed]
    assert methods == [consent_pb2.UNSUBSCRIBE_METHOD_ONE_CLICK] * 3


@pytest.mark.req("GAT-32")
async def test_the_form_needs_the_token_of_its_own_page_and_takes_the_choice(gateway: Gateway) -> None:
    async with gateway.post("/unsubscribe/good", data={"scope": "all"}) as answer:
        assert answer.status == 400
    async with gateway.get("/unsubscribe/good") as answer:
        [form_token] = re.findall(r'name="form_token" value="(\w+)"', await answer.text())
    async with gateway.post("/unsubscribe/other", data={"form_token": form_token}) as answer:
        assert answer.status == 400
    assert gateway.consent.unsubscribed == []
    async with gateway.post("/unsubscribe/good", data={"form_token": form_token, "scope": "all"}) as answer:
        assert answer.status == 200
        assert "any channel" in await answer.text()
    [request] = gateway.consent.unsubscribed
    assert request.all_channels
    assert request.method == consent_pb2.UNSUBSCRIBE_METHOD_PAGE


@pytest.mark.req("GAT-33")
@pytest.mark.parametrize(
    ("scope", "stopped"),
    [
        ("channel", "no longer receive marketing by e-mail"),
        ("all", "no longer receive marketing on any channel"),
    ],
)
async def test_the_page_offers_a_channel_or_all_and_tells_what_was_stopped_and_what_goes_on(
    gateway: Gateway, scope: str, stopped: str
) -> None:
    async with gateway.get("/unsubscribe/good") as answer:
        text = await answer.text()
    assert re.findall(r'name="scope" value="(\w+)"', text) == ["channel", "all"]
    [form_token] = re.findall(r'name="form_token" value="(\w+)"', text)
    async with gateway.post("/unsubscribe/good", data={"form_token": form_token, "scope": scope}) as answer:
        done = await answer.text()
    assert stopped in done
    assert "receipts and account notices, will still arrive" in done
    assert [request.all_channels for request in gateway.consent.unsubscribed] == [scope == "all"]


@pytest.mark.req("GAT-52", "GAT-8")
async def test_an_expired_link_is_gone_and_a_forged_one_was_never_there(gateway: Gateway) -> None:
    for method in (gateway.get, gateway.post):
        data = {"data": {"List-Unsubscribe": "One-Click"}} if method == gateway.post else {}
        async with method("/unsubscribe/expired", **data) as answer:
            assert answer.status == 410
        async with method("/unsubscribe/forged", **data) as answer:
            assert answer.status == 404


@pytest.mark.parametrize("language", ["en", "hi", "es", "fr", "de", "pt", "zh", "ja"])
@pytest.mark.req("GEN-23", "GAT-31")
async def test_the_page_speaks_the_contacts_language(gateway: Gateway, language: str) -> None:
    gateway.consent.language = language
    async with gateway.get("/unsubscribe/good") as answer:
        assert f'<html lang="{language}"' in await answer.text()


@pytest.mark.req("GAT-34")
async def test_who_asks_too_often_waits_and_asking_again_does_not_lengthen_the_wait(gateway: Gateway) -> None:
    statuses = []
    for _ in range(33):
        async with gateway.get("/unsubscribe/good", headers={"X-Forwarded-For": "198.51.100.7"}) as answer:
            statuses.append(answer.status)
            wait = answer.headers.get("Retry-After")
    assert statuses == [200] * 30 + [429] * 3
    assert wait is not None
    assert 1 <= int(wait) <= 60
    async with gateway.get("/unsubscribe/good", headers={"X-Forwarded-For": "198.51.100.8"}) as answer:
        assert answer.status == 200


async def test_a_bounce_mail_is_stored_raw_and_one_to_a_forged_path_is_refused(gateway: Gateway) -> None:
    import asyncio

    def send(recipient: str) -> tuple[int, bytes]:
        with smtplib.SMTP("127.0.0.1", gateway.bounce_port) as smtp:
            smtp.helo("mx.example.com")
            smtp.mail("")
            smtp.rcpt(recipient)
            return smtp.data(b"Subject: failure\r\n\r\nno such user\r\n")

    assert (await asyncio.to_thread(send, "b-abc@bounces.example.com"))[0] == 250
    assert (await asyncio.to_thread(send, "forged-abc@bounces.example.com"))[0] == 550
    first, _ = gateway.delivery.of(delivery_pb2.RecordReceiptsRequest)
    assert first.envelope_recipient == "b-abc@bounces.example.com"
    assert b"no such user" in first.raw_body
    gateway.delivery.is_down = True
    assert (await asyncio.to_thread(send, "b-abc@bounces.example.com"))[0] == 451
