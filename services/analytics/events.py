"""What analytics consumes, by source and type (EVT-11)."""

from collections.abc import Mapping

from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.consent.v1 import consent_events_pb2 as consent_pb2
from services.analytics import merges
from services.analytics.compliance import handlers as compliance
from services.analytics.conversions import handlers as conversions
from services.analytics.directory import handlers as directory
from services.analytics.facts import handlers as facts
from services.analytics.rollups import measures
from services.analytics.timeline import referrals
from services.common.db.uow import UnitOfWork
from services.common.events.consumer import Handler, JointHandler

SOURCES = ("delivery", "campaign", "consent")


async def _opted_out(uow: UnitOfWork, envelope: EventEnvelope, payload: consent_pb2.ContactOptedOut) -> None:
    await facts.opted_out(uow, envelope, payload)
    await compliance.opted_out(uow, envelope, payload)


_HANDLERS: Mapping[str, Handler] = {
    "message.accepted": facts.accepted,  # type: ignore[dict-item]  # each handler names its own payload
    "message.sent": facts.sent,  # type: ignore[dict-item]
    "message.delivered": facts.reached,  # type: ignore[dict-item]
    "message.read": facts.reached,  # type: ignore[dict-item]
    "message.failed": facts.stopped,  # type: ignore[dict-item]
    "message.retry_scheduled": facts.tried_again,  # type: ignore[dict-item]
    "message.retried": facts.retried,  # type: ignore[dict-item]
    "message.skipped": facts.stopped,  # type: ignore[dict-item]
    "message.expired": facts.stopped,  # type: ignore[dict-item]
    "message.cancelled": facts.stopped,  # type: ignore[dict-item]
    "message.unknown": facts.stopped,  # type: ignore[dict-item]
    "message.bounced": facts.bounced,  # type: ignore[dict-item]
    "message.complained": facts.complained,  # type: ignore[dict-item]
    "message.engaged": facts.engaged,  # type: ignore[dict-item]
    "message.cost_recorded": facts.costs_recorded,  # type: ignore[dict-item]
    "campaign.recipients_skipped": facts.skipped_by_campaign,  # type: ignore[dict-item]
    "message.deferred": compliance.deferred,  # type: ignore[dict-item]
    "consent.opted_out": _opted_out,  # type: ignore[dict-item]
    "consent.updated": compliance.consents_updated,  # type: ignore[dict-item]
    "suppression.added": compliance.suppressions_changed,  # type: ignore[dict-item]
    "suppression.removed": compliance.suppressions_changed,  # type: ignore[dict-item]
    "privacy.request_created": compliance.request_created,  # type: ignore[dict-item]
    "privacy.request_completed": compliance.request_completed,  # type: ignore[dict-item]
    "tenant.created": directory.tenant_changed,  # type: ignore[dict-item]
    "tenant.updated": directory.tenant_changed,  # type: ignore[dict-item]
    "tenant.suspended": directory.tenant_changed,  # type: ignore[dict-item]
    "tenant.resumed": directory.tenant_changed,  # type: ignore[dict-item]
    "campaign.created": directory.campaign_changed,  # type: ignore[dict-item]
    "campaign.submitted": directory.campaign_changed,  # type: ignore[dict-item]
    "campaign.approved": directory.campaign_changed,  # type: ignore[dict-item]
    "campaign.rejected": directory.campaign_changed,  # type: ignore[dict-item]
    "campaign.scheduled": directory.campaign_changed,  # type: ignore[dict-item]
    "campaign.paused": directory.campaign_changed,  # type: ignore[dict-item]
    "campaign.resumed": directory.campaign_changed,  # type: ignore[dict-item]
    "campaign.cancelled": directory.campaign_changed,  # type: ignore[dict-item]
    "campaign.sent": directory.campaign_launched,  # type: ignore[dict-item]
    "campaign.completed": directory.campaign_completed,  # type: ignore[dict-item]
    "invoice.finalized": conversions.observed,  # type: ignore[dict-item]
    "order.completed": conversions.observed,  # type: ignore[dict-item]
    "payment.succeeded": conversions.observed,  # type: ignore[dict-item]
    "visit.completed": conversions.observed,  # type: ignore[dict-item]
    "refund.completed": conversions.taken_back,  # type: ignore[dict-item]
    "invoice.refunded": conversions.taken_back,  # type: ignore[dict-item]
    "invoice.cancelled": conversions.taken_back,  # type: ignore[dict-item]
    "coupon.redeemed": conversions.coupon_used,  # type: ignore[dict-item]
    "coupon.reversed": conversions.coupon_used,  # type: ignore[dict-item]
    "feedback.received": conversions.feedback_received,  # type: ignore[dict-item]
    **{f"referral.{word}": referrals.changed for word in referrals.TYPES},  # type: ignore[misc]
    "contact.merged": merges.contact_merged,  # type: ignore[dict-item]
    "marketing_settings.updated": directory.settings_changed,  # type: ignore[dict-item]
}

HANDLERS: Mapping[str, Handler] = {kind: measures.measured(handler) for kind, handler in _HANDLERS.items()}

# What neighbours tell by IngestEvents, besides the same.
INGESTED: Mapping[str, Handler] = {
    **HANDLERS,
    "coupon.redeemed": conversions.observed,  # type: ignore[dict-item]
    "feedback.received": conversions.observed,  # type: ignore[dict-item]
    "coupon.reversed": conversions.taken_back,  # type: ignore[dict-item]
}

# A worker tells of a hand-over and its price in one transaction, so they stand side by side.
_JOINT: Mapping[str, JointHandler] = {
    "message.accepted": facts.accepted_together,  # type: ignore[dict-item]
    "message.sent": facts.sent_at_a_price,  # type: ignore[dict-item]
    "message.cost_recorded": facts.sent_at_a_price,  # type: ignore[dict-item]
}

_TOGETHER = {handler: measures.measured_together(handler) for handler in set(_JOINT.values())}
# Events stand together where they have the same handler.
JOINT: Mapping[str, JointHandler] = {kind: _TOGETHER[handler] for kind, handler in _JOINT.items()}
