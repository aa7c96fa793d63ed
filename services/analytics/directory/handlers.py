"""Keeps the directory up to date from campaign's events."""

from datetime import UTC, datetime
from uuid import UUID

from angarium.campaign.v1 import campaign_events_pb2 as campaign_pb2
from angarium.campaign.v1.campaign_pb2 import Campaign as CampaignProto
from angarium.common.v1.events_pb2 import EventEnvelope
from services.analytics.directory import store
from services.analytics.directory.store import Told
from services.analytics.rollups import recount
from services.common.db.uow import UnitOfWork
from services.common.money import Money


async def tenant_changed(
    uow: UnitOfWork, _envelope: EventEnvelope, payload: campaign_pb2.TenantChanged
) -> None:
    """Keeps a tenant's name, zone and currency; another zone cuts days elsewhere, so they are recounted."""
    tenant = payload.tenant
    zone = tenant.default_time_zone or store.DEFAULT_ZONE
    if await store.save_tenant(uow, tenant.name, zone, tenant.currency_code):
        await recount.mark_tenant(uow)


async def settings_changed(
    uow: UnitOfWork, envelope: EventEnvelope, payload: campaign_pb2.MarketingSettingsUpdated
) -> None:
    """Keeps the tenant and its monthly limit."""
    if payload.HasField("tenant"):
        await tenant_changed(uow, envelope, campaign_pb2.TenantChanged(tenant=payload.tenant))
    settings = payload.settings
    has_limit = settings.HasField("monthly_budget_limit")
    await store.save_limit(uow, Money.from_proto(settings.monthly_budget_limit).amount if has_limit else None)


async def campaign_changed(
    uow: UnitOfWork, envelope: EventEnvelope, payload: campaign_pb2.CampaignChanged
) -> None:
    """Keeps a campaign's name, state and variants."""
    await store.save_campaign(
        uow,
        Told(
            UUID(payload.campaign_id),
            _time(envelope),
            payload.name,
            payload.channel,
            [variant.key for variant in payload.variants],
            payload.state or None,
        ),
    )


async def campaign_launched(
    uow: UnitOfWork, envelope: EventEnvelope, payload: campaign_pb2.CampaignLaunched
) -> None:
    """Keeps when a campaign was launched, under which name and with which variants."""
    at = _time(envelope)
    await store.save_campaign(
        uow,
        Told(
            UUID(payload.campaign_id),
            at,
            payload.name,
            payload.channel,
            [variant.key for variant in payload.variants],
            CampaignProto.STATE_SENDING,
            started_at=at,
        ),
    )


async def campaign_completed(
    uow: UnitOfWork, envelope: EventEnvelope, payload: campaign_pb2.CampaignCompleted
) -> None:
    """Keeps when a campaign completed."""
    at = _time(envelope)
    await store.save_campaign(
        uow,
        Told(UUID(payload.campaign_id), at, state=CampaignProto.STATE_SENT, completed_at=at),
    )


def _time(envelope: EventEnvelope) -> datetime:
    return envelope.occur_time.ToDatetime(tzinfo=UTC)
