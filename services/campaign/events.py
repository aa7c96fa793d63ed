"""What campaign consumes, by source and type (EVT-11)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1.delivery_events_pb2 import MessagesEngaged
from services.campaign.activities import handlers as activities
from services.campaign.automations import wiring as automations
from services.campaign.consent_links import handlers as consent_links
from services.campaign.contacts import copies
from services.campaign.contacts.wishes import Wishes
from services.campaign.coupons import messages as coupons
from services.campaign.experiments import handlers as experiments
from services.campaign.ledger import handlers as ledger
from services.campaign.runs import outages, volumes
from services.campaign.segments import wiring as segments
from services.campaign.segments.incremental import follow_behaviour
from services.campaign.settings import CampaignSettings
from services.campaign.triggers import outcomes as triggers
from services.common.db.uow import UnitOfWork
from services.common.events.consumer import Handler

SOURCES = ("consent", "campaign", "delivery", "analytics")


async def engaged(uow: UnitOfWork, envelope: EventEnvelope, payload: MessagesEngaged) -> None:
    """Counts opens and clicks for tests that are under way, notes them of their contacts, and when they were active."""
    await experiments.engaged(uow, envelope, payload)
    await activities.engaged(uow, envelope, payload)
    await copies.engaged(uow, envelope, payload)
    await follow_behaviour(uow, {UUID(hit.contact_id) for hit in payload.hits if hit.contact_id})


def _both(first: Handler, second: Handler) -> Handler:
    """Returns a handler that does one after the other, in the event's own transaction."""

    async def handle(uow: UnitOfWork, envelope: EventEnvelope, payload: Any) -> None:
        await first(uow, envelope, payload)
        await second(uow, envelope, payload)

    return handle


HANDLERS: Mapping[str, Handler] = {
    **segments.HANDLERS,
    **segments.following(copies.HANDLERS),
    "consent.confirmation_requested": consent_links.confirmation_requested,  # type: ignore[dict-item]
    "preferences.fresh_link_requested": consent_links.fresh_link_requested,  # type: ignore[dict-item]
    "message.accepted": ledger.accepted,  # type: ignore[dict-item]
    "message.sent": _both(ledger.sent, coupons.sent),  # type: ignore[arg-type]  # each names its own payload
    "message.delivered": ledger.reached,  # type: ignore[dict-item]
    "message.read": ledger.reached,  # type: ignore[dict-item]
    "message.failed": _both(ledger.stopped, coupons.stopped),  # type: ignore[arg-type]
    "message.skipped": _both(_both(ledger.stopped, coupons.stopped), triggers.stopped),  # type: ignore[arg-type]
    "message.expired": _both(_both(ledger.stopped, coupons.stopped), triggers.stopped),  # type: ignore[arg-type]
    "message.cancelled": _both(_both(ledger.stopped, coupons.stopped), triggers.stopped),  # type: ignore[arg-type]
    "message.unknown": ledger.stopped,  # type: ignore[dict-item]
    "message.retried": _both(ledger.retried, coupons.retried),  # type: ignore[arg-type]
    "message.bounced": ledger.bounced,  # type: ignore[dict-item]
    "message.complained": ledger.complained,  # type: ignore[dict-item]
    "message.cost_recorded": ledger.costs_recorded,  # type: ignore[dict-item]
    "message.engaged": engaged,  # type: ignore[dict-item]
    "provider.unhealthy": outages.unhealthy,  # type: ignore[dict-item]
    "provider.recovered": outages.recovered,  # type: ignore[dict-item]
    "tenant.volume_reached": volumes.reached,  # type: ignore[dict-item]
}


def handlers(settings: CampaignSettings) -> Mapping[str, Handler]:
    """Returns what is consumed, those that need keys included."""
    found = {**HANDLERS, **Wishes(settings.hash_keys, settings.encryption_keys).handlers()}
    for kind, handler in automations.handlers(settings).items():
        found[kind] = _both(found[kind], handler) if kind in found else handler
    return found
