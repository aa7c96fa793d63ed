"""Campaigns held because the tenant's volume of a day or month is used up, as delivery tells (DEL-69)."""

from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1 import delivery_events_pb2 as events
from services.campaign.campaigns import store as campaigns
from services.campaign.runs import due, pauses
from services.common.db.uow import UnitOfWork

MARKETING = 2
MONTH_LENGTH = len("2026-11")


async def reached(uow: UnitOfWork, _envelope: EventEnvelope, payload: events.TenantVolumeReached) -> None:
    """Holds marketing campaigns of the channel when the month has no more; a day's limit only makes them wait."""
    if len(payload.period) != MONTH_LENGTH:
        return
    for campaign_id in await due.running_campaigns(uow):
        campaign = await campaigns.by_id(uow, campaign_id)
        if campaign is not None and (campaign.channel, campaign.message_class) == (
            payload.channel,
            MARKETING,
        ):
            await pauses.pause_by_itself(uow, campaign_id, "volume_limit")
