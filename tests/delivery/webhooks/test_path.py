"""The whole way: events from the outbox by the stream to a partner, and messages that go to one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from redis.asyncio import Redis
from standardwebhooks.webhooks import Webhook

from angarium.campaign.v1.campaign_events_pb2 import CampaignCompleted, CouponUsed
from angarium.campaign.v1.coupon_pb2 import CouponRedemption
from angarium.common.v1 import enums_pb2
from angarium.consent.v1.consent_events_pb2 import ContactOptedOut
from angarium.delivery.v1 import webhook_service_pb2 as pb
from angarium.delivery.v1 import webhook_service_pb2_grpc as pb_grpc
from angarium.delivery.v1.webhook_pb2 import WebhookSubscription
from services.common.events.event import Event
from services.common.events.relay import Relay
from services.common.rpc.status import from_rpc_error
from services.delivery.bootstrap import build
from tests.delivery.kit import House, open_house, recipient
from tests.delivery.webhooks.kit import Partner, open_partner

LOOPS = ("dispatch", "receipts", "reconcile", "relay", "consumer", "webhooks")


@asynccontextmanager
async def working(house: House) -> AsyncIterator[None]:
    async with build(house.settings) as service:
        stop = asyncio.Event()
        tasks = [asyncio.create_task(one.run(stop)) for one in service.loops if one.name in LOOPS]
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait_for(asyncio.gather(*tasks), 20)


class Shop:
    """A tenant whose partner is told, and may be written to."""

    def __init__(self, house: House, partner: Partner) -> None:
        self.house, self.partner = house, partner
        self.webhooks = pb_grpc.WebhookServiceStub(house.channel)
        self.template = house.template(
            channel=enums_pb2.CHANNEL_WEBHOOK, subject="", text='{"dear": "{{ name }}"}', html=""
        )

    async def subscribe(self, *events: str) -> pb.CreateWebhookSubscriptionResponse:
        request = pb.CreateWebhookSubscriptionRequest(
            webhook_subscription=WebhookSubscription(name="shop", url=self.partner.url, events=events)
        )
        return await self.webhooks.CreateWebhookSubscription(request, metadata=self.house.as_person())

    async def write(self, subscription_id: str, contact_id: UUID | None = None) -> str:
        answer = await self.house.send_one(
            self.house.content(self.template, channel=enums_pb2.CHANNEL_WEBHOOK),
            recipient(7, contact_id=str(contact_id or uuid4()), address=subscription_id),
        )
        return str(answer.message_id)

    async def until_called(self, type: str) -> tuple[dict[str, str], bytes, dict[str, Any]]:
        async def found() -> Any:
            for (headers, raw), body in zip(self.partner.calls, self.partner.bodies, strict=True):
                if body["type"] == type:
                    return headers, raw, body
            return None

        return await self.house.until(found)


@pytest.fixture
async def shop(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis
) -> AsyncIterator[Shop]:
    options = {"outbound_allow_local": True}
    async with (
        open_partner() as partner,
        open_house(clone_database(["delivery"]), redis_url, **options) as house,
        working(house),
    ):
        yield Shop(house, partner)


@pytest.mark.req("DEL-95", "DEL-107", "DEL-128", "JOB-29", "EVT-11")
async def test_a_message_goes_to_a_subscription_and_what_becomes_of_it_is_told_too(shop: Shop) -> None:
    made = await shop.subscribe("message.*")
    id = made.webhook_subscription.webhook_subscription_id
    message_id = await shop.write(id)
    headers, raw, body = await shop.until_called("webhook.message")
    assert Webhook(made.secret).verify(raw, headers) == body
    assert body["id"] == headers["webhook-id"] == message_id
    assert body["data"] == {
        "message_id": message_id,
        "campaign_id": None,
        "category": "order",
        "template": "hello",
        "content": '{"dear": "Person 7"}',
    }
    await shop.house.until_states({"delivered": 1})
    _, _, told = await shop.until_called("message.delivered")
    assert told["data"]["items"][0]["message_id"] == message_id
    types = [one["type"] for one in shop.partner.bodies]
    assert {"message.accepted", "message.sent"} <= set(types)
    stored = await shop.house.rows("SELECT body FROM webhook_event WHERE message_id IS NOT NULL")
    assert len(stored) == 1
    assert b"Person" not in bytes(stored[0][0])


@pytest.mark.req("EVT-11", "EVT-120")
async def test_what_other_services_tell_reaches_partners_through_their_streams(
    clone_database: Callable[[Iterable[str]], str], open_database: Any, redis_url: str, redis: Redis
) -> None:
    url = clone_database(["consent", "campaign", "delivery"])
    consent, campaign = [await open_database(url, name) for name in ("consent", "campaign")]
    options = {"outbound_allow_local": True}
    async with open_partner() as partner, open_house(url, redis_url, **options) as house, working(house):
        shop = Shop(house, partner)
        await shop.subscribe("consent.*", "campaign.*", "coupon.*", "contact.erased")
        stop = asyncio.Event()
        relays = [
            asyncio.create_task(Relay(one, redis, name).loop(stop))
            for one, name in ((consent, "consent"), (campaign, "campaign"))
        ]
        contact_id = str(uuid4())
        async with consent.tenant(house.tenant_id) as uow:
            uow.emit(
                Event("consent.opted_out", "contact", contact_id, ContactOptedOut(contact_id=contact_id))
            )
        async with campaign.tenant(house.tenant_id) as uow:
            uow.emit(Event("campaign.completed", "campaign", "1", CampaignCompleted(campaign_id="1")))
            use = CouponRedemption(contact_id=contact_id, code="SPRING")
            uow.emit(Event("coupon.redeemed", "coupon", "1", CouponUsed(redemption=use)))
        async with consent.tenant(uuid4()) as uow:
            uow.emit(Event("consent.opted_out", "contact", "2", ContactOptedOut(contact_id="2")))
        _, _, opted_out = await shop.until_called("consent.opted_out")
        _, _, completed = await shop.until_called("campaign.completed")
        _, _, redeemed = await shop.until_called("coupon.redeemed")
        stop.set()
        await asyncio.gather(*relays)
    assert opted_out["data"]["contact_id"] == contact_id
    assert completed["data"]["campaign_id"] == "1"
    assert redeemed["data"]["redemption"]["code"] == "SPRING"
    assert {one["tenant"] for one in partner.bodies} == {str(house.tenant_id)}


@pytest.mark.req("DEL-95")
async def test_a_message_fails_when_its_subscription_is_unknown_switched_off_or_gone(shop: Shop) -> None:
    made = await shop.subscribe()
    id = made.webhook_subscription.webhook_subscription_id
    await shop.write(str(uuid4()))
    await shop.house.until_states({"failed": 1})
    shop.partner.answers(410)
    await shop.write(id)
    await shop.house.until_states({"failed": 2})
    await shop.write(id)
    await shop.house.until_states({"failed": 3})
    codes = await shop.house.rows("SELECT failure_code FROM message ORDER BY message_id")
    assert [code for (code,) in codes] == ["unknown_subscription", "http_410", "subscription_disabled"]
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await shop.write("https://free.example/hook")
    assert from_rpc_error(refused.value, "delivery").reason == "INVALID_RECIPIENT"


@pytest.mark.req("DEL-95", "CON-90")
async def test_a_message_of_an_erased_person_is_not_sent_any_more(shop: Shop) -> None:
    made = await shop.subscribe()
    contact_id = uuid4()
    shop.partner.answers(503)
    await shop.write(made.webhook_subscription.webhook_subscription_id, contact_id)
    await shop.until_called("webhook.message")
    shop.partner.calls.clear()
    await shop.house.rows("DELETE FROM person_key WHERE contact_id = %s", contact_id)
    await shop.house.rows("UPDATE webhook_delivery SET next_attempt_at = now()")
    await shop.house.rows("NOTIFY angarium_delivery, 'webhooks'")
    await shop.house.until_states({"failed": 1})
    assert shop.partner.calls == []
    assert await shop.house.value("SELECT last_error FROM webhook_delivery") == "not_kept"
