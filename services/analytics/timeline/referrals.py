"""Referrals in the timelines of both people: who referred, and who was (ANA-72)."""

from datetime import UTC
from typing import Final
from uuid import UUID

from angarium.campaign.v1 import campaign_events_pb2 as pb
from angarium.common.v1.events_pb2 import EventEnvelope
from services.analytics.timeline import store
from services.analytics.timeline.domain import Type
from services.common.db.uow import UnitOfWork

_NO_CHANNEL: Final = 0
TYPES: Final = ("created", "converted", "rewarded", "expired", "fraud_marked")


async def changed(uow: UnitOfWork, envelope: EventEnvelope, payload: pb.ReferralChanged) -> None:
    """Shows where a referral stands, one entry each; what is told late changes nothing."""
    word = envelope.type.removeprefix("referral.").replace("_", " ")
    sides = {"referrer": payload.referrer_id, "referred": payload.referred_id}
    rows = [
        store.Row(UUID(contact_id), f"{payload.referral_id}:{side}", _NO_CHANNEL, f"{side}: {word}")
        for side, contact_id in sides.items()
        if contact_id
    ]
    await store.put(uow, Type.REFERRAL, envelope.occur_time.ToDatetime(tzinfo=UTC), rows)
