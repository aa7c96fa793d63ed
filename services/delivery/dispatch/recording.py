"""Writing what became of messages: a block is a handful of set-wise statements, and its events go along.

Each function runs inside the transaction of its caller and leaves every waiting message in exactly one place.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7s
from services.delivery import columns
from services.delivery.digests import store as digests
from services.delivery.digests.store import Held
from services.delivery.dispatch import store
from services.delivery.dispatch.loading import Item, Stop
from services.delivery.dispatch.store import BlockRef, Claim
from services.delivery.messages import announce
from services.delivery.messages.announce import Stopped, Tried
from services.delivery.messages.domain import State, sources_of

_STOP = """
UPDATE message m SET state = r.state, reason = r.reason, failure_code = r.code, wake_at = r.wake_at,
    stopped_at = CASE WHEN r.state IN (12, 13, 14) THEN %(now)s ELSE m.stopped_at END,
    failed_at = CASE WHEN r.state = 11 THEN %(now)s ELSE m.failed_at END
FROM unnest(%(ids)b::uuid[], %(states)b::int2[], %(reasons)b::text[], %(codes)b::text[], %(wakes)b::timestamptz[])
    AS r (id, state, reason, code, wake_at)
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = r.id AND m.message_id = ANY (%(ids)b::uuid[])
  AND m.state = ANY (%(waiting)s)
RETURNING uuid_send(m.message_id)
"""

_WAIT = """
INSERT INTO message_wait (tenant_id, message_id, state, due_at, account_id, started_at)
SELECT %(tenant_id)s, r.id, r.state, r.due_at, %(account_id)s::uuid, %(started_at)s::timestamptz
FROM unnest(%(ids)b::uuid[], %(states)b::int2[], %(dues)b::timestamptz[]) AS r (id, state, due_at)
ON CONFLICT (tenant_id, message_id) DO UPDATE
SET state = excluded.state, due_at = excluded.due_at, account_id = excluded.account_id, started_at = excluded.started_at
"""

_DEAD = """
INSERT INTO dead_letter (tenant_id, message_id, reason, attempt_count, last_error, created_at)
SELECT %(tenant_id)s, r.id, r.reason, r.attempts, r.error, %(now)s
FROM unnest(%(ids)b::uuid[], %(reasons)b::text[], %(attempts)b::int2[], %(errors)b::text[])
    AS r (id, reason, attempts, error)
ON CONFLICT (tenant_id, message_id) DO UPDATE
SET reason = excluded.reason, attempt_count = excluded.attempt_count, last_error = excluded.last_error,
    created_at = excluded.created_at, resolution = NULL, resolved_by = NULL, resolved_at = NULL, note = ''
"""

_LOG = """
INSERT INTO message_log (tenant_id, message_id, entry_id, type, occurred_at, detail, actor)
SELECT %(tenant_id)s, r.id, r.entry_id, r.type, %(now)s, r.detail, %(actor)s
FROM unnest(%(ids)b::uuid[], %(entries)b::uuid[], %(types)b::text[], %(details)b::text[])
    AS r (id, entry_id, type, detail)
"""

_DROP_BLOCKS = """
DELETE FROM dispatch_block
WHERE tenant_id = %(tenant_id)s AND block_id = ANY (%(blocks)b::uuid[]) AND status = 2 AND lease_owner = %(owner)s
"""

_SHRINK_BLOCK = """
UPDATE dispatch_block SET message_ids = %(ids)b::uuid[], message_count = cardinality(%(ids)b::uuid[])::smallint
WHERE tenant_id = %(tenant_id)s AND block_id = %(block)s AND status = 2 AND lease_owner = %(owner)s
"""

_KINDS: Final[Mapping[State, str]] = {
    State.SKIPPED: "skipped",
    State.EXPIRED: "expired",
    State.CANCELLED: "cancelled",
    State.DEFERRED: "deferred",
    State.FAILED: "failed",
}


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that is given up, for people to look at."""

    message_id: bytes
    reason: str
    attempts: int
    error: str
    campaign_id: UUID | None = None


async def stop(uow: UnitOfWork, stops: Sequence[Stop], *, actor: str, now: datetime) -> None:
    """Records messages that do not get further, with waits, dead letters, history and events."""
    if not stops:
        return
    ids = [one.item.message_id for one in stops]
    changed = await uow.fetch_all(
        _STOP,
        {
            "tenant_id": uow.tenant_id,
            "ids": columns.uuids(ids),
            "states": columns.smallints([one.state for one in stops]),
            "reasons": columns.texts([one.reason for one in stops]),
            "codes": columns.texts([one.code or None for one in stops]),
            "wakes": columns.instants([one.until for one in stops]),
            "waiting": list(sources_of(State.SKIPPED)),
            "now": now,
        },
    )
    if len(changed) < len(stops):
        known = {id for (id,) in changed}
        stops = [one for one in stops if one.item.message_id in known]
    wait(
        uow,
        [
            # What waits for a digest is not due by itself before it expires.
            (one.item.message_id, State.DEFERRED, one.expire_at or one.until)
            for one in stops
            if one.state is State.DEFERRED and one.until
        ],
    )
    hold_for_digests(uow, stops, now)
    bury(
        uow,
        [
            DeadLetter(
                one.item.message_id,
                one.reason,
                one.item.attempts,
                one.detail[:500] or one.code,
                one.item.content.campaign_id,
            )
            for one in stops
            if one.dead_letter
        ],
        now,
    )
    deferred = [one for one in stops if one.state is State.DEFERRED]
    log(uow, [(one.item.message_id, "deferred", one.reason) for one in deferred], actor=actor, now=now)
    announce_stops(uow, stops, now)


