"""What campaign consumes, by source and type (EVT-11)."""

from collections.abc import Mapping

from services.campaign.confirmations import handlers as confirmations
from services.campaign.contacts.wishes import Wishes
from services.campaign.ledger import handlers as ledger
from services.campaign.settings import CampaignSettings
from services.common.events.consumer import Handler

SOURCES = ("consent", "delivery")

HANDLERS: Mapping[str, Handler] = {
    "consent.confirmation_requested": confirmations.requested,  # type: ignore[dict-item]
    "message.sent": ledger.sent,  # type: ignore[dict-item]  # each handler names its own payload
    "message.delivered": ledger.reached,  # type: ignore[dict-item]
    "message.read": ledger.reached,  # type: ignore[dict-item]
    "message.failed": ledger.stopped,  # type: ignore[dict-item]
    "message.skipped": ledger.stopped,  # type: ignore[dict-item]
    "message.expired": ledger.stopped,  # type: ignore[dict-item]
    "message.cancelled": ledger.stopped,  # type: ignore[dict-item]
    "message.unknown": ledger.stopped,  # type: ignore[dict-item]
    "message.retried": ledger.retried,  # type: ignore[dict-item]
    "message.bounced": ledger.bounced,  # type: ignore[dict-item]
    "message.complained": ledger.complained,  # type: ignore[dict-item]
    "message.cost_recorded": ledger.costs_recorded,  # type: ignore[dict-item]
}


def handlers(settings: CampaignSettings) -> Mapping[str, Handler]:
    """Returns what is consumed, those that need keys included."""
    return {**HANDLERS, **Wishes(settings.hash_keys, settings.encryption_keys).handlers()}
