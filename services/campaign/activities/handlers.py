"""What people did with messages, noted as activities, a block at a time; machines do not count."""

from collections.abc import Iterable
from datetime import UTC
from uuid import UUID

from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1 import delivery_events_pb2, receipt_service_pb2
from services.campaign.activities import store
from services.campaign.activities.store import Activity
from services.campaign.segments.domain import Activity as Kind
from services.common.db.uow import UnitOfWork

_KINDS = {
    receipt_service_pb2.ENGAGEMENT_KIND_OPEN: int(Kind.OPEN),
    receipt_service_pb2.ENGAGEMENT_KIND_CLICK: int(Kind.CLICK),
}


async def engaged(
    uow: UnitOfWork, _envelope: EventEnvelope, payload: delivery_events_pb2.MessagesEngaged
) -> None:
    """Notes opens and clicks; a later verdict on one of them replaces an earlier one."""
    now = uow.now()
    found: list[Activity] = []
    for hit in _last_verdicts(payload.hits):
        at = hit.occur_time.ToDatetime(tzinfo=UTC)
        if not store.is_kept(at, now):
            continue
        kind = _KINDS[hit.kind]
        found.append(
            Activity(
                UUID(hit.contact_id),
                kind,
                store.activity_id(kind, hit.engagement_id, at),
                hit.campaign_id or None,
                hit.judgement,
                hit.engagement_class == receipt_service_pb2.ENGAGEMENT_CLASS_HUMAN,
            )
        )
    if found:
        await store.add(uow, found)


def _last_verdicts(
    hits: Iterable[delivery_events_pb2.MessageEngaged],
) -> Iterable[delivery_events_pb2.MessageEngaged]:
    newest: dict[str, delivery_events_pb2.MessageEngaged] = {}
    for hit in hits:
        known = newest.get(hit.engagement_id)
        if hit.contact_id and hit.kind in _KINDS and (known is None or known.judgement < hit.judgement):
            newest[hit.engagement_id] = hit
    return newest.values()
