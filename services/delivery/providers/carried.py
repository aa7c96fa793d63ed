"""What is common to channels that this service carries itself: handing over is storing, and a repeat stores nothing."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from uuid import UUID

import psycopg
import structlog

from services.common.db.database import Database
from services.common.db.outages import is_outage
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError
from services.delivery.providers.base import (
    Block,
    Code,
    Lookup,
    Outcome,
    Presence,
    Receipt,
    Result,
    Verification,
)

log = structlog.get_logger("delivery")


class Carried(ABC):
    """A provider that is this service; nothing about its messages is ever unknown."""

    name: str
    channel: str
    max_batch = 1000
    wakes: str
    """The topic of those who go on with what was stored."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def send(self, block: Block) -> AsyncIterator[list[Outcome]]:
        """Stores the messages of a block in one transaction."""
        try:
            async with self._database.tenant(UUID(block.tenant_id)) as uow:
                refused = await self._store(uow, block)
        except (psycopg.Error, ServiceError, OSError) as error:
            if not isinstance(error, ServiceError) and not is_outage(error):
                log.warning("messages cannot be stored", provider=self.name, error=type(error).__name__)
            yield [
                Outcome(one.message_id, Result.RETRYABLE, Code.UNAVAILABLE, type(error).__name__)
                for one in block.outgoing
            ]
            return
        self._database.wake(self.wakes)
        yield [
            refused.get(one.message_id)
            or Outcome(one.message_id, Result.ACCEPTED, provider_message_id=str(one.message_id))
            for one in block.outgoing
        ]

    async def verify(self) -> Verification:
        """Finds that the database answers."""
        async with self._database.system() as uow:
            await uow.fetch_value("SELECT 1")
        return Verification(ok=True, details="messages are stored in the tenant's database")

    async def look_up(self, message_ids: Sequence[UUID]) -> dict[UUID, Lookup]:
        """Has every message handed over once more: a repeat has no effect."""
        return dict.fromkeys(message_ids, Lookup(Presence.NOT_FOUND))

    async def close(self) -> None:  # noqa: B027 - as every provider
        """Has nothing to close: the database is the service's own."""

    @abstractmethod
    async def _store(self, uow: UnitOfWork, block: Block) -> Mapping[UUID, Outcome]:
        """Stores what is new, and returns the outcomes of what cannot be stored."""

    @abstractmethod
    def parse_receipts(self, raw: bytes, headers: Mapping[str, str]) -> list[Receipt]:
        """Returns what was told of messages once they were stored."""
