"""Telling delivery to cancel what was handed over already: written down first, told until it knows (GEN-3)."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from angarium.delivery.v1 import message_service_pb2 as pb
from angarium.delivery.v1.message_service_pb2_grpc import MessageServiceStub
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError
from services.common.ids import uuid7
from services.common.retry import backoff
from services.common.rpc.client import Channels, as_tenant

logger = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=60)
AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class _Due:
    tenant_id: UUID
    cancellation_id: UUID
    correlation_key: str
    message_id: UUID | None
    reason: str
    attempts: int


_ADD: Final = """
INSERT INTO notice_cancellation AS c
    (tenant_id, cancellation_id, correlation_key, message_id, reason, next_try_at, created_at)
SELECT %(tenant_id)s, cancellation_id, correlation_key, message_id, %(reason)s, %(now)s, %(now)s
FROM unnest(%(ids)b::uuid[], %(keys)b::text[], %(messages)b::uuid[]) AS new (cancellation_id, correlation_key, message_id)
"""
# What is being told just now is told again.
_AGAIN: Final = " DO UPDATE SET attempts = c.attempts + 1, next_try_at = excluded.next_try_at"


async def add(uow: UnitOfWork, key: str, reason: str) -> None:
    """Has delivery told that nothing of a correlation key shall leave any more, also when it is just being told."""
    await uow.execute(
        f"{_ADD} ON CONFLICT (tenant_id, correlation_key) WHERE message_id IS NULL {_AGAIN}",
        _values(uow, [key], [None], reason),
    )


async def add_messages(uow: UnitOfWork, message_ids: Iterable[UUID], reason: str) -> None:
    """Has delivery told that some messages shall not leave any more, whatever else has their correlation key."""
    ids = sorted(set(message_ids))
    if ids:
        await uow.execute(
            f"{_ADD} ON CONFLICT (tenant_id, message_id) WHERE message_id IS NOT NULL {_AGAIN}",
            _values(uow, [""] * len(ids), ids, reason),
        )


def _values(
    uow: UnitOfWork, keys: Sequence[str], messages: Sequence[UUID | None], reason: str
) -> dict[str, Any]:
    return {
        "tenant_id": uow.tenant_id,
        "ids": [uuid7() for _ in keys],
        "keys": list(keys),
        "messages": list(messages),
        "reason": reason,
        "now": uow.now(),
    }


_CLAIM: Final = """
UPDATE notice_cancellation AS c SET attempts = c.attempts + 1, next_try_at = %(until)s
FROM (
    SELECT tenant_id, cancellation_id FROM notice_cancellation WHERE next_try_at <= %(now)s
    ORDER BY next_try_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) AS next
WHERE c.tenant_id = next.tenant_id AND c.cancellation_id = next.cancellation_id
RETURNING c.tenant_id, c.cancellation_id, c.correlation_key, c.message_id, c.reason, c.attempts
"""

# What was added again meanwhile is told again.
_UNCHANGED: Final = "tenant_id = %s AND cancellation_id = %s AND attempts = %s"


class Cancellations:
    """Carries cancellations out; a kill repeats them, and repeats change nothing. Any number of processes may."""

    def __init__(self, database: Database, channels: Channels) -> None:
        self._database = database
        self._delivery = channels.stub(MessageServiceStub, "delivery")

    async def step(self) -> bool:
        """Tells delivery what is due; False when nothing is."""
        async with self._database.system() as uow:
            now = uow.now()
            rows = await uow.fetch_all(_CLAIM, {"now": now, "until": now + LEASE, "limit": AT_ONCE})
        for due in (_Due(*row) for row in rows):
            await self._carry_out(due)
        return bool(rows)

    async def _carry_out(self, due: _Due) -> None:
        try:
            with as_tenant(due.tenant_id):
                await self._delivery.CancelMessages(
                    pb.CancelMessagesRequest(selector=_selector(due), reason=due.reason)
                )
        except ServiceError as error:
            logger.warning("delivery could not be told to cancel: %s", error.reason)
            async with self._database.tenant(due.tenant_id) as uow:
                await uow.execute(
                    f"UPDATE notice_cancellation SET next_try_at = %s WHERE {_UNCHANGED}",  # noqa: S608 - a constant
                    (uow.now() + backoff(due.attempts), *_named(due)),
                )
            return
        async with self._database.tenant(due.tenant_id) as uow:
            await uow.execute(
                f"DELETE FROM notice_cancellation WHERE {_UNCHANGED}",  # noqa: S608 - a constant
                _named(due),
            )


def _selector(due: _Due) -> pb.MessageSelector:
    if due.message_id is not None:
        return pb.MessageSelector(message_id=str(due.message_id))
    return pb.MessageSelector(correlation_key=due.correlation_key)


def _named(due: _Due) -> tuple[UUID, UUID, int]:
    return due.tenant_id, due.cancellation_id, due.attempts
