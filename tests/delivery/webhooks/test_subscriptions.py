"""Subscriptions: made, changed, rotated, tested and deleted by their owner, and by nobody else."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from aiohttp import web
from standardwebhooks.webhooks import Webhook

from angarium.delivery.v1 import webhook_service_pb2 as pb
from services.common.rpc.status import from_rpc_error
from tests.delivery.webhooks.kit import Stand, wait


async def refused(call: Awaitable[Any]) -> tuple[str, set[str]]:
    """The reason of a refusal, and the fields it names."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    error = from_rpc_error(raised.value, "delivery")
    return error.reason, {violation.field for violation in error.violations}


@pytest.mark.req("DEL-13", "DEL-47", "SEC-45")
async def test_a_secret_is_shown_once_and_stored_sealed(stand: Stand) -> None:
    made = await stand.create(headers={"Authorization": "Bearer of-the-partner"}, idempotency_key="one")
    again = await stand.create(headers={"Authorization": "Bearer of-the-partner"}, idempotency_key="one")
    assert made.secret.startswith("whsec_")
    assert (again.secret, again.deduplicated) == ("", True)
    assert again.webhook_subscription == made.webhook_subscription
    assert list(made.webhook_subscription.header_names) == ["Authorization"]
    async with stand.database.system() as uow:
        rows = await uow.fetch_all("SELECT s::text FROM webhook_subscription s")
        rows += await uow.fetch_all("SELECT encode(response, 'escape') FROM idempotency")
        rows += await uow.fetch_all("SELECT a::text FROM audit a")
        stored = await uow.fetch_value("SELECT secret FROM webhook_subscription")
    everything = "".join(text for (text,) in rows)
    assert made.secret not in everything
    assert "of-the-partner" not in everything
    assert stored
    found = await stand.get(made.webhook_subscription.webhook_subscription_id)
    assert found == made.webhook_subscription


@pytest.mark.req("DEL-47", "DEL-114", "DEL-144")
async def test_what_a_subscription_may_not_be_is_refused_by_field(stand: Stand) -> None:
    url = "webhook_subscription.url"
    for bad in (
        "http://partner.example/hook",
        "https://10.0.0.1/hook",
        "https://169.254.169.254/latest",
        "https://me:secret@partner.example/hook",
        "https://partner.example:22/hook",
    ):
        assert await refused(stand.create(subscription={"url": bad})) == ("UNSAFE_URL", {url})
    for name in ("Host", "content-length", "Content-Type", "webhook-id", "X-Webhook-Signature", "Te"):
        reason, fields = await refused(stand.create(headers={name: "x"}))
        assert (reason, fields) == ("VALIDATION_FAILED", {f"headers[{name}]"})
    for headers in ({"bad name": "x"}, {"X-One": "a", "x-one": "b"}):
        assert await refused(stand.create(headers=headers)) == ("VALIDATION_FAILED", {"headers"})
    assert (await refused(stand.create(headers={"X-One": "a\r\nX-Two: b"})))[0] == "VALIDATION_FAILED"
    many = {f"X-{number}": "x" for number in range(21)}
    assert (await refused(stand.create(headers=many)))[0] == "VALIDATION_FAILED"
    for names in (("message.flown",), ("contact.created",), ("*", "message.*"), ("recipient.*",)):
        assert (await refused(stand.create(*names)))[0] == "VALIDATION_FAILED"
    for secret in ("too-short", "whsec_not*base64*at*all"):
        assert (await refused(stand.create(secret=secret)))[0] == "VALIDATION_FAILED"


@pytest.mark.req("DEL-47")
async def test_a_subscription_is_changed_by_its_mask_and_only_as_it_was_read(stand: Stand) -> None:
    made = (await stand.create("message.sent", headers={"X-Team": "one"})).webhook_subscription
    made.name, made.url = "till", "https://till.example/hook"
    changed = await stand.update(made, "name", "events", "headers", headers={"X-Till": "two"})
    assert (changed.name, changed.url) == ("till", stand.partner.url)
    assert (list(changed.events), list(changed.header_names)) == (["message.sent"], ["X-Till"])
    assert (await refused(stand.update(made, "name")))[0] == "VERSION_CONFLICT"
    changed.url = "https://10.0.0.1/"
    assert (await refused(stand.update(changed, "url")))[0] == "UNSAFE_URL"
    assert (await refused(stand.update(changed, "secret")))[0] == "VALIDATION_FAILED"


