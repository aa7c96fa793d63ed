"""Calls of addresses that automations name."""

from __future__ import annotations

import grpc
import pytest

from angarium.delivery.v1 import webhook_service_pb2 as pb
from angarium.delivery.v1.delivery_events_pb2 import WebhookCallSettled
from services.common.contact_data import keys as person_keys
from services.common.events.payloads import payload_of
from services.common.ids import uuid7
from services.delivery.webhooks import signing
from services.delivery.webhooks.domain import DELAYS, MAX_ATTEMPTS
from tests.delivery.webhooks.kit import Stand, wait


async def ask(stand: Stand, call_id: str = "", **fields: object) -> pb.CallWebhookResponse:
    values: dict[str, object] = {"url": stand.partner.url, "contact_id": str(uuid7()), **fields}
    request = pb.CallWebhookRequest(call_id=call_id or str(uuid7()), **values)  # type: ignore[arg-type]
    request.data.update({"order": "o1", "amount": 12})
    return await stand.webhooks.CallWebhook(request, metadata=stand.as_service("campaign"))


async def settled(stand: Stand) -> list[WebhookCallSettled]:
    return [payload_of(one) for one in await stand.outbox("webhook.call_settled")]  # type: ignore[misc]


@pytest.mark.req("LIF-69", "DEL-92")
async def test_a_call_is_signed_sent_once_and_told_of(stand: Stand) -> None:
    call_id = str(uuid7())
    first = await ask(stand, call_id, headers={"X-Shop": "berlin"})
    again = await ask(stand, call_id, headers={"X-Shop": "berlin"})
    assert (first.deduplicated, again.deduplicated) == (False, True)
    assert first.webhook_subscription_id == again.webhook_subscription_id
    assert await stand.send() == 1
    [(headers, body)] = stand.partner.calls
    assert headers["X-Shop"] == "berlin"
    assert headers["X-Webhook-Id"] == call_id
    assert stand.partner.bodies[0]["data"] == {"order": "o1", "amount": 12}
    assert stand.partner.bodies[0]["type"] == "automation.webhook"
    secret = (
        await stand.webhooks.RotateWebhookSecret(
            pb.RotateWebhookSecretRequest(webhook_subscription_id=first.webhook_subscription_id),
            metadata=stand.as_person(),
        )
    ).secret
    assert secret.startswith("whsec_")
    verdict = await stand.webhooks.VerifyWebhookSignature(
        pb.VerifyWebhookSignatureRequest(
            webhook_subscription_id=first.webhook_subscription_id, body=body, headers=headers
        ),
        metadata=stand.as_person(),
    )
    assert verdict.is_valid
    [told] = await settled(stand)
    assert (told.call_id, told.is_delivered, told.attempt_count, told.response_status) == (
        call_id,
        True,
        1,
        200,
    )
    assert signing.PREFIX == "whsec_"


async def test_a_call_that_cannot_be_opened_holds_no_other_back(stand: Stand) -> None:
    broken, good = str(uuid7()), str(uuid7())
    for call_id in (broken, good):
        await ask(stand, call_id)
    async with stand.database.system() as uow:
        await uow.execute("UPDATE webhook_event SET body = body || '\\x00' WHERE event_id = %s", (broken,))
    await stand.send()
    assert [headers["X-Webhook-Id"] for headers, _ in stand.partner.calls] == [good]
    assert {one.call_id: one.is_delivered for one in await settled(stand)} == {broken: False, good: True}


@pytest.mark.req("LIF-69")
async def test_a_call_that_never_arrives_is_told_of_after_its_last_try(stand: Stand) -> None:
    stand.partner.answers(500)
    await ask(stand)
    for pause in (*DELAYS, DELAYS[-1]):
        assert await settled(stand) == []
        await stand.send()
        wait(stand, seconds=pause.total_seconds() + 1)
    [told] = await settled(stand)
    assert (told.is_delivered, told.attempt_count, told.error_class) == (False, MAX_ATTEMPTS, "status")


async def test_calls_of_one_address_share_a_subscription_that_hears_no_events(stand: Stand) -> None:
    first, second = await ask(stand), await ask(stand)
    other = await ask(stand, url=stand.partner.url + "/other")
    assert first.webhook_subscription_id == second.webhook_subscription_id != other.webhook_subscription_id
    await stand.happens(3)
    assert await stand.send() == 3


@pytest.mark.req("LIF-89")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"url": "https://10.0.0.1/hook"}, "UNSAFE_URL"),
        ({"url": "ftp://example.com/"}, "UNSAFE_URL"),
        ({"headers": {"Host": "example.com"}}, "VALIDATION_FAILED"),
        ({"headers": {"Authorization": "Bearer x"}}, "VALIDATION_FAILED"),
        ({"headers": {"X-Webhook-Signature": "v1=0"}}, "VALIDATION_FAILED"),
    ],
)
async def test_what_may_not_be_called_is_refused(
    stand: Stand, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await ask(stand, **changes)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert reason in str(caught.value.trailing_metadata())


async def test_a_call_about_somebody_who_was_erased_is_not_made(stand: Stand) -> None:
    person = uuid7()
    await ask(stand, contact_id=str(person))
    async with stand.database.tenant(stand.tenant_id) as uow:
        assert await person_keys.destroy(uow, person) == 1
    await stand.send()
    assert stand.partner.calls == []
    [told] = await settled(stand)
    assert (told.is_delivered, told.error_class) == (False, "not_kept")


async def test_only_campaign_may_ask_for_calls(stand: Stand) -> None:
    request = pb.CallWebhookRequest(call_id=str(uuid7()), contact_id=str(uuid7()), url=stand.partner.url)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stand.webhooks.CallWebhook(request, metadata=stand.as_person())
    assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
