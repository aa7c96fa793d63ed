"""Telling delivery to cancel what was handed over already: written down first, told until it knows (GEN-3)."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from angarium.delivery.v1 import message_service_pb2 as pb
from angarium.delivery.v1.message_service_pb2_grpc import MessageServiceStub
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError
from services.common.retry import backoff
from services.common.rpc.client import Channels, as_tenant

logger = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=60)
AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class _Due:
    tenant_id: UUID
    correlation_key: str
    reason: str
    attempts: int


async def add(uow: UnitOfWork, key: str, reason: str) -> None:
    """Has delivery told that nothing of a correlation key shall leave any more, also when it is just being told."""
    now = uow.now()
    await uow.execute(
        "INSERT INTO notice_cancellation AS c (tenant_id, correlation_key, reason, next_try_at, created_at)"
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (tenant_id, correlation_key)"
        " DO UPDATE SET attempts = c.attempts + 1, next_try_at = excluded.next_try_at",
        (uow.tenant_id, key, reason, now, now),
    )


_CLAIM: Final = """
UPDATE notice_cancellation AS c SET attempts = c.attempts + 1, next_try_at = %(until)s
FROM (
    SELECT tenant_id, correlation_key FROM notice_cancellation WHERE next_try_at <= %(now)s
    ORDER BY next_try_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) AS next
WHERE c.tenant_id = next.tenant_id AND c.correlation_key = next.correlation_key
RETURNING c.tenant_id, c.correlation_key, c.reason, c.attempts
"""

# What was added again meanwhile is told again.
_UNCHANGED: Final = "tenant_id = %s AND correlation_key = %s AND attempts = %s"


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
                    pb.CancelMessagesRequest(
                        selector=pb.MessageSelector(correlation_key=due.correlation_key), reason=due.reason
                    )
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


def _named(due: _Due) -> tuple[UUID, str, int]:
    return due.tenant_id, due.correlation_key, due.attempts
