"""Subscriptions as a provider: a message of channel webhook is handed over by having it wait for its subscription.

It is delivered when the receiver took it, and failed when it was given up; never is a URL called that is not a
subscription's (DEL-95, DEL-107).
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final
from uuid import UUID

import psycopg
import structlog

from services.common.clock import Clock
from services.common.db.database import Database
from services.common.db.outages import is_outage
from services.common.errors import ServiceError
from services.delivery.accounts.internal import WEBHOOKS
from services.delivery.providers import (
    Block,
    Code,
    Lookup,
    Outcome,
    Outgoing,
    Presence,
    Receipt,
    Result,
    Verification,
)
from services.delivery.webhooks import domain, messages
from services.delivery.webhooks.catalogue import body
from services.delivery.webhooks.handlers import WAKE
from services.delivery.webhooks.messages import ERASED, UNKNOWN, Letter, MessageBodies

log = structlog.get_logger("webhooks")

_NOBODY: Final = UUID(int=0)


class WebhookProvider:
    """Has messages wait for subscriptions; a repeat finds them waiting, so nothing about it is ever unknown."""

    name = WEBHOOKS.provider
    channel = "webhook"
    max_batch = 1000

    def __init__(self, database: Database, waiting: MessageBodies, clock: Clock) -> None:
        self._database = database
        self._waiting = waiting
        self._clock = clock

    async def send(self, block: Block) -> AsyncIterator[list[Outcome]]:
        """Has the messages of a block wait in one transaction."""
        try:
            async with self._database.tenant(UUID(block.tenant_id)) as uow:
                refused = await self._waiting.put(uow, [self._letter(block, one) for one in block.outgoing])
        except (psycopg.Error, ServiceError, OSError) as error:
            if not isinstance(error, ServiceError) and not is_outage(error):
                log.warning("messages cannot be put by", error=type(error).__name__)
            yield [
                Outcome(one.message_id, Result.RETRYABLE, Code.UNAVAILABLE, type(error).__name__)
                for one in block.outgoing
            ]
            return
        self._database.wake(WAKE)
        yield [_outcome(one.message_id, refused.get(one.message_id, "")) for one in block.outgoing]

    async def verify(self) -> Verification:
        """Finds that the database answers."""
        async with self._database.system() as uow:
            await uow.fetch_value("SELECT 1")
        return Verification(ok=True, details="messages wait in the tenant's database")

    async def look_up(self, message_ids: Sequence[UUID]) -> dict[UUID, Lookup]:
        """Has every message handed over once more: a repeat has no effect."""
        return dict.fromkeys(message_ids, Lookup(Presence.NOT_FOUND))

    def parse_receipts(self, raw: bytes, headers: Mapping[str, str]) -> list[Receipt]:  # noqa: ARG002 - as every provider
        """Returns what the sender told."""
        return messages.parse(raw)

    async def close(self) -> None:
        """Has nothing to close: calls are made by the sender."""

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


def _outcome(message_id: UUID, refused: str) -> Outcome:
    if not refused:
        return Outcome(message_id, Result.ACCEPTED, provider_message_id=str(message_id))
    return Outcome(message_id, Result.PERMANENT, refused, _WORDS.get(refused, "the subscription is disabled"))


_WORDS: Final = {
    UNKNOWN: "the tenant has no such subscription",
    ERASED: "the person was erased",
}
