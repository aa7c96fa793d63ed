"""Stopping messages: cancelled before hand-over, held back, released (DEL-25, DEL-26)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import IntEnum
from typing import Final, NamedTuple
from uuid import UUID

from services.common.contact_data import merged
from services.common.db.uow import UnitOfWork
from services.delivery import columns
from services.delivery.messages import holds
from services.delivery.messages.domain import WAITING

LOTS: Final = 5
"""Contents whose messages are cancelled in one transaction: 5,000 messages at most."""

_WAITING: Final = sorted(int(state) for state in WAITING)

_SEQUENCE = """
INSERT INTO tenant_cancel (tenant_id, sequence) VALUES (%s, 1)
ON CONFLICT (tenant_id) DO UPDATE SET sequence = tenant_cancel.sequence + 1
"""

_MARK = """
UPDATE content SET cancelled_at = %(now)s, cancel_reason = %(reason)s, cancelled_by = %(by)s
WHERE tenant_id = %(tenant_id)s AND {} AND cancelled_at IS NULL
RETURNING content_id
"""

_MARKED = """
SELECT c.content_id FROM content c
WHERE c.tenant_id = %(tenant_id)s AND {} AND c.cancelled_at IS NOT NULL AND EXISTS (
    SELECT FROM message m WHERE m.tenant_id = c.tenant_id AND m.message_id BETWEEN c.first_id AND c.last_id
      AND m.content_id = c.content_id AND m.state = ANY (%(waiting)s))
"""

# What is being handed over is not waiting any more, although its row still says so.
_NOT_IN_HAND = """
m.message_id NOT IN (
    SELECT unnest(h.message_ids) FROM handover h WHERE h.tenant_id = %(tenant_id)s AND h.finished_at IS NULL)
"""

_CANCEL = f"""
UPDATE message m SET state = 14, reason = %(reason)s, stopped_at = %(now)s, wake_at = NULL
FROM content c
WHERE m.tenant_id = %(tenant_id)s AND {{}} AND c.tenant_id = m.tenant_id AND c.content_id = m.content_id
  AND m.state = ANY (%(waiting)s) AND {_NOT_IN_HAND}
