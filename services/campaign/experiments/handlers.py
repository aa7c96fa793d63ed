"""What recipients of a tested share did, as delivery tells it."""

from uuid import UUID

from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1 import delivery_events_pb2 as events
from services.campaign.experiments import store
from services.campaign.experiments.store import Hit
from services.common.db.uow import UnitOfWork


async def engaged(uow: UnitOfWork, _envelope: EventEnvelope, payload: events.MessagesEngaged) -> None:
    """Keeps opens and clicks of campaigns whose test is under way; all others are of no use here."""
    named = {UUID(one.campaign_id) for one in payload.hits if one.campaign_id}
    tested = await store.tested_campaigns(uow, named) if named else set()
    newest: dict[UUID, Hit] = {}
    for one in payload.hits:
        if not one.campaign_id or UUID(one.campaign_id) not in tested:
            continue
        hit = Hit(
            UUID(one.engagement_id),
            UUID(one.campaign_id),
            UUID(one.message_id),
            one.kind,
            one.engagement_class,
            one.judgement,
        )
        known = newest.get(hit.engagement_id)
        if known is None or known.judgement < hit.judgement:
            newest[hit.engagement_id] = hit
    if newest:
        await store.keep(uow, list(newest.values()))
