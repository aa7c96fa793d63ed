"""Channels on which no provider account takes anything, as delivery tells of its circuits (CAM-106)."""

from datetime import datetime, timedelta

from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1 import delivery_events_pb2 as events
from services.campaign.ledger.domain import first_id, last_id
from services.campaign.runs.store import RunKey
from services.common.db.uow import UnitOfWork

LONGEST = timedelta(minutes=10)
"""How long all accounts may be down before campaigns are held."""


async def unhealthy(uow: UnitOfWork, _envelope: EventEnvelope, payload: events.ProviderHealthChanged) -> None:
    """Notes since when no account of a channel is left."""
    if not payload.channel or payload.replacement_provider_account_id:
        return
    await uow.execute(
        "INSERT INTO channel_outage (tenant_id, channel, since) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (uow.tenant_id, payload.channel, uow.now()),
    )


async def recovered(uow: UnitOfWork, _envelope: EventEnvelope, payload: events.ProviderHealthChanged) -> None:
    """Notes that an account of a channel is back."""
    await _over(uow, payload.channel)


async def holds(uow: UnitOfWork, key: RunKey, channel: int) -> bool:
    """Returns whether all accounts of a run's channel have been down for too long."""
    since: datetime | None = await uow.fetch_value(
        "SELECT since FROM channel_outage WHERE tenant_id = %s AND channel = %s AND since <= %s",
        (uow.tenant_id, channel, uow.now() - LONGEST),
    )
    if since is None:
        return False
    # An account that was added since says nothing; what it sends does.
    has_sent = await uow.fetch_value(
        "SELECT EXISTS (SELECT FROM campaign_recipient WHERE tenant_id = %s AND run_id = %s "
        "AND recipient_id BETWEEN %s AND %s AND sent_at > %s)",
        (uow.tenant_id, key.run_id, first_id(key.run_id), last_id(key.run_id), since),
    )
    if has_sent:
        await _over(uow, channel)
    return not has_sent


async def _over(uow: UnitOfWork, channel: int) -> None:
    await uow.execute(
        "DELETE FROM channel_outage WHERE tenant_id = %s AND channel = %s", (uow.tenant_id, channel)
    )