@pytest.mark.req("DEL-47")
async def test_subscriptions_are_listed_newest_first_and_deleted_with_their_secrets(stand: Stand) -> None:
    ids = [
        (await stand.create(subscription={"name": name})).webhook_subscription.webhook_subscription_id
        for name in ("a", "b", "c")
    ]
    await stand.happens()
    request = pb.DeleteWebhookSubscriptionRequest(webhook_subscription_id=ids[1])
    gone = await stand.webhooks.DeleteWebhookSubscription(request, metadata=stand.as_person())
    assert gone.webhook_subscription.name == "b"
    first = await stand.webhooks.ListWebhookSubscriptions(
        pb.ListWebhookSubscriptionsRequest(page_size=1), metadata=stand.as_person()
    )
    second = await stand.webhooks.ListWebhookSubscriptions(
        pb.ListWebhookSubscriptionsRequest(page_size=1, page_token=first.next_page_token),
        metadata=stand.as_person(),
    )
    assert [one.name for one in (*first.webhook_subscriptions, *second.webhook_subscriptions)] == ["c", "a"]
    assert second.next_page_token == ""
    assert (await refused(stand.get(ids[1])))[0] == "NOT_FOUND"
    assert await stand.send() == 2, "what waited for the deleted one is not sent"
    async with stand.database.system() as uow:
        assert await uow.fetch_value("SELECT count(*) FROM webhook_subscription WHERE secret IS NULL") == 1


@pytest.mark.req("DEL-48", "DEL-92")
async def test_after_a_rotation_both_secrets_sign_for_a_day(stand: Stand) -> None:
    made = await stand.create()
    id = made.webhook_subscription.webhook_subscription_id
    rotated = await stand.webhooks.RotateWebhookSecret(
        pb.RotateWebhookSecretRequest(webhook_subscription_id=id), metadata=stand.as_person()
    )
    assert rotated.secret not in ("", made.secret)
    assert rotated.webhook_subscription.public_key != made.webhook_subscription.public_key
    await stand.happens()
    await stand.send()
    wait(stand, hours=24, seconds=1)
    await stand.happens()
    await stand.send()
    (during, _), (after, _) = stand.partner.calls
    assert [part.split(",")[0] for part in during["webhook-signature"].split(" ")] == [
        "v1",
        "v1",
        "v1a",
        "v1a",
    ]
    assert during["X-Webhook-Signature"].count("v1=") == 2
    assert [part.split(",")[0] for part in after["webhook-signature"].split(" ")] == ["v1", "v1a"]


@pytest.mark.req("DEL-49")
async def test_a_test_call_says_what_the_partner_answered_and_counts_nowhere(stand: Stand) -> None:
    made = await stand.create(headers={"X-Team": "till"})
    id = made.webhook_subscription.webhook_subscription_id
    request = pb.TestWebhookRequest(webhook_subscription_id=id)

    stand.partner.answer = lambda request: web.Response(text="thanks, anna@example.com")
    good = await stand.webhooks.TestWebhook(request, metadata=stand.as_person())
    stand.partner.answers(500, "out of order")
    bad = await stand.webhooks.TestWebhook(request, metadata=stand.as_person())
    assert (good.is_delivered, good.response_status, good.response_excerpt) == (True, 200, "thanks, ***")
    assert (bad.is_delivered, bad.response_status, bad.error) == (False, 500, "status")
    assert good.HasField("latency")
    headers, body = stand.partner.calls[0]
    assert headers["X-Team"] == "till"
    assert stand.partner.bodies[0]["type"] == "webhook.test"
    assert stand.partner.bodies[0]["id"] == good.event_id == headers["webhook-id"]
    assert (
        Webhook(made.secret).sign(good.event_id, stand.clock.now(), body.decode())
        in headers["webhook-signature"]
    )
    assert (await stand.get(id)).consecutive_failure_count == 0
    assert await stand.deliveries() == []


