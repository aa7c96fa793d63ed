"""What analytics consumes, by source and type (EVT-11)."""

from collections.abc import Mapping

from services.analytics.directory import handlers as directory
from services.analytics.facts import handlers as facts
from services.common.events.consumer import Handler, JointHandler

SOURCES = ("delivery", "campaign", "consent")

HANDLERS: Mapping[str, Handler] = {
    "message.accepted": facts.accepted,  # type: ignore[dict-item]  # each handler names its own payload
    "message.sent": facts.sent,  # type: ignore[dict-item]
    "message.delivered": facts.reached,  # type: ignore[dict-item]
    "message.read": facts.reached,  # type: ignore[dict-item]
    "message.failed": facts.stopped,  # type: ignore[dict-item]
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
    "consent.opted_out": facts.opted_out,  # type: ignore[dict-item]
    "tenant.created": directory.tenant_changed,  # type: ignore[dict-item]
    "tenant.suspended": directory.tenant_changed,  # type: ignore[dict-item]
    "tenant.resumed": directory.tenant_changed,  # type: ignore[dict-item]
    "campaign.created": directory.campaign_changed,  # type: ignore[dict-item]
    "campaign.submitted": directory.campaign_changed,  # type: ignore[dict-item]
    "campaign.approved": directory.campaign_changed,  # type: ignore[dict-item]
    "campaign.sent": directory.campaign_launched,  # type: ignore[dict-item]
}

# A worker tells of a hand-over and its price in one transaction, so they stand side by side.
JOINT: Mapping[str, JointHandler] = {
    "message.accepted": facts.accepted_together,  # type: ignore[dict-item]
    "message.sent": facts.sent_at_a_price,  # type: ignore[dict-item]
    "message.cost_recorded": facts.sent_at_a_price,  # type: ignore[dict-item]
}
