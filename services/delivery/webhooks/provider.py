"""Subscriptions as a provider: a message of channel webhook is handed over by having it wait for its subscription.

It is delivered when the receiver took it, and failed when it was given up; never is a URL called that is not a
subscription's (DEL-95, DEL-107).
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from services.common.clock import Clock
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.delivery.accounts.internal import WEBHOOKS
from services.delivery.providers import (
    Block,
    Outcome,
    Outgoing,
    Receipt,
    Result,
)
from services.delivery.providers.carried import Carried
from services.delivery.webhooks import domain, messages
from services.delivery.webhooks.catalogue import body
from services.delivery.webhooks.handlers import WAKE
from services.delivery.webhooks.messages import ERASED, UNKNOWN, Letter, MessageBodies

_NOBODY: Final = UUID(int=0)


class WebhookProvider(Carried):
    """Has messages wait for subscriptions; a repeat finds them waiting."""

    name = WEBHOOKS.provider
    channel = "webhook"
    wakes = WAKE

    def __init__(self, database: Database, waiting: MessageBodies, clock: Clock) -> None:
        super().__init__(database)
        self._waiting = waiting
        self._clock = clock

    def parse_receipts(self, raw: bytes, headers: Mapping[str, str]) -> list[Receipt]:  # noqa: ARG002 - as every provider
        """Returns what the sender told."""
        return messages.parse(raw)

    async def _store(self, uow: UnitOfWork, block: Block) -> Mapping[UUID, Outcome]:
        refused = await self._waiting.put(uow, [self._letter(block, one) for one in block.outgoing])
        return {message_id: _refusal(message_id, reason) for message_id, reason in refused.items()}

    def _letter(self, block: Block, one: Outgoing) -> Letter:
        data = {
            "message_id": str(one.message_id),
            "campaign_id": one.campaign_id or None,
            "category": block.category,
            "template": block.template_name,
            "content": block.content.join(one.slots, "text"),
        }
        text = body(one.message_id, domain.MESSAGE, self._clock.now(), block.tenant_id, data)
        return Letter(one.message_id, _subscription(one.address), text)


def _subscription(address: str) -> UUID:
    try:
        return UUID(address)
    except ValueError:
        return _NOBODY


def _refusal(message_id: UUID, reason: str) -> Outcome:
    return Outcome(message_id, Result.PERMANENT, reason, _WORDS.get(reason, "the subscription is disabled"))


_WORDS: Final = {
    UNKNOWN: "the tenant has no such subscription",
    ERASED: "the person was erased",
}