RETURNING uuid_send(m.message_id), m.campaign_id
"""  # noqa: S608 - constants

_DROP_WAITS = "DELETE FROM message_wait WHERE tenant_id = %s AND message_id = ANY (%b::uuid[])"


class Kind(IntEnum):
    """What a selector names."""

    MESSAGE = 1
    CAMPAIGN = 2
    RUN = 3
    CORRELATION = 4
    CONTACT = 5
    MARKETING = 6
    BATCH = 7


class Selector(NamedTuple):
    """Which messages are meant."""

    kind: Kind
    id: UUID | None = None
    word: str = ""


class Cancelled(NamedTuple):
    """One message that was cancelled now."""

    message_id: bytes
    campaign_id: UUID | None


_CONTENT_SCOPES: Final = {
    Kind.CAMPAIGN: "campaign_id = %(id)s",
    Kind.RUN: "run_id = %(id)s",
    Kind.CORRELATION: "correlation_key = %(word)s",
    Kind.MARKETING: "message_class = 2",
    Kind.BATCH: "batch_id = %(id)s",
}


async def count_cancellation(uow: UnitOfWork) -> None:
    """Has workers that hold blocks of the tenant look again before they hand anything over."""
    await uow.execute(_SEQUENCE, (uow.tenant_id,))


async def mark(uow: UnitOfWork, selector: Selector, reason: str, by: str, now: datetime) -> list[UUID]:
    """Marks whole contents as cancelled, so that no worker goes on with them, and returns those still to settle."""
    await count_cancellation(uow)
    scope = _CONTENT_SCOPES.get(selector.kind)
    if scope is None:
        return []
    params = {
        "tenant_id": uow.tenant_id,
        "id": selector.id,
        "word": selector.word,
        "now": now,
        "reason": reason,
        "by": by,
        "waiting": _WAITING,
    }
    if selector.kind is not Kind.MARKETING:
        await uow.execute(_MARK.format(scope), params)
        return [id for (id,) in await uow.fetch_all(_MARKED.format(f"c.{scope}"), params)]
    # All marketing of a tenant is too much to look through: what waits stands in the queue.
    return [id for (id,) in await uow.fetch_all(_WAITING_MARKETING, params)]


_WAITING_MARKETING = """
SELECT DISTINCT m.content_id FROM (
    SELECT i FROM dispatch_block b, unnest(b.message_ids) AS i WHERE b.tenant_id = %(tenant_id)s AND b.message_class = 2
    UNION ALL
    SELECT w.message_id FROM message_wait w WHERE w.tenant_id = %(tenant_id)s
) AS queued
JOIN message m ON m.tenant_id = %(tenant_id)s AND m.message_id = queued.i
JOIN content c ON c.tenant_id = m.tenant_id AND c.content_id = m.content_id
WHERE c.message_class = 2
"""


async def cancel_contents(
    uow: UnitOfWork, contents: Sequence[UUID], reason: str, now: datetime
) -> list[Cancelled]:
    """Cancels what waits of these contents."""
    return await _cancel(
        uow,
        "c.content_id = ANY (%(contents)s::uuid[]) AND m.message_id BETWEEN c.first_id AND c.last_id",
        {"contents": list(contents)},
        reason,
        now,
    )


async def cancel_directly(uow: UnitOfWork, selector: Selector, reason: str, now: datetime) -> list[Cancelled]:
    """Cancels one message, or what waits of one contact."""
    if selector.kind is Kind.MESSAGE or selector.id is None:
        return await _cancel(uow, "m.message_id = %(id)s", {"id": selector.id}, reason, now)
    ids = await merged.person(uow, selector.id)
    return await _cancel(uow, "m.contact_id = ANY (%(ids)s::uuid[])", {"ids": ids}, reason, now)


async def _cancel(
    uow: UnitOfWork, scope: str, values: dict[str, object], reason: str, now: datetime
) -> list[Cancelled]:
    rows = await uow.fetch_all(
        _CANCEL.format(scope),
        {**values, "tenant_id": uow.tenant_id, "reason": reason, "now": now, "waiting": _WAITING},
    )
    found = [Cancelled(*row) for row in rows]
    if found:
        ids = columns.uuids([one.message_id for one in found])
        await uow.execute(_DROP_WAITS, (uow.tenant_id, ids))
    return found


# Holding

_HOLD = """
INSERT INTO message_hold (tenant_id, scope, subject_id, reason, held_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (tenant_id, scope, subject_id) DO NOTHING
"""

_RELEASE = "DELETE FROM message_hold WHERE tenant_id = %s AND scope = %s AND subject_id = %s"

_PARK = """
UPDATE dispatch_block b SET status = 0, due_at = b.expire_at
WHERE b.tenant_id = %(tenant_id)s AND {} AND b.status = 1
"""

# A block that a hold parked is due at its expiry; one that is merely scheduled is due when it always was.
_UNPARK = """
UPDATE dispatch_block b SET due_at = b.waiting_since
WHERE b.tenant_id = %(tenant_id)s AND {} AND b.status = 0 AND b.due_at = b.expire_at
RETURNING b.lane
"""

_COUNT = """
SELECT coalesce(sum(message_count), 0) FROM dispatch_block b WHERE b.tenant_id = %(tenant_id)s AND {} AND b.status < 2
"""

_COUNT_WAITS = """
SELECT count(*) FROM message_wait w
JOIN message m ON m.tenant_id = w.tenant_id AND m.message_id = w.message_id
JOIN content b ON b.tenant_id = m.tenant_id AND b.content_id = m.content_id
WHERE w.tenant_id = %(tenant_id)s AND w.state IN (3, 6) AND {}
"""

_HOLD_SCOPES: Final = {
    Kind.CAMPAIGN: (1, "b.campaign_id = %(id)s"),
    Kind.RUN: (2, "b.run_id = %(id)s"),
    Kind.MARKETING: (3, "b.message_class = 2"),
}
NOBODY: Final = UUID(int=0)


def can_hold(selector: Selector) -> bool:
    """Returns whether these messages can be held together."""
    return selector.kind in _HOLD_SCOPES


async def hold(uow: UnitOfWork, selector: Selector, reason: str, by: str, now: datetime) -> int:
    """Holds messages, also those accepted later, and returns how many wait now."""
    number, scope = _HOLD_SCOPES[selector.kind]
    subject = selector.id or NOBODY
    params = {"tenant_id": uow.tenant_id, "id": subject}
    if await uow.execute(_HOLD, (uow.tenant_id, number, subject, reason, now)):
        holds.begin(uow, number, subject, reason, by)
    await uow.execute(_PARK.format(scope), params)
    return await _waiting(uow, scope, params)


async def release(uow: UnitOfWork, selector: Selector, by: str) -> int:
    """Releases messages and returns how many go on."""
    number, scope = _HOLD_SCOPES[selector.kind]
    subject = selector.id or NOBODY
    params = {"tenant_id": uow.tenant_id, "id": subject}
    if not await uow.execute(_RELEASE, (uow.tenant_id, number, subject)):
        return 0
    holds.end(uow, number, subject, by)
    await uow.execute(_UNPARK.format(scope), params)
    return await _waiting(uow, scope, params)


async def _waiting(uow: UnitOfWork, scope: str, params: Mapping[str, object]) -> int:
    queued: int = await uow.fetch_value(_COUNT.format(scope), params)
    alone: int = await uow.fetch_value(_COUNT_WAITS.format(scope), params)
    return queued + alone
