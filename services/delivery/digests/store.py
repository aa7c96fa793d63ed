"""The SQL of digest items: held, gathered, settled; a tenant's batch in a few statements."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.delivery import columns

# A message that is held again keeps its first expiry, so that a digest that never leaves holds it no longer than one that did.
_HOLD = """
INSERT INTO digest_item (tenant_id, message_id, contact_id, channel, frequency, digest_at, created_at)
SELECT %(tenant_id)s, r.id, r.contact_id, r.channel, r.frequency, r.digest_at, %(now)s
FROM unnest(%(ids)b::uuid[], %(contacts)b::uuid[], %(channels)b::int2[], %(frequencies)b::text[],
    %(times)b::timestamptz[]) AS r (id, contact_id, channel, frequency, digest_at)
ON CONFLICT (tenant_id, message_id) DO UPDATE SET digest_at = excluded.digest_at, frequency = excluded.frequency,
    state = 1, digest_id = NULL, settled_at = NULL
"""

_EXPIRE = """
UPDATE message m SET expire_at = r.at
FROM unnest(%(ids)b::uuid[], %(expiries)b::timestamptz[]) AS r (id, at)
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = r.id AND m.message_id = ANY (%(ids)b::uuid[])
  AND r.at IS DISTINCT FROM m.expire_at
"""

_DUE = """
SELECT tenant_id, channel, array_agg(contact_id) FROM (
    SELECT tenant_id, channel, contact_id, min(digest_at) AS at FROM digest_item
    WHERE state = 1 AND digest_id IS NULL AND digest_at <= %(now)s
    GROUP BY tenant_id, channel, contact_id ORDER BY at LIMIT %(limit)s
) AS due
GROUP BY tenant_id, channel
"""

_ITEMS = """
SELECT uuid_send(i.message_id), uuid_send(i.contact_id), m.state, m.created_at FROM digest_item i
LEFT JOIN message m ON m.tenant_id = i.tenant_id AND m.message_id = i.message_id
WHERE i.tenant_id = %(tenant_id)s AND i.contact_id = ANY (%(contacts)b::uuid[]) AND i.channel = %(channel)s
  AND i.state = 1 AND i.digest_id IS NULL AND i.digest_at <= %(now)s
ORDER BY i.message_id LIMIT %(limit)s
"""

_LOCK = """
SELECT uuid_send(m.message_id) FROM message m
JOIN digest_item i ON i.tenant_id = m.tenant_id AND i.message_id = m.message_id
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = ANY (%(ids)b::uuid[]) AND m.state = 3
  AND i.state = 1 AND i.digest_id IS NULL