@pytest.mark.req("DEL-51")
async def test_partners_may_have_their_own_check_checked(stand: Stand) -> None:
    made = await stand.create()
    await stand.happens()
    await stand.send()
    headers, body = stand.partner.calls[0]

    async def check(body: bytes, headers: dict[str, str]) -> pb.VerifyWebhookSignatureResponse:
        request = pb.VerifyWebhookSignatureRequest(
            webhook_subscription_id=made.webhook_subscription.webhook_subscription_id,
            body=body,
            headers=headers,
        )
        return await stand.webhooks.VerifyWebhookSignature(request, metadata=stand.as_person())

    assert (await check(body, dict(headers))).is_valid
    assert (await check(body + b" ", dict(headers))).reason == "no_match"
    assert (await check(body, {})).reason == "missing_header"
    wait(stand, minutes=6)
    assert (await check(body, dict(headers))).reason == "too_old"


@pytest.mark.req("DEL-47", "GEN-8")
async def test_nobody_sees_or_changes_what_is_anothers(stand: Stand) -> None:
    made = (await stand.create()).webhook_subscription
    await stand.happens()
    stranger = stand.as_person(tenant_id=uuid4())
    id = made.webhook_subscription_id
    (delivery,) = await stand.deliveries()
    for call in (
        stand.webhooks.GetWebhookSubscription(
            pb.GetWebhookSubscriptionRequest(webhook_subscription_id=id), metadata=stranger
        ),
        stand.webhooks.RotateWebhookSecret(
            pb.RotateWebhookSecretRequest(webhook_subscription_id=id), metadata=stranger
        ),
        stand.webhooks.TestWebhook(pb.TestWebhookRequest(webhook_subscription_id=id), metadata=stranger),
        stand.webhooks.RedeliverWebhook(
            pb.RedeliverWebhookRequest(webhook_delivery_id=delivery.webhook_delivery_id), metadata=stranger
        ),
    ):
        assert (await refused(call))[0] == "NOT_FOUND"
    listed = await stand.webhooks.ListWebhookDeliveries(pb.ListWebhookDeliveriesRequest(), metadata=stranger)
    assert list(listed.webhook_deliveries) == []
    request = pb.ListWebhookSubscriptionsRequest()
    denied = stand.webhooks.ListWebhookSubscriptions(request, metadata=stand.as_person("branch_manager"))
    assert (await refused(denied))[0] == "PERMISSION_DENIED"


async def test_a_tenant_has_at_most_fifty_subscriptions(stand: Stand) -> None:
    for _ in range(50):
        await stand.create()
    assert await refused(stand.create()) == ("VALIDATION_FAILED", {"webhook_subscription"})


@pytest.mark.req("DEL-93")
async def test_another_url_has_not_failed_yet(stand: Stand) -> None:
    made = (await stand.create()).webhook_subscription
    await stand.happens(6)
    stand.partner.answers(500)
    await stand.send()
    failing = await stand.get(made.webhook_subscription_id)
    assert failing.consecutive_failure_count == 6
    failing.url = stand.partner.url + "/elsewhere"
    moved = await stand.update(failing, "url")
    assert (moved.consecutive_failure_count, moved.HasField("fail_start_time")) == (0, False)


async def test_events_are_of_use_to_tenants_that_have_a_subscription_now(stand: Stand) -> None:
    types, subscribers = stand.parts.fanout.wanted()
    assert "message.accepted" in types
    nobody = uuid4()

    async def found() -> set[UUID]:
        async with stand.database.system() as uow:
            return set(await subscribers(uow, [stand.tenant_id, nobody]))

    assert await found() == set()
    made = await stand.create()
    assert await found() == {stand.tenant_id}
    id = made.webhook_subscription.webhook_subscription_id
    request = pb.DeleteWebhookSubscriptionRequest(webhook_subscription_id=id)
    await stand.webhooks.DeleteWebhookSubscription(request, metadata=stand.as_person())
    assert await found() == set()