def hold_for_digests(uow: UnitOfWork, stops: Iterable[Stop], now: datetime) -> None:
    """Notes which of the messages wait for a digest (DEL-91)."""
    digests.hold(
        uow,
        [
            Held(
                one.item.message_id,
                one.item.contact_id,
                int(one.item.content.channel),
                one.frequency,
                one.until,
                one.expire_at,
            )
            for one in stops
            if one.expire_at is not None and one.until is not None and one.item.contact_id is not None
        ],
        now,
    )


def announce_stops(uow: UnitOfWork, stops: Iterable[Stop], now: datetime) -> None:
    """Adds one event per kind and campaign."""
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    grouped: defaultdict[tuple[State, str], list[Stopped]] = defaultdict(list)
    for one in stops:
        campaign = str(one.item.content.campaign_id or "")
        grouped[one.state, campaign].append(Stopped(one.item.message_id, one.reason, one.code, one.until))
    for (state, campaign), messages in grouped.items():
        uow.emit(announce.stopped(_KINDS[state], uow.tenant_id, campaign, now, messages))


def wait(
    uow: UnitOfWork,
    waits: Sequence[tuple[bytes, State, datetime]],
    *,
    account_id: UUID | None = None,
    started_at: datetime | None = None,
) -> None:
    """Lists messages that wait for an instant of their own."""
    if waits:
        uow.defer(
            _WAIT,
            {
                "tenant_id": uow.tenant_id,
                "ids": columns.uuids([id for id, _, _ in waits]),
                "states": columns.smallints([state for _, state, _ in waits]),
                "dues": columns.instants([due for _, _, due in waits]),
                "account_id": account_id,
                "started_at": started_at,
            },
        )


def bury(uow: UnitOfWork, letters: Sequence[DeadLetter], now: datetime) -> None:
    """Adds dead letters, with their events."""
    if not letters:
        return
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    uow.defer(
        _DEAD,
        {
            "tenant_id": uow.tenant_id,
            "ids": columns.uuids([one.message_id for one in letters]),
            "reasons": columns.texts([one.reason for one in letters]),
            "attempts": columns.smallints([one.attempts for one in letters]),
            "errors": columns.texts([one.error for one in letters]),
            "now": now,
        },
    )
    grouped: defaultdict[str, list[Tried]] = defaultdict(list)
    for one in letters:
        grouped[str(one.campaign_id or "")].append(Tried(one.message_id, one.attempts, one.reason))
    for campaign, tried in grouped.items():
        uow.emit(announce.tried("dead_lettered", uow.tenant_id, campaign, now, tried))


def log(uow: UnitOfWork, entries: Sequence[tuple[bytes, str, str]], *, actor: str, now: datetime) -> None:
    """Adds lines to the history of messages: (message id, type, detail)."""
    if entries:
        uow.defer(
            _LOG,
            {
                "tenant_id": uow.tenant_id,
                "ids": columns.uuids([id for id, _, _ in entries]),
                "entries": columns.uuids([id.bytes for id in uuid7s(len(entries))]),
                "types": columns.texts([type for _, type, _ in entries]),
                "details": columns.texts([detail for _, _, detail in entries]),
                "actor": actor,
                "now": now,
            },
        )


def leave_blocks(uow: UnitOfWork, claim: Claim, gone: Collection[bytes], *, must_shrink: bool) -> None:
    """Takes messages out of the blocks of a claim; empty blocks leave the queue.

    With `must_shrink` the rest of a block is rewritten at once: some of the messages wait elsewhere now, and would be
    found twice if this worker died before it is done with the block.
    """
    rests = [(block, [id for id in block.message_ids if id not in gone]) for block in claim.blocks]
    changed = [(block, rest) for block, rest in rests if len(rest) < len(block.message_ids)]
    empty = [block.block_id for block, rest in changed if not rest]
    if must_shrink:
        for block, rest in changed:
            if rest:
                uow.defer(*_shrunk(uow, claim, block, rest))
    if empty:
        uow.defer(
            _DROP_BLOCKS,
            {"tenant_id": uow.tenant_id, "owner": claim.owner, "blocks": columns.uuids(empty)},
        )

    def apply() -> None:
        for block, rest in changed:
            block.message_ids = rest
            if must_shrink:
                block.stored = len(rest)
        claim.blocks[:] = [block for block in claim.blocks if block.message_ids]

    # A transaction that fails is repeated, so memory follows the commit.
    uow.after_commit(apply)


async def put_back(uow: UnitOfWork, claim: Claim, due_at: datetime | None) -> None:
    """Puts what is left of a claim back into the queue; messages that are settled are listed no longer."""
    for block in claim.blocks:
        if block.stored != len(block.message_ids):
            # At once: what is given back has no owner any more, and nobody else would shorten it.
            await uow.execute(*_shrunk(uow, claim, block, block.message_ids))
    await store.give_back(uow, claim, due_at)


def _shrunk(
    uow: UnitOfWork, claim: Claim, block: BlockRef, rest: Sequence[bytes]
) -> tuple[str, dict[str, object]]:
    return _SHRINK_BLOCK, {
        "tenant_id": uow.tenant_id,
        "owner": claim.owner,
        "block": UUID(bytes=block.block_id),
        "ids": columns.uuids(rest),
    }


def slots_of(items: Iterable[Item]) -> list[tuple[bytes, bytes]]:
    """Returns the cap slots that messages hold."""
    return [(item.contact_id, item.message_id) for item in items if item.has_slot and item.contact_id]