ORDER BY m.message_id FOR UPDATE
"""

_GATHER = """
UPDATE digest_item i SET digest_id = r.digest_id
FROM unnest(%(ids)b::uuid[], %(digests)b::uuid[]) AS r (id, digest_id)
WHERE i.tenant_id = %(tenant_id)s AND i.message_id = r.id
"""

_MARK = """
UPDATE message m SET digest_id = r.digest_id
FROM unnest(%(ids)b::uuid[], %(digests)b::uuid[]) AS r (id, digest_id)
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = r.id AND m.message_id = ANY (%(ids)b::uuid[])
"""

# What is on its way in a digest does not expire in between.
_STAY = """
UPDATE message_wait SET due_at = greatest(due_at, %(until)s)
WHERE tenant_id = %(tenant_id)s AND message_id = ANY (%(ids)b::uuid[])
"""

_DROP = """
UPDATE digest_item SET state = 3, settled_at = %(now)s
WHERE tenant_id = %(tenant_id)s AND message_id = ANY (%(ids)b::uuid[]) AND state = 1
"""

_FORGET_ITEMS = """
DELETE FROM digest_item WHERE tenant_id = %(tenant_id)s AND message_id = ANY (%(ids)b::uuid[]) AND state = 1
RETURNING uuid_send(message_id)
"""

_LEAVE = """
UPDATE message_wait SET due_at = %(now)s
WHERE tenant_id = %(tenant_id)s AND message_id = ANY (%(ids)b::uuid[]) AND state = 3
"""

_UNMARK = """
UPDATE message SET digest_id = NULL
WHERE tenant_id = %(tenant_id)s AND message_id = ANY (%(ids)b::uuid[]) AND digest_id IS NOT NULL AND state = 3
"""

# The digests whose fate is known: taken by a provider, or never to be.
_SETTLED = """
SELECT i.tenant_id, uuid_send(i.message_id), d.state, d.sent_at, coalesce(d.provider, ''), d.account_id
FROM digest_item i
JOIN message d ON d.tenant_id = i.tenant_id AND d.message_id = i.digest_id
WHERE i.state = 1 AND i.digest_id IS NOT NULL AND i.digest_at <= %(now)s AND d.state = ANY (%(settled)s)
ORDER BY i.tenant_id, i.message_id LIMIT %(limit)s
"""

_SENT = """
UPDATE message m SET state = 7, sent_at = coalesce(m.sent_at, r.at), reason = NULL, wake_at = NULL
FROM unnest(%(ids)b::uuid[], %(times)b::timestamptz[]) AS r (id, at)
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = r.id AND m.message_id = ANY (%(ids)b::uuid[]) AND m.state = 3
RETURNING uuid_send(m.message_id), m.campaign_id
"""

_SETTLE = """
UPDATE digest_item SET state = 2, settled_at = %(now)s
WHERE tenant_id = %(tenant_id)s AND message_id = ANY (%(ids)b::uuid[]) AND state = 1
"""

_DROP_WAITS = (
    "DELETE FROM message_wait WHERE tenant_id = %(tenant_id)s AND message_id = ANY (%(ids)b::uuid[])"
)

_FORGET = """
DELETE FROM digest_item WHERE (tenant_id, message_id) IN (
    SELECT tenant_id, message_id FROM digest_item WHERE settled_at < %s LIMIT %s)
