"""Keeps the directory up to date from campaign's events."""

from uuid import UUID

from angarium.campaign.v1 import campaign_events_pb2 as campaign_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from services.analytics.directory import store
from services.analytics.rollups import store as rollups
from services.common.db.uow import UnitOfWork


async def tenant_changed(
    uow: UnitOfWork, _envelope: EventEnvelope, payload: campaign_pb2.TenantChanged
) -> None:
    """Keeps a tenant's name, zone and currency; another zone cuts days elsewhere, so campaigns are recounted."""
    tenant = payload.tenant
    zone = tenant.default_time_zone or store.DEFAULT_ZONE
    if await store.save_tenant(uow, tenant.name, zone, tenant.currency_code):
        await rollups.mark_all_campaigns(uow)


async def campaign_changed(
    uow: UnitOfWork, _envelope: EventEnvelope, payload: campaign_pb2.CampaignChanged
) -> None:
    """Keeps a campaign's name and variants."""
    await store.save_campaign(
        uow,
        UUID(payload.campaign_id),
        payload.name,
        payload.channel,
        [variant.key for variant in payload.variants],
    )


async def campaign_launched(
    uow: UnitOfWork, _envelope: EventEnvelope, payload: campaign_pb2.CampaignLaunched
) -> None:
    """Keeps a launched campaign's name and variants."""
    await store.save_campaign(
        uow,
        UUID(payload.campaign_id),
        payload.name,
        payload.channel,
        [variant.key for variant in payload.variants],
    )
