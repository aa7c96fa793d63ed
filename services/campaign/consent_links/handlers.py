"""What consent announces: that somebody is asked to confirm (EVT-112), or asked for a fresh link (GAT-33)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.consent.v1 import consent_events_pb2
from services.campaign.consent_links import store
from services.common.db.uow import UnitOfWork

KEPT = timedelta(days=90)


async def forget_old(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Removes askings long done; a step of the cleanup (GEN-47)."""
    return await store.delete_old(uow, now - KEPT, limit)


async def confirmation_requested(
    uow: UnitOfWork, _: EventEnvelope, payload: consent_events_pb2.ConsentConfirmationRequested
) -> None:
    """Notes one message per asking; the loop hands it over, because links and addresses are asked for by RPC."""
    await store.add(
        uow,
        UUID(payload.consent_id),
        payload.confirmation_count,
        payload.expire_time.ToDatetime(tzinfo=UTC),
    )


async def fresh_link_requested(
    uow: UnitOfWork, _: EventEnvelope, payload: consent_events_pb2.FreshLinkRequested
) -> None:
    """Notes one message per asking; whether anybody gets it is known when the link is fetched."""
    await store.add_request(uow, UUID(payload.request_id), payload.expire_time.ToDatetime(tzinfo=UTC))