"""


class Held(NamedTuple):
    """A message that waits for a digest."""

    message_id: bytes
    contact_id: bytes
    channel: int
    frequency: str
    digest_at: datetime
    expire_at: datetime
    """When it is not worth sending any more."""


class Batch(NamedTuple):
    """People of one tenant whose digests on one channel are due."""

    tenant_id: UUID
    channel: int
    contact_ids: list[UUID]


class Item(NamedTuple):
    """A message whose digest is due."""

    message_id: bytes
    contact_id: bytes
    state: int | None
    created_at: datetime


class Settled(NamedTuple):
    """A message whose digest left, or never will."""

    tenant_id: UUID
    message_id: bytes
    digest_state: int
    sent_at: datetime | None
    provider: str
    account_id: UUID | None


def hold(uow: UnitOfWork, held: Sequence[Held], now: datetime) -> None:
    """Notes messages that wait for a digest, with the commit; their rows say that they are deferred."""
    if not held:
        return
    row = {
        "tenant_id": uow.tenant_id,
        "now": now,
        "ids": columns.uuids([one.message_id for one in held]),
        "contacts": columns.uuids([one.contact_id for one in held]),
        "channels": columns.smallints([one.channel for one in held]),
        "frequencies": columns.texts([one.frequency for one in held]),
        "times": columns.instants([one.digest_at for one in held]),
        "expiries": columns.instants([one.expire_at for one in held]),
    }
    uow.defer(_HOLD, row)
    uow.defer(_EXPIRE, row)


async def due(uow: UnitOfWork, now: datetime, limit: int) -> list[Batch]:
    """Returns whose digests are due, by tenant and channel; needs a unit of work across tenants."""
    return [Batch(*row) for row in await uow.fetch_all(_DUE, {"now": now, "limit": limit})]


async def items(uow: UnitOfWork, batch: Batch, now: datetime, limit: int) -> list[Item]:
    """Returns what waits for the digests of a batch, in the order of their ids."""
    rows = await uow.fetch_all(
        _ITEMS,
        {
            "tenant_id": uow.tenant_id,
            "contacts": columns.uuids([one.bytes for one in batch.contact_ids]),
            "channel": batch.channel,
            "now": now,
            "limit": limit,
        },
    )
    return [Item(*row) for row in rows]


async def lock(uow: UnitOfWork, ids: Sequence[bytes]) -> set[bytes]:
    """Locks messages and returns those that still wait for a digest."""
    rows = await uow.fetch_all(_LOCK, {"tenant_id": uow.tenant_id, "ids": columns.uuids(ids)})
    return {id for (id,) in rows}


def gather(uow: UnitOfWork, ids: Sequence[bytes], digests: Sequence[bytes], until: datetime) -> None:
    """Notes in which digest messages are, with the commit; they wait until it has left."""
    row = {
        "tenant_id": uow.tenant_id,
        "ids": columns.uuids(ids),
        "digests": columns.uuids(digests),
        "until": until,
    }
    for statement in (_GATHER, _MARK, _STAY):
        uow.defer(statement, row)


async def drop(uow: UnitOfWork, ids: Sequence[bytes], now: datetime) -> None:
    """Notes that messages wait for no digest any more: they expired, or somebody stopped them."""
    await uow.execute(_DROP, {"tenant_id": uow.tenant_id, "ids": columns.uuids(ids), "now": now})


async def leave(uow: UnitOfWork, ids: Sequence[bytes], now: datetime) -> None:
    """Lets messages go on by themselves: they are due now."""
    row = {"tenant_id": uow.tenant_id, "ids": columns.uuids(ids), "now": now}
    for statement in (_FORGET_ITEMS, _UNMARK, _LEAVE):
        await uow.execute(statement, row)


async def settled(uow: UnitOfWork, states: Sequence[int], now: datetime, limit: int) -> list[Settled]:
    """Returns messages whose digests are in one of these states; needs a unit of work across tenants."""
    rows = await uow.fetch_all(_SETTLED, {"now": now, "settled": list(states), "limit": limit})
    return [Settled(*row) for row in rows]


async def send(
    uow: UnitOfWork, sent: Sequence[tuple[bytes, datetime]], now: datetime
) -> list[tuple[bytes, UUID | None]]:
    """Makes messages sent, as their digest was, and returns them with their campaigns."""
    row = {
        "tenant_id": uow.tenant_id,
        "now": now,
        "ids": columns.uuids([id for id, _ in sent]),
        "times": columns.instants([at for _, at in sent]),
    }
    changed = await uow.fetch_all(_SENT, row)
    await uow.execute(_SETTLE, row)
    await uow.execute(_DROP_WAITS, {**row, "ids": columns.uuids([id for id, _ in changed])})
    return [(id, campaign_id) for id, campaign_id in changed]


async def forget(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes items that were settled long ago; needs a unit of work across tenants."""
    return await uow.execute(_FORGET, (before, limit))


_ERASE = """
WITH gone AS (
    DELETE FROM digest_item WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s RETURNING message_id, state
), woken AS (
    UPDATE message_wait w SET due_at = %(now)s FROM gone
    WHERE w.tenant_id = %(tenant_id)s AND w.message_id = gone.message_id AND gone.state = 1 AND w.state = 3
)
SELECT count(*) FROM gone
"""


async def erase(uow: UnitOfWork, contact_id: UUID) -> int:
    """Forgets what a person's digests are made of; their messages are due now, and end as those of an erased person."""
    count: int = await uow.fetch_value(
        _ERASE, {"tenant_id": uow.tenant_id, "contact_id": contact_id, "now": uow.now()}
    )
    return count


LIMIT: Final = 5000
