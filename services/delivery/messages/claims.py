"""Calls of SendMessage by their keys: made once, answered again with the first answer (GEN-29), a group at a time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.db.uow import UnitOfWork
from services.common.errors import aborted
from services.common.idempotency import KEPT, conflict
from services.delivery import columns
from services.delivery.messages.choosing import Choice
from services.delivery.messages.domain import Lane
from services.delivery.messages.parts import Part

METHOD: Final = "MessageService.SendMessage"

# The LIMIT keeps the planner at one probe per claim; without it the whole table is read for every group.
_CLAIMS = """
SELECT pg_try_advisory_xact_lock(r.lock), known.request_hash, known.response, known.created_at
FROM unnest(%b::uuid[], %s::bigint[]) WITH ORDINALITY AS r (claim_id, lock, n)
LEFT JOIN LATERAL (
    SELECT request_hash, response, created_at FROM idempotency
    WHERE tenant_id = %s AND claim_id = r.claim_id LIMIT 1
) AS known ON true
ORDER BY r.n
"""

_FORGET = "DELETE FROM idempotency WHERE tenant_id = %s AND claim_id = ANY (%b::uuid[])"

_STORE = """
INSERT INTO idempotency (tenant_id, claim_id, request_hash, response, created_at)
SELECT %s, r.claim_id, r.request_hash, r.response, %s
FROM unnest(%b::uuid[], %b::bytea[], %b::bytea[]) AS r (claim_id, request_hash, response)
"""


@dataclass(slots=True, eq=False)
class Call:
    """One call on its way."""

    claim_id: bytes
    lock: int
    request_hash: bytes
    answer: asyncio.Future[pb.SendMessageResponse]
    parts: list[Part]
    error: Exception | None
    correlation_id: str
    refuses_deferral: bool = False
    choice: Choice | None = None
    """How channels are chosen, when there is a choice."""

    @property
    def is_critical(self) -> bool:
        """Returns whether one of its messages cannot wait for others."""
        return any(part.block.content.lane is Lane.CRITICAL for part in self.parts)


async def claim(
    uow: UnitOfWork, calls: Sequence[Call], answered: list[tuple[Call, pb.SendMessageResponse]]
) -> tuple[list[Call], list[bytes]]:
    """Returns the calls that are made for the first time, and old claims to forget; repeats are answered."""
    rows = await uow.fetch_all(
        _CLAIMS,
        (columns.uuids([call.claim_id for call in calls]), [call.lock for call in calls], uow.tenant_id),
    )
    oldest = uow.now() - KEPT
    fresh: dict[bytes, Call] = {}
    over: list[bytes] = []
    for call, (locked, known_hash, response, stored_at) in zip(calls, rows, strict=True):
        if stored_at is not None and stored_at > oldest:
            if known_hash != call.request_hash:
                fail(call, conflict(METHOD))
                continue
            answer = pb.SendMessageResponse.FromString(response)
            answer.deduplicated = True
            answered.append((call, answer))
        elif not locked or call.claim_id in fresh:
            fail(call, aborted("the first call with this idempotency key is still running", "IN_PROGRESS"))
        else:
            fresh[call.claim_id] = call
            if stored_at is not None:
                over.append(call.claim_id)
    uow.on_violation(
        "pk_idempotency",
        lambda: aborted("the first call with this idempotency key is still running", "IN_PROGRESS"),
    )
    return list(fresh.values()), over


def remember(
    uow: UnitOfWork,
    fresh: Sequence[Call],
    answered: Sequence[tuple[Call, pb.SendMessageResponse]],
    over: Sequence[bytes],
) -> None:
    """Keeps the answers of calls that were made for the first time, and forgets old claims of theirs."""
    if over:
        uow.defer(_FORGET, (uow.tenant_id, columns.uuids(over)))
    first = set(fresh)
    stored = [(call, answer) for call, answer in answered if call in first]
    if stored:
        uow.defer(
            _STORE,
            (
                uow.tenant_id,
                uow.now(),
                columns.uuids([call.claim_id for call, _ in stored]),
                columns.blobs([call.request_hash for call, _ in stored]),
                columns.blobs([answer.SerializeToString(deterministic=True) for _, answer in stored]),
            ),
        )


def fail(call: Call, error: Exception) -> None:
    """Answers a call with an error."""
    if not call.answer.done():
        call.answer.set_exception(error)
        # Nobody may be waiting any more; then the exception is not news.
        call.answer.exception()
