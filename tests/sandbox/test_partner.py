"""The sandbox's partners check calls by the published rule and show what came."""

from __future__ import annotations

import base64
import hmac
import time

import pytest
from standardwebhooks.webhooks import Webhook

from sandbox.partner.rule import verdict
from tests.sandbox.kit import Kit

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"id":"evt-1","type":"message.delivered","data":{"items":[]}}'


def signed(secret: str = SECRET, *, at: float | None = None, body: bytes = BODY) -> dict[str, str]:
    timestamp = str(int(time.time() if at is None else at))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.digest(key, f"evt-1.{timestamp}.".encode() + body, "sha256")
    return {
        "webhook-id": "evt-1",
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
        "content-type": "application/json",
    }


@pytest.mark.req("DEL-92", "W7")
async def test_calls_are_checked_by_the_published_rule_and_shown(kit: Kit) -> None:
    base = f"http://127.0.0.1:{kit.http_port}"
    async with kit.session.put(f"{base}/partners/shop", json={"secret": SECRET}) as told:
        assert told.status == 200
    good = signed()
    Webhook(SECRET).verify(BODY, good)
    for headers, body, status in (
        (good, BODY, 200),
        (good, BODY + b" ", 401),
        (signed(at=time.time() - 400), BODY, 401),
        ({}, BODY, 401),
    ):
        async with kit.session.post(f"{base}/partners/shop", data=body, headers=headers) as answer:
            assert answer.status == status
    async with kit.session.get(f"{base}/partners/shop/calls") as found:
        calls = (await found.json())["calls"]
    assert [call["verdict"] for call in calls] == [
        "a header is missing",
        "the time is more than five minutes off",
        "no signature fits",
        "verified",
    ]
    async with kit.session.get(f"{base}/webhooks?q=evt-1") as page:
        text = await page.text()
    assert page.status == 200
    assert text.count("<details>") == 4
    assert "verified" in text
    assert "message.delivered" in text
    assert SECRET not in text


async def test_a_partner_answers_as_it_is_told(kit: Kit) -> None:
    base = f"http://127.0.0.1:{kit.http_port}/partners/till"
    async with kit.session.post(base, data=BODY, headers=signed()) as answer:
        assert answer.status == 200, "whom nobody told a secret takes everything, and says so"
    async with kit.session.put(base, json={"secret": SECRET, "answer": 410}) as told:
        assert told.status == 200
    async with kit.session.post(base, data=BODY, headers=signed()) as answer:
        assert answer.status == 410
    async with kit.session.put(base, json={"answer": "no"}) as told:
        assert told.status == 400


def test_the_rule_takes_secrets_of_both_kinds_and_any_of_several_signatures() -> None:
    headers = signed()
    headers["webhook-signature"] = "v1a,AAAA v1,AAAA " + headers["webhook-signature"]
    assert verdict(SECRET, headers, BODY) == "verified"
    assert verdict("whsec_!!!", headers, BODY) == "no signature fits"
    assert verdict("another-secret-entirely", headers, BODY) == "no signature fits"
