"""What consent, delivery and analytics say of contacts is copied for segments, block by block."""

from datetime import UTC, datetime
from typing import Any

import pytest
from google.protobuf.message import Message

from angarium.analytics.v1 import analytics_events_pb2
from angarium.common.v1 import enums_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.consent.v1 import consent_events_pb2
from angarium.delivery.v1 import delivery_events_pb2, receipt_service_pb2
from services.campaign.contacts import copies
from tests.campaign.contacts.given import get, upsert
from tests.house import Served

EMAIL, WHATSAPP = enums_pb2.CHANNEL_EMAIL, enums_pb2.CHANNEL_WHATSAPP


async def hear(served: Served, kind: str, payload: Message) -> None:
    async with served.service.database.tenant(served.tenant_id) as uow:
        await copies.HANDLERS[kind](uow, EventEnvelope(type=kind), payload)


def consent(contact_id: str, channel: int, value: str, **changes: Any) -> consent_events_pb2.ConsentUpdated:
    return consent_events_pb2.ConsentUpdated(
        **{
            "contact_id": contact_id,
            "channel": channel,
            "new_value": value,
            "message_class": enums_pb2.MESSAGE_CLASS_MARKETING,
            **changes,
        }
    )


@pytest.mark.req("CAM-5")
async def test_channels_a_contact_agreed_to_are_copied_and_taken_back(campaign: Served) -> None:
    anna, ben = await upsert(campaign, "a"), await upsert(campaign, "b")
    transactional = enums_pb2.MESSAGE_CLASS_TRANSACTIONAL
    await hear(
        campaign,
        "consent.updated",
        consent_events_pb2.ConsentsUpdated(
            consents=[
                consent(anna.contact_id, EMAIL, "granted"),
                consent(anna.contact_id, WHATSAPP, "granted"),
                consent(ben.contact_id, EMAIL, "granted"),
                consent(ben.contact_id, EMAIL, "revoked"),
                consent(ben.contact_id, WHATSAPP, "granted", message_class=transactional),
                consent("", EMAIL, "granted"),
            ]
        ),
    )
    found = await get(campaign, external_id="a")
    assert (list(found.consented_channels), found.has_whatsapp) == ([EMAIL, WHATSAPP], True)
    assert not (await get(campaign, external_id="b")).consented_channels
    one = consent_events_pb2.ContactOptedOut(contact_id=anna.contact_id, channel=EMAIL)
    await hear(campaign, "consent.opted_out", one)
    assert list((await get(campaign, external_id="a")).consented_channels) == [WHATSAPP]
    everything = consent(anna.contact_id, 0, "true", field="marketing_opted_out")
    await hear(campaign, "consent.updated", consent_events_pb2.ConsentsUpdated(consents=[everything]))
    found = await get(campaign, external_id="a")
    assert (list(found.consented_channels), found.has_whatsapp) == ([], True)
    gone = delivery_events_pb2.RecipientReported(contact_id=anna.contact_id, channel=WHATSAPP)
    await hear(campaign, "recipient.invalid", delivery_events_pb2.RecipientsReported(reports=[gone]))
    assert not (await get(campaign, external_id="a")).has_whatsapp


@pytest.mark.req("CAM-5", "CAM-80")
async def test_scores_and_signs_of_life_are_copied_and_machines_give_none(campaign: Served) -> None:
    anna = await upsert(campaign, "a")
    scores = [analytics_events_pb2.ContactScore(contact_id=anna.contact_id, score=73)]
    await hear(campaign, "engagement.scored", analytics_events_pb2.EngagementScored(scores=scores))

    def hit(hour: int, kind: int) -> delivery_events_pb2.MessageEngaged:
        found = delivery_events_pb2.MessageEngaged(contact_id=anna.contact_id, engagement_class=kind)
        found.occur_time.FromDatetime(datetime(2026, 11, 20, hour, tzinfo=UTC))
        return found

    human, scanner = (
        receipt_service_pb2.ENGAGEMENT_CLASS_HUMAN,
        receipt_service_pb2.ENGAGEMENT_CLASS_SCANNER,
    )
    for hits in ([hit(9, human), hit(8, human), hit(11, scanner)], [hit(7, human)]):
        async with campaign.service.database.tenant(campaign.tenant_id) as uow:
            await copies.engaged(uow, EventEnvelope(), delivery_events_pb2.MessagesEngaged(hits=hits))
    found = await get(campaign, external_id="a")
    assert (found.engagement_score, found.last_activity_time.ToDatetime().hour) == (73, 9)
