"""What was told is kept for a month, and people are cut out of it when they are erased."""

from __future__ import annotations

import orjson
import pytest

from angarium.common.v1 import contact_data_pb2, contact_data_pb2_grpc
from angarium.consent.v1 import consent_events_pb2 as consent
from angarium.delivery.v1 import delivery_events_pb2 as events
from angarium.delivery.v1 import webhook_service_pb2 as pb
from services.common.ids import uuid7
from services.delivery.webhooks import keeping
from tests.delivery.webhooks.kit import Stand, wait


@pytest.mark.req("GEN-47", "DEL-50")
async def test_events_and_deliveries_are_kept_for_thirty_days(stand: Stand) -> None:
    made = (await stand.create()).webhook_subscription
    await stand.happens(2)
    await stand.send()
    wait(stand, days=29)
    await stand.happens()
    request = pb.DeleteWebhookSubscriptionRequest(webhook_subscription_id=made.webhook_subscription_id)
    await stand.webhooks.DeleteWebhookSubscription(request, metadata=stand.as_person())

    async def left() -> list[int]:
        async with stand.database.system() as uow:
            while await keeping.forget(uow, stand.clock.now(), 500):
                continue
            tables = ("webhook_event", "webhook_delivery", "webhook_subscription")
            return [await uow.fetch_value(f"SELECT count(*) FROM {table}") for table in tables]

    assert await left() == [3, 3, 1]
    wait(stand, days=1, seconds=1)
    assert await left() == [1, 1, 1]
    wait(stand, days=30)
    assert await left() == [0, 0, 0]


@pytest.mark.req("CON-90")
async def test_an_erased_person_is_in_nothing_that_was_told(stand: Stand) -> None:
    contact, other, tombstone = (str(uuid7()) for _ in range(3))
    await stand.create("*")
    hits = [
        events.MessageEngaged(
            message_id=str(uuid7()), contact_id=one, kind=2, url=f"https://shop.example/{one}"
        )
        for one in (contact, other)
    ]
    await stand.happen(
        stand.event("message.engaged", events.MessagesEngaged(hits=hits)),
        stand.event("consent.opted_out", consent.ContactOptedOut(contact_id=contact)),
    )
    request = contact_data_pb2.EraseContactDataRequest(
        contact_id=contact, tombstone_id=tombstone, privacy_request_id=str(uuid7())
    )
    erased = await contact_data_pb2_grpc.ContactDataServiceStub(stand.channel).EraseContactData(
        request, metadata=stand.as_service("consent")
    )
    assert erased.remaining_count == 0
    async with stand.database.system() as uow:
        bodies = [bytes(body) for (body,) in await uow.fetch_all("SELECT body FROM webhook_event")]
    assert len(bodies) == 2
    assert not any(contact.encode() in body for body in bodies)
    told = {body["type"]: body["data"] for body in map(orjson.loads, bodies)}
    first, second = told["message.clicked"]["items"]
    assert (first["contact_id"], first["url"]) == (tombstone, None)
    assert (second["contact_id"], second["url"]) == (other, f"https://shop.example/{other}")
    assert told["consent.opted_out"]["contact_id"] == tombstone
    assert await stand.send() == 2, "what is left of it still goes out"
