"""The queue of blocks in PostgreSQL: claiming, keeping, giving back (DEL-63).

A waiting message stands in exactly one place: in one block, or in one row of `message_wait`. Every statement here and
in `recording` keeps that, so nothing is sent twice and nothing is forgotten. Leases count by the database's clock,
for clocks of machines differ.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7
from services.delivery import columns
from services.delivery.messages.domain import MAX_BLOCK, Channel, Lane, MessageClass

LATER, READY, LEASED = 0, 1, 2
EVERY_TENANT: Final = UUID(int=0)
_ALWAYS: Final = datetime(9999, 1, 1, tzinfo=UTC)
SMALL: Final = MAX_BLOCK // 2
"""Blocks smaller than this are worked on together with others of the same content."""

# Both looks have an index to follow, and the second is taken only where the first found nothing.
_READY = """
    SELECT b.tenant_id, b.block_id, b.expire_at <= %(now)s OR NOT (
        EXISTS (SELECT FROM lane_control l WHERE l.lane = b.lane AND l.tenant_id IN (b.tenant_id, %(everyone)s))
        OR EXISTS (
            SELECT FROM message_hold h WHERE h.tenant_id = b.tenant_id AND (
                h.scope = 1 AND h.subject_id = b.campaign_id OR h.scope = 2 AND h.subject_id = b.run_id
                OR h.scope = 3 AND b.message_class = 2))
    ) AS may_go
    FROM dispatch_block b
    WHERE b.status = 1 AND b.lane = %(lane)s AND b.tenant_id > {after} AND b.due_at <= %(due_by)s {unless}
    ORDER BY b.tenant_id, b.due_at
    LIMIT 1
    FOR UPDATE OF b SKIP LOCKED
"""

# The lane's tenants take turns in the order of their ids, beginning after the one this worker served last.
_CLAIM = f"""
WITH next AS ({_READY.format(after="%(after)s", unless="")}),
again AS ({_READY.format(after="%(everyone)s", unless="AND NOT EXISTS (SELECT FROM next)")}),
first AS (SELECT * FROM next UNION ALL SELECT * FROM again)
UPDATE dispatch_block b SET
    status = CASE WHEN f.may_go THEN 2 ELSE 0 END,
    due_at = CASE WHEN f.may_go THEN b.due_at ELSE b.expire_at END,
    epoch = b.epoch + 1,
    lease_owner = CASE WHEN f.may_go THEN %(owner)s::uuid END,
    lease_until = CASE WHEN f.may_go THEN clock_timestamp() + %(lease)s END
FROM first f
WHERE b.tenant_id = f.tenant_id AND b.block_id = f.block_id
RETURNING f.may_go, b.tenant_id, b.block_id, b.epoch, b.lane, b.channel, b.group_key, b.message_class, b.waiting_since,
    uuid_send(b.block_id), b.message_count, ARRAY(SELECT uuid_send(i) FROM unnest(b.message_ids) AS i), b.campaign_id
"""

# A claim that a crash forgets was never made: whatever the worker did with it is committed after it, and durably.
_FORGETTABLE = "SET LOCAL synchronous_commit = off"

_NEXT_TENANT = """
SELECT tenant_id FROM dispatch_block WHERE status = 1 AND lane = %(lane)s AND tenant_id > %(after)s
ORDER BY tenant_id LIMIT 1
"""

_CLAIM_MORE = """
WITH alike AS (
    SELECT block_id, message_count, due_at FROM dispatch_block
    WHERE status = 1 AND lane = %(lane)s AND tenant_id = %(tenant_id)s AND group_key = %(group_key)s
      AND message_count <= %(small)s
    ORDER BY due_at
    LIMIT 500
    FOR UPDATE SKIP LOCKED
), counted AS (
    SELECT block_id, sum(message_count) OVER (ORDER BY due_at, block_id) AS total FROM alike
)
UPDATE dispatch_block b SET
    status = 2, epoch = b.epoch + 1, lease_owner = %(owner)s, lease_until = clock_timestamp() + %(lease)s
