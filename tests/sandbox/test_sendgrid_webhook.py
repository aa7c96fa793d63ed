"""The Event Webhook: signed, batched, flattened, repeated, and wrong on demand."""

import asyncio
import json
from collections import Counter
from typing import Any

import pytest
from sendgrid.helpers.eventwebhook import EventWebhook

from tests.sandbox.kit import KEY, Kit, mail

SIGNATURE = "x-twilio-email-event-webhook-signature"
TIMESTAMP = "x-twilio-email-event-webhook-timestamp"


def events(kit: Kit) -> list[dict[str, Any]]:
    return [event for _, body in kit.gateway.webhooks for event in json.loads(body)]


async def verified(kit: Kit) -> list[bool]:
    shown = (await kit.get("/v3/user/webhooks/event/settings/signed", KEY))["public_key"]
    webhook = EventWebhook()
    key = webhook.convert_public_key_to_ecdsa(shown)
    return [
        webhook.verify_signature(body.decode(), headers[SIGNATURE], headers[TIMESTAMP], key)
        for headers, body in kit.gateway.webhooks
    ]


async def test_the_vendors_helper_verifies_every_batch(kit: Kit) -> None:
    await kit.send(mail(kit.gateway.url, *(f"silent+{number}@b.example" for number in range(600))))
    await kit.quiet()
    assert all(await verified(kit))
    assert max(len(json.loads(body)) for _, body in kit.gateway.webhooks) <= 500
    assert len(events(kit)) == 1200
    shown = (await kit.get("/v3/user/webhooks/event/settings/signed", KEY))["public_key"]
    assert shown.startswith("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE")
    assert len(shown) == 124


async def test_events_have_the_vendors_shape_with_custom_arguments_beside_its_keys(kit: Kit) -> None:
    people = ("silent@b.example", "bounce@b.example", "full@b.example", "drop@b.example", "defer@b.example",
              "complain@b.example")  # fmt: skip
    _, headers, _ = await kit.send(mail(kit.gateway.url, *people))
    await kit.quiet()
    found = {(event["email"], event["event"]): event for event in events(kit)}
    kinds = {email: {kind for who, kind in found if who == email} for email in people}
    assert kinds == {
        "silent@b.example": {"processed", "delivered"},
        "bounce@b.example": {"processed", "bounce"},
        "full@b.example": {"processed", "bounce"},
        "drop@b.example": {"dropped"},
        "defer@b.example": {"processed", "deferred", "delivered"},
        "complain@b.example": {"processed", "delivered", "spamreport"},
    }
    hard, soft = found["bounce@b.example", "bounce"], found["full@b.example", "bounce"]
    assert (hard["type"], hard["status"], hard["bounce_classification"]) == (
        "bounce",
        "5.1.1",
        "Invalid Address",
    )
    assert (soft["type"], soft["status"]) == ("blocked", "5.2.2")
    assert found["drop@b.example", "dropped"]["reason"]
    assert found["defer@b.example", "deferred"]["attempt"] == "1"
    for event in events(kit):
        assert event["angarium_campaign_id"] == "c1"
        assert event["angarium_message_id"] == f"m{people.index(event['email'])}"
        assert event["sg_message_id"].startswith(headers["X-Message-Id"] + ".")
        assert event["category"] == ["spring"]
        assert isinstance(event["timestamp"], int)
        assert event["smtp-id"].startswith("<")
    ids = [event["sg_event_id"] for event in events(kit)]
    assert len(ids) == len(set(ids))


async def test_a_custom_argument_loses_against_the_vendors_own_key(kit: Kit) -> None:
    await kit.send(mail(kit.gateway.url, "silent@b.example", custom_args={"event": "click", "mine": "x"}))
    await kit.quiet()
    assert {event["event"] for event in events(kit)} == {"processed", "delivered"}
    assert events(kit)[0]["mine"] == "x"


async def test_a_batch_is_repeated_until_it_is_acknowledged_with_the_same_event_ids(kit: Kit) -> None:
    kit.gateway.refuse_webhooks = 2
    await kit.send(mail(kit.gateway.url, "silent@b.example"))
    await kit.quiet()
    assert kit.gateway.refuse_webhooks == 0
    assert Counter(event["event"] for event in events(kit)) == {"processed": 1, "delivered": 1}
    assert all(await verified(kit))


async def test_tracking_events_are_told_only_when_the_request_switched_tracking_on(kit: Kit) -> None:
    on = {"open_tracking": {"enable": True}, "click_tracking": {"enable": True}}
    await kit.send(mail(kit.gateway.url, "click@b.example", "apple@b.example", tracking_settings=on))
    await kit.quiet()
    found = [event for event in events(kit) if event["event"] in ("open", "click")]
    assert sorted(
        (event["event"], event.get("sg_machine_open")) for event in found if event["event"] == "open"
    ) == [
        ("open", False),
        ("open", True),
    ]
    assert [event["url_offset"]["type"] for event in found if event["event"] == "click"] == ["html"]


async def test_an_account_may_have_a_webhook_of_its_own(kit: Kit) -> None:
    url = f"{kit.gateway.url}/webhooks/sendgrid/own"
    headers = {"Authorization": "Bearer SG.other"}
    settings = f"{kit.url}/v3/user/webhooks/event/settings"
    async with kit.session.patch(settings, json={"url": url, "enabled": True}, headers=headers) as response:
        assert (await response.json())["url"] == url
    async with kit.session.patch(f"{settings}/signed", json={"enabled": False}, headers=headers) as response:
        assert response.status == 200
    await kit.send(mail(kit.gateway.url, "silent@b.example"), key="SG.other")
    await kit.quiet()
    assert all(SIGNATURE not in headers for headers, _ in kit.gateway.webhooks)
    assert (await kit.get("/v3/user/webhooks/event/settings", KEY))["url"].endswith("/token")


@pytest.mark.req("REL-13")
async def test_webhooks_go_wrong_on_demand_and_the_right_ones_still_arrive(kit: Kit) -> None:
    for kind in ("webhook_duplicate", "webhook_reorder", "webhook_forge"):
        await kit.fault(kind)
    await kit.send(mail(kit.gateway.url, *(f"silent+{number}@b.example" for number in range(20))))
    await kit.quiet()
    good = [
        json.loads(body)
        for ok, (_, body) in zip(await verified(kit), kit.gateway.webhooks, strict=True)
        if ok
    ]
    forged = [body for ok, (_, body) in zip(await verified(kit), kit.gateway.webhooks, strict=True) if not ok]
    ids = Counter(event["sg_event_id"] for batch in good for event in batch)
    assert len(forged) == 1
    assert len(ids) == 40
    assert max(ids.values()) == 2
    # the stand-in takes everything, and the truth says so
    assert (await kit.get("/truth/summary"))["totals"]["forged_webhooks_accepted"] == 1


async def test_a_delayed_webhook_counts_as_pending_until_it_came(kit: Kit) -> None:
    await kit.fault("webhook_delay", seconds=1.0, count=0)
    await kit.send(mail(kit.gateway.url, "silent@b.example"))
    await asyncio.sleep(0.5)
    assert (await kit.get("/truth/summary"))["pending"]["webhook_events"] > 0
    assert kit.gateway.webhooks == []
    await kit.quiet()
    assert len(events(kit)) == 2
