"""A database of analytics, and events as the other services emit them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from google.protobuf.message import Message

from angarium.campaign.v1 import campaign_events_pb2, campaign_pb2, settings_service_pb2
from angarium.common.v1 import enums_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.consent.v1 import consent_events_pb2, consent_pb2
from angarium.delivery.v1 import delivery_events_pb2 as delivery_pb2
from angarium.delivery.v1 import message_pb2, receipt_service_pb2
from services.analytics import events
from services.analytics.bootstrap import build
from services.analytics.settings import AnalyticsSettings
from services.common.clock import FixedClock
from services.common.db.database import Database
from services.common.db.testing import TemplateDatabases
from services.common.ids import uuid7
from tests.analytics.desk import NOW, Desk
from tests.house import Served, serving, settings_for

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass
class Feed:
    """Applies events to analytics as its consumer does: one transaction each, any number of times."""

    database: Database
    tenant_id: UUID = field(default_factory=uuid4)
    campaign_id: UUID = field(default_factory=uuid7)
    run_id: UUID = field(default_factory=uuid7)

    async def apply(self, kind: str, payload: Message, at: datetime = NOON) -> None:
        envelope = EventEnvelope(event_id=str(uuid7()), type=kind, tenant_id=str(self.tenant_id))
        envelope.occur_time.FromDatetime(at)
        async with self.database.tenant(self.tenant_id) as uow:
            await events.INGESTED[kind](uow, envelope, payload)

    async def tenant(self, zone: str = "UTC") -> None:
        tenant = settings_service_pb2.Tenant(
            tenant_id=str(self.tenant_id), name="Bazaar", currency_code="EUR", default_time_zone=zone
        )
        await self.apply("tenant.created", campaign_events_pb2.TenantChanged(tenant=tenant))

    async def campaign(self, *variants: str) -> None:
        launched = campaign_events_pb2.CampaignLaunched(
            campaign_id=str(self.campaign_id), run_id=str(self.run_id), name="Spring", channel=1
        )
        for key in variants:
            launched.variants.add(key=key)
        await self.apply("campaign.sent", launched)

    async def accepted(
        self,
        messages: Iterable[UUID],
        *,
        variant: str = "",
        origin: int = message_pb2.ORIGIN_CAMPAIGN,
        at: datetime = NOON,
    ) -> None:
        payload = delivery_pb2.MessagesAccepted()
        payload.dimensions.channel = enums_pb2.CHANNEL_EMAIL
        payload.dimensions.message_class = enums_pb2.MESSAGE_CLASS_MARKETING
        payload.dimensions.category = enums_pb2.CATEGORY_NEWSLETTER
        payload.dimensions.origin = origin
        payload.dimensions.campaign_id = str(self.campaign_id)
        payload.dimensions.run_id = str(self.run_id)
        payload.dimensions.variant_key = variant
        for message_id in messages:
            payload.messages.add(message_id=str(message_id), contact_id=str(uuid7()), language_code="en")
        await self.apply("message.accepted", payload, at)

    async def sent(self, messages: Iterable[UUID], *, at: datetime = NOON) -> None:
        payload = delivery_pb2.MessagesSent(
            campaign_id=str(self.campaign_id), provider="sendgrid", provider_account_id=str(uuid7())
        )
        for message_id in messages:
            payload.messages.add(message_id=str(message_id), attempt=1).send_time.FromDatetime(at)
        await self.apply("message.sent", payload, at)

    async def reached(self, kind: str, messages: Iterable[UUID], *, at: datetime = NOON) -> None:
        payload = delivery_pb2.MessagesReached()
        for message_id in messages:
            item = payload.messages.add(message_id=str(message_id), campaign_id=str(self.campaign_id))
            item.occur_time.FromDatetime(at)
        await self.apply(kind, payload, at)

    async def stopped(self, kind: str, messages: Iterable[UUID], reason: str, *, at: datetime = NOON) -> None:
        payload = delivery_pb2.MessagesStopped()
        for message_id in messages:
            item = payload.messages.add(
                message_id=str(message_id), campaign_id=str(self.campaign_id), reason=reason
            )
            item.occur_time.FromDatetime(at)
        await self.apply(kind, payload, at)

    async def retried(self, messages: Iterable[UUID], *, at: datetime = NOON) -> None:
        payload = delivery_pb2.MessagesRetried()
        for message_id in messages:
            item = payload.messages.add(message_id=str(message_id), campaign_id=str(self.campaign_id))
            item.occur_time.FromDatetime(at)
        await self.apply("message.retried", payload, at)

    async def reported(self, kind: str, messages: Iterable[UUID], *, at: datetime = NOON) -> None:
        payload = delivery_pb2.RecipientsReported()
        for message_id in messages:
            item = payload.reports.add(
                message_id=str(message_id),
                campaign_id=str(self.campaign_id),
                bounce_type=delivery_pb2.BOUNCE_TYPE_HARD,
            )
            item.occur_time.FromDatetime(at)
        await self.apply(kind, payload, at)

    async def skipped(self, messages: Iterable[UUID], reason: str, *, variant: str = "") -> None:
        payload = campaign_events_pb2.CampaignRecipientsSkipped(
            campaign_id=str(self.campaign_id), run_id=str(self.run_id), channel=1
        )
        for message_id in messages:
            payload.recipients.add(
                message_id=str(message_id), contact_id=str(uuid7()), variant_key=variant, reason=reason
            )
        await self.apply("campaign.recipients_skipped", payload)

    async def engaged(self, *hits: dict[str, Any]) -> delivery_pb2.MessagesEngaged:
        payload = delivery_pb2.MessagesEngaged()
        for hit in hits:
            item = payload.hits.add(
                engagement_id=str(uuid7()),
                message_id=str(hit["message_id"]),
                campaign_id=str(self.campaign_id),
                kind=hit.get("kind", receipt_service_pb2.ENGAGEMENT_KIND_OPEN),
                engagement_class=hit.get("by", receipt_service_pb2.ENGAGEMENT_CLASS_HUMAN),
                link_id=str(hit.get("link_id", "")),
                url=hit.get("url", ""),
            )
            item.occur_time.FromDatetime(hit.get("at", NOON))
        await self.apply("message.engaged", payload)
        return payload

    async def unsubscribed(self, message_id: UUID, source: int) -> None:
        payload = consent_events_pb2.ContactOptedOut(
            message_id=str(message_id), campaign_id=str(self.campaign_id), source=source
        )
        payload.opt_out_time.FromDatetime(NOON)
        await self.apply("consent.opted_out", payload)

    async def costs(self, messages: Iterable[UUID], amount: int, *, attempt: int = 1) -> None:
        payload = delivery_pb2.CostsRecorded(provider="sendgrid", campaign_id=str(self.campaign_id))
        for message_id in messages:
            item = payload.costs.add(message_id=str(message_id), attempt=attempt, billing_period="2026-03")
            item.cost.currency_code = "USD"
            item.cost.nanos = amount
        await self.apply("message.cost_recorded", payload)


OPT_OUT = consent_pb2
CAMPAIGN = campaign_pb2
LATER = NOON + timedelta(minutes=40)
AN_HOUR = timedelta(hours=1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(templates: TemplateDatabases, redis_url: str) -> AsyncIterator[tuple[Served, FixedClock]]:
    """Analytics, served for the tests of a module on one database; each test is a tenant of its own."""
    url = templates.clone(["analytics"])
    clock = FixedClock(NOW + AN_HOUR)
    settings = settings_for(AnalyticsSettings, url, redis_url, "analytics")
    try:
        async with serving(build, settings, clock=clock) as found:
            yield found, clock
    finally:
        templates.drop(url)


@pytest_asyncio.fixture(loop_scope="module")
async def desk(served: tuple[Served, FixedClock]) -> Desk:
    """A new tenant at the served analytics, known to it; it is an hour after what is told."""
    found, clock = served
    clock.set(NOW + AN_HOUR)
    desk = Desk(found, clock)
    await desk.tenant()
    return desk


@pytest.fixture
async def feed(
    clone_database: Callable[[Iterable[str]], str],
    open_database: Callable[..., Awaitable[Database]],
) -> Feed:
    """Analytics of one tenant with one launched campaign."""
    clock = FixedClock(NOON + timedelta(days=1))
    database = await open_database(clone_database(["analytics"]), "analytics", clock=clock)
    feed = Feed(database)
    await feed.tenant()
    await feed.campaign()
    return feed