FROM counted c
WHERE b.tenant_id = %(tenant_id)s AND b.block_id = c.block_id AND c.total <= %(room)s
RETURNING true, b.tenant_id, b.block_id, b.epoch, b.lane, b.channel, b.group_key, b.message_class, b.waiting_since,
    uuid_send(b.block_id), b.message_count, ARRAY(SELECT uuid_send(i) FROM unnest(b.message_ids) AS i)
"""

_RENEW = """
UPDATE dispatch_block b SET lease_until = clock_timestamp() + %(lease)s
FROM unnest(%(tenants)b::uuid[], %(blocks)b::uuid[], %(owners)b::uuid[]) AS r (tenant_id, block_id, owner)
WHERE b.tenant_id = r.tenant_id AND b.block_id = r.block_id AND b.status = 2 AND b.lease_owner = r.owner
RETURNING uuid_send(b.block_id)
"""

_PROMOTE = """
WITH due AS (
    SELECT tenant_id, block_id FROM dispatch_block WHERE status = 0 AND due_at <= %(now)s
    ORDER BY due_at LIMIT 1000 FOR UPDATE SKIP LOCKED
)
UPDATE dispatch_block b SET status = 1 FROM due d
WHERE b.tenant_id = d.tenant_id AND b.block_id = d.block_id
RETURNING b.lane
"""

_OUTLOOK = """
SELECT (SELECT min(due_at) FROM dispatch_block WHERE status = 0),
    ARRAY(SELECT l FROM unnest(%(lanes)s::int2[]) AS l WHERE EXISTS (SELECT FROM dispatch_block WHERE status = 1 AND lane = l))
"""

_TAKE_BACK = """
WITH lost AS (
    SELECT tenant_id, block_id FROM dispatch_block WHERE status = 2 AND lease_until < clock_timestamp()
    ORDER BY lease_until LIMIT 1000 FOR UPDATE SKIP LOCKED
)
UPDATE dispatch_block b SET status = 1, lease_owner = NULL, lease_until = NULL FROM lost l
WHERE b.tenant_id = l.tenant_id AND b.block_id = l.block_id
RETURNING b.lane
"""

_GIVE_BACK = """
UPDATE dispatch_block SET status = CASE WHEN %(due_at)s::timestamptz IS NULL THEN 1 ELSE 0 END,
    due_at = coalesce(%(due_at)s, due_at), lease_owner = NULL, lease_until = NULL
WHERE tenant_id = %(tenant_id)s AND block_id = ANY (%(blocks)b::uuid[]) AND status = 2 AND lease_owner = %(owner)s
"""

# A key of its own keeps a part from being worked on together with others again.
_PART = """
INSERT INTO dispatch_block (
    tenant_id, block_id, group_key, campaign_id, run_id, lane, channel, message_class, status, epoch, message_count,
    due_at, expire_at, waiting_since, message_ids)
SELECT tenant_id, %(part)s, %(part)s, campaign_id, run_id, lane, channel, message_class, 0, epoch,
    cardinality(%(ids)b::uuid[])::smallint, %(due_at)s, expire_at, waiting_since, %(ids)b::uuid[]
FROM dispatch_block
WHERE tenant_id = %(tenant_id)s AND block_id = %(block)s AND status = 2 AND lease_owner = %(owner)s
"""

_KEEP_PART = """
UPDATE dispatch_block SET group_key = block_id, status = 0, due_at = %(due_at)s, lease_owner = NULL, lease_until = NULL,
    message_ids = %(ids)b::uuid[], message_count = cardinality(%(ids)b::uuid[])::smallint
WHERE tenant_id = %(tenant_id)s AND block_id = %(block)s AND status = 2 AND lease_owner = %(owner)s
"""

_HELD = """
SELECT count(*) FROM (
    SELECT FROM dispatch_block
    WHERE tenant_id = %s AND block_id = ANY (%b::uuid[]) AND status = 2 AND lease_owner = %s
    FOR UPDATE
) AS held
"""


@dataclass(slots=True)
class BlockRef:
    """One claimed block of the queue and the messages it still holds."""

    block_id: bytes
    epoch: int
    message_ids: list[bytes]
    stored: int = 0
    """How many messages its row lists; more than `message_ids` while settled ones are still listed."""

    def __post_init__(self) -> None:
        self.stored = len(self.message_ids)


@dataclass(slots=True)
class Claim:
    """Blocks of one tenant and one content that are worked on together."""

    tenant_id: UUID
    owner: UUID
    lane: Lane
    channel: Channel
    message_class: MessageClass
    group_key: UUID
    waiting_since: datetime
    blocks: list[BlockRef]
    campaign_id: UUID | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by whoever changes `blocks`, in memory and in the database."""

    @property
    def message_ids(self) -> list[bytes]:
        """Returns the messages of all blocks."""
        if len(self.blocks) == 1:
            return self.blocks[0].message_ids
        return [id for block in self.blocks for id in block.message_ids]

    @property
    def block_ids(self) -> list[bytes]:
        """Returns the blocks."""
        return [block.block_id for block in self.blocks]

    @property
    def was_lost(self) -> bool:
        """Returns whether somebody may have worked on one of the blocks before."""
        return any(block.epoch > 1 for block in self.blocks)


async def claim(
    uow: UnitOfWork,
    *,
    lane: Lane,
    lease: timedelta,
    after: UUID,
    now: datetime,
    apart_from: Collection[UUID] = (),
    waited: timedelta | None = None,
) -> Claim | None:
    """Takes the oldest block of the lane's next tenant, with small ones like it; None when there is nothing to do.

    It is the last thing its unit of work does. Tenants in `apart_from` have enough in hand and are passed over. With `waited` only what is due for so long is taken.
    """
    if apart_from:
        before = await _before_next(uow, lane, after, apart_from)
        if before is None:
            return None
        after = before
    # Each claim has an owner of its own, so a worker that lost a block and claimed it again does not mistake one
    # pass for the other.
    owner = uuid7()
    params = {
        "lane": int(lane),
        "owner": owner,
        "lease": lease,
        "after": after,
        "now": now,
        "everyone": EVERY_TENANT,
        "due_by": _ALWAYS if waited is None else now - waited,
    }
    row: tuple[Any, ...] = (False,)
    while not row[0]:
        _, claimed = await uow.run_together((_FORGETTABLE, ()), (_CLAIM, params))
        if not claimed.rows:
            return None
        row = claimed.rows[0]
    _, tenant_id, _, epoch, _, channel, group_key, kind, waiting_since, block_id, count, ids, campaign_id = (
        row
    )
    found = Claim(
        tenant_id,
        owner,
        lane,
        Channel(channel),
        MessageClass(kind),
        group_key,
        waiting_since,
        [BlockRef(block_id, epoch, ids)],
        campaign_id,
    )
    if count < SMALL:
        room = {
            "tenant_id": tenant_id,
            "group_key": group_key,
            "small": SMALL,
            "room": MAX_BLOCK - count,
        }
        [more] = await uow.finish((_CLAIM_MORE, {**params, **room}))
        found.blocks += [BlockRef(row[9], row[3], row[11]) for row in more.rows]
    return found


async def _before_next(uow: UnitOfWork, lane: Lane, after: UUID, apart_from: Collection[UUID]) -> UUID | None:
    """Returns the id right before that of the next tenant that is not passed over; None when there is no such one."""
    for start in (after, EVERY_TENANT):
        place = start
        while (
            tenant_id := await uow.fetch_value(_NEXT_TENANT, {"lane": int(lane), "after": place})
        ) is not None:
            if tenant_id not in apart_from:
                return UUID(int=tenant_id.int - 1)
            place = tenant_id
    return None


async def renew(uow: UnitOfWork, claims: Collection[Claim], lease: timedelta) -> set[bytes]:
    """Keeps the blocks of claims for another lease and returns those that are still held."""
    held = [(claim, block) for claim in claims for block in claim.blocks]
    rows = await uow.fetch_all(
        _RENEW,
        {
            "lease": lease,
            "tenants": columns.uuids([claim.tenant_id.bytes for claim, _ in held]),
            "blocks": columns.uuids([block.block_id for _, block in held]),
            "owners": columns.uuids([claim.owner.bytes for claim, _ in held]),
        },
    )
    return {id for (id,) in rows}


async def promote(uow: UnitOfWork, now: datetime) -> set[int]:
    """Makes due blocks ready and takes those of lost workers back; returns the lanes that have work."""
    due = await uow.fetch_all(_PROMOTE, {"now": now})
    lost = await uow.fetch_all(_TAKE_BACK)
    return {lane for (lane,) in (*due, *lost)}


async def outlook(uow: UnitOfWork) -> tuple[datetime | None, list[int]]:
    """Returns when the next block becomes due, None when none waits for an instant, and the lanes that have due ones."""
    row = await uow.fetch_one(_OUTLOOK, {"lanes": [int(lane) for lane in Lane]})
    return row if row is not None else (None, [])


async def give_back(uow: UnitOfWork, claim: Claim, due_at: datetime | None = None) -> None:
    """Puts the blocks of a claim back into the queue, now or for later; those another worker took are left alone."""
    await uow.execute(
        _GIVE_BACK,
        {
            "tenant_id": claim.tenant_id,
            "owner": claim.owner,
            "blocks": columns.uuids(claim.block_ids),
            "due_at": due_at,
        },
    )


async def part(uow: UnitOfWork, claim: Claim, due_at: datetime) -> None:
    """Puts the blocks of a claim back for later, each in two halves and none together with another.

    So a message that no pass survives ends up alone, and the others go.
    """
    for block in claim.blocks:
        half = (len(block.message_ids) + 1) // 2
        row = {
            "tenant_id": claim.tenant_id,
            "block": UUID(bytes=block.block_id),
            "owner": claim.owner,
            "due_at": due_at,
        }
        if rest := block.message_ids[half:]:
            await uow.execute(_PART, {**row, "part": uuid7(), "ids": columns.uuids(rest)})
        await uow.execute(_KEEP_PART, {**row, "ids": columns.uuids(block.message_ids[:half])})


def held(claim: Claim) -> tuple[str, tuple[object, ...]]:
    """Returns the query that locks the blocks of a claim until the commit and counts those still held."""
    return _HELD, (claim.tenant_id, columns.uuids(claim.block_ids), claim.owner)


_ADD_BLOCKS = """
INSERT INTO dispatch_block (
    tenant_id, block_id, group_key, campaign_id, run_id, lane, channel, message_class, status, message_count, due_at,
    expire_at, waiting_since, message_ids)
VALUES (%(tenant_id)s, %(block_id)s, %(group_key)s, %(campaign_id)s::uuid, %(run_id)s::uuid, %(lane)s, %(channel)s,
    %(message_class)s, %(status)s, cardinality(%(ids)b::uuid[])::smallint, %(due_at)s, %(expire_at)s, %(due_at)s,
    %(ids)b::uuid[])
"""


@dataclass(frozen=True, slots=True)
class NewBlock:
    """Messages that go into the queue together."""

    tenant_id: UUID
    group_key: UUID
    campaign_id: UUID | None
    run_id: UUID | None
    lane: int
    channel: int
    message_class: int
    due_at: datetime
    expire_at: datetime
    message_ids: Sequence[bytes]


async def add_block(uow: UnitOfWork, block: NewBlock, *, now: datetime) -> None:
    """Puts a block into the queue."""
    await uow.execute(
        _ADD_BLOCKS,
        {
            "tenant_id": block.tenant_id,
            "block_id": uuid7(),
            "group_key": block.group_key,
            "campaign_id": block.campaign_id,
            "run_id": block.run_id,
            "lane": block.lane,
            "channel": block.channel,
            "message_class": block.message_class,
            "status": READY if block.due_at <= now else LATER,
            "due_at": block.due_at,
            "expire_at": block.expire_at,
            "ids": columns.uuids(block.message_ids),
        },
    )
