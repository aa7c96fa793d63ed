"""The ledger of hand-overs: what is about to leave is written down first, what came of it afterwards (DEL-65, DEL-78).

An open row whose worker is gone means that nobody knows: its messages become unknown and are never sent blindly.
"""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7
from services.delivery import columns
from services.delivery.costs.estimates import Taken
from services.delivery.dispatch import outcomes as record
from services.delivery.dispatch import recording, store
from services.delivery.dispatch.domain import Result
from services.delivery.dispatch.loading import Item
from services.delivery.dispatch.outcomes import Handover, Outcome, Tariff
from services.delivery.dispatch.store import Claim
from services.delivery.fallbacks.handlers import Fallbacks
from services.delivery.limits import ledger, slots
from services.delivery.messages import announce
from services.delivery.messages.announce import Report, Stopped
from services.delivery.messages.domain import Channel, Lane, State, sources_of

_FENCE = "SELECT pg_advisory_xact_lock{}(hashtextextended('delivery.cancel', 0) # %s)"

_OPEN = """
INSERT INTO handover (
    tenant_id, handover_id, lane, channel, account_id, provider, lease_owner, message_ids, started_at)
VALUES (%(tenant_id)s, %(handover_id)s, %(lane)s, %(channel)s, %(account_id)s, %(provider)s, %(owner)s,
    %(ids)b::uuid[], %(now)s)
"""

_CLOSE = """
UPDATE handover SET finished_at = %(now)s, accepted_count = %(accepted)s, retryable_count = %(retryable)s,
    failed_count = %(failed)s, unknown_count = %(unknown)s
WHERE tenant_id = %(tenant_id)s AND handover_id = %(handover_id)s AND finished_at IS NULL
"""

_ABANDONED = """
SELECT handover_id, account_id, provider, started_at, lane, channel,
    ARRAY(SELECT uuid_send(i) FROM unnest(message_ids) AS i)
FROM handover
WHERE tenant_id = %(tenant_id)s AND finished_at IS NULL AND message_ids && %(ids)b::uuid[]
FOR UPDATE
"""

_NOT_WAITING = """
SELECT uuid_send(m.message_id) FROM unnest(%(ids)b::uuid[]) AS r (id)
JOIN message m ON m.tenant_id = %(tenant_id)s AND m.message_id = r.id
WHERE m.message_id = ANY (%(ids)b::uuid[]) AND NOT m.state = ANY (%(waiting)s)
"""

_UNSETTLED = """
SELECT uuid_send(m.message_id) FROM unnest(%(ids)b::uuid[]) AS r (id)
JOIN message m ON m.tenant_id = %(tenant_id)s AND m.message_id = r.id
WHERE m.message_id = ANY (%(ids)b::uuid[]) AND m.state = ANY (%(states)s)
FOR UPDATE OF m
"""

_DROP_WAITS = "DELETE FROM message_wait WHERE tenant_id = %s AND message_id = ANY (%b::uuid[])"


Estimate = Callable[[UnitOfWork, Sequence[Taken], datetime], Awaitable[None]]
"""Adds what messages cost that were taken."""

RECEIVED: Final = frozenset({State.DELIVERED, State.READ, State.BOUNCED, State.FAILED})
"""States that only a receipt gives to a message whose hand-over is open."""


_NOTED = f"SELECT coalesce((SELECT sequence FROM tenant_cancel WHERE tenant_id = %s), 0), {ledger.MEMORY}"  # noqa: S608 - a constant


class LeaseLostError(Exception):
    """Another worker has the block now; nothing may leave any more."""


class PlacesLostError(Exception):
    """The store of the rate limits lost the places of a hand-over, and others were given since; take them anew."""


async def fence(uow: UnitOfWork, *, cancelling: bool) -> None:
    """Keeps cancelling and handing over apart: whoever comes second sees what the first one wrote."""
    await uow.execute(*_fence(uow, cancelling=cancelling))


def _fence(uow: UnitOfWork, *, cancelling: bool) -> tuple[str, tuple[int]]:
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    number = int.from_bytes(uow.tenant_id.bytes[8:], "big", signed=True)
    return _FENCE.format("" if cancelling else "_shared"), (number,)


async def check(uow: UnitOfWork, claim: Claim, mark: int = 0) -> int:
    """Locks the blocks of a claim until the commit and returns the tenant's last cancellation.

    `mark` is that of the memory in which places under rate limits were taken; 0 when there are none to look after.
    LeaseLostError when one of the blocks is not held any more, PlacesLostError when the places are counted nowhere.
    """
    fence, number = _fence(uow, cancelling=False)
    if mark:
        fence = f"{fence}, {ledger.SHARED_FENCE}"
    _, held, noted = await uow.run_together((fence, number), store.held(claim), (_NOTED, (uow.tenant_id,)))
    if held.rows[0][0] != len(claim.blocks):
        raise LeaseLostError
    sequence, memory = noted.rows[0]
    if mark and memory > mark:
        raise PlacesLostError
    return int(sequence)


def begin(uow: UnitOfWork, claim: Claim, one: Handover) -> None:
    """Writes a hand-over down with the commit."""
    uow.defer(
        _OPEN,
        {
            "tenant_id": uow.tenant_id,
            "handover_id": one.handover_id,
            "lane": int(one.lane),
            "channel": int(one.channel),
            "account_id": one.account_id,
            "provider": one.provider,
            "owner": claim.owner,
            "ids": columns.uuids([item.message_id for item in one.items]),
            "now": one.started_at,
        },
    )


async def _unsettled(uow: UnitOfWork, ids: Sequence[bytes]) -> set[bytes]:
    """Returns which of the messages wait, or are unknown, as far as the database knows."""
    rows = await uow.fetch_all(
        _UNSETTLED,
        {
            "tenant_id": uow.tenant_id,
            "ids": columns.uuids(ids),
            "states": [*sources_of(State.SKIPPED), int(State.UNKNOWN)],
        },
    )
    return {id for (id,) in rows}


async def not_waiting(uow: UnitOfWork, ids: Sequence[bytes]) -> set[bytes]:
    """Returns which of the messages were settled since they were loaded, by a cancellation."""
    rows = await uow.fetch_all(
        _NOT_WAITING,
        {
            "tenant_id": uow.tenant_id,
            "ids": columns.uuids(ids),
            "waiting": list(sources_of(State.SKIPPED)),
        },
    )
    return {id for (id,) in rows}


async def finish(
    uow: UnitOfWork,
    claim: Claim,
    handover: Handover,
    outcomes: Sequence[Outcome],
    tariff: Tariff | None,
    *,
    now: datetime,
    fallbacks: Fallbacks,
    reports: Mapping[bytes, Report] | None = None,
) -> bool:
    """Records the outcomes of one hand-over, its costs and events, in one transaction.

    Returns false when the blocks, or the hand-over itself, were taken over meanwhile: then accepted, failed and unknown
    messages are still recorded as far as nobody settled them, and refused ones stay where they are.
    """
    counts = Counter(one.state for one in outcomes)
    closing = {
        "tenant_id": uow.tenant_id,
        "handover_id": handover.handover_id,
        "now": now,
        "accepted": counts[State.SENT],
        "retryable": counts[State.RETRYING],
        "failed": counts[State.FAILED],
        "unknown": counts[State.UNKNOWN],
    }
    held, closed = await uow.run_together(store.held(claim), (_CLOSE, closing))
    is_held = held.rows[0][0] == len(claim.blocks)
    is_open = closed.rowcount == 1
    if not is_open:
        # Whoever took over made them unknown, or this is the second try of a commit whose answer was lost.
        open_ids = await _unsettled(uow, [one.item.message_id for one in outcomes])
        outcomes = [one for one in outcomes if one.item.message_id in open_ids]
    accepted = [one for one in outcomes if one.state is State.SENT]
    refused = [one for one in outcomes if one.state is not State.SENT]
    if not is_held or not is_open:
        refused = [one for one in refused if one.state is not State.RETRYING]
    row = {
        "tenant_id": uow.tenant_id,
        "provider": handover.provider,
        "account_id": handover.account_id,
        "started_at": handover.started_at,
        "now": now,
    }
    if not is_open:
        known = [one.item.message_id for one in outcomes if one.state in (State.SENT, State.FAILED)]
        uow.defer(_DROP_WAITS, (uow.tenant_id, columns.uuids(known)))
    if accepted:
        record.record_accepted(uow, row, handover, accepted, tariff, now)
        await record.announce_accepted(uow, handover, accepted, tariff, now)
    if refused:
        await record.record_refused(uow, row, refused, handover, now)
        record.announce_refused(uow, handover, refused, reports or {}, now)
        await fallbacks.make(uow, [one.item.message_id for one in refused if one.wants_fallback], now)
    # What is unknown may have been received, so it keeps its place under the caps.
    freed = [one.item for one in refused if one.state is not State.UNKNOWN]
    slots.release(uow, recording.slots_of(freed))
    if is_held:
        gone = {one.item.message_id for one in outcomes}
        moved = any(one.state in (State.RETRYING, State.UNKNOWN) for one in refused)
        recording.leave_blocks(uow, claim, gone, must_shrink=moved)
    return bool(is_held and is_open)


async def abandon(
    uow: UnitOfWork,
    claim: Claim,
    ids: Sequence[bytes],
    estimate: Estimate,
    *,
    recheck_after: timedelta,
    now: datetime,
) -> set[bytes]:
    """Makes messages unknown that a lost worker had handed over, and returns them.

    The messages leave the block and wait for reconciliation; the record of the lost worker may still settle them. Those
    that a receipt settled meanwhile were taken: what they cost is counted here, for nobody else will.
    """
    rows = await uow.fetch_all(_ABANDONED, {"tenant_id": uow.tenant_id, "ids": columns.uuids(ids)})
    lost: set[bytes] = set()
    for handover_id, account_id, provider, started_at, lane, channel, members in rows:
        handover = Handover(handover_id, account_id, provider, Lane(lane), Channel(channel), started_at, [])
        lost.update(await _lose(uow, handover, members, now + recheck_after, now))
        await estimate(uow, await _taken(uow, handover, members), now)
    if lost:
        recording.leave_blocks(uow, claim, lost, must_shrink=True)
    return lost


_LOSE = """
UPDATE message m SET state = 15, reason = 'worker_lost', attempt_count = m.attempt_count + 1,
    last_attempt_at = %(started_at)s, provider = %(provider)s, account_id = %(account_id)s, wake_at = %(due_at)s
FROM unnest(%(ids)b::uuid[]) AS r (id)
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = r.id AND m.message_id = ANY (%(ids)b::uuid[])
  AND m.state = ANY (%(waiting)s)
RETURNING uuid_send(m.message_id), m.attempt_count, m.campaign_id
"""


async def _lose(
    uow: UnitOfWork, handover: Handover, members: Sequence[bytes], due_at: datetime, now: datetime
) -> list[bytes]:
    row = {
        "tenant_id": uow.tenant_id,
        "provider": handover.provider,
        "account_id": handover.account_id,
        "started_at": handover.started_at,
        "now": now,
    }
    rows = await uow.fetch_all(
        _LOSE,
        {
            **row,
            "ids": columns.uuids(members),
            "due_at": due_at,
            "waiting": list(sources_of(State.SKIPPED)),
        },
    )
    uow.defer(
        _CLOSE,
        {
            **row,
            "handover_id": handover.handover_id,
            "accepted": 0,
            "retryable": 0,
            "failed": 0,
            "unknown": len(rows),
        },
    )
    if rows:
        ids = [id for id, _, _ in rows]
        record.add_attempts(
            uow, row, [(id, number, Result.UNKNOWN, "worker_lost", "", "") for id, number, _ in rows]
        )
        recording.wait(
            uow,
            [(id, State.UNKNOWN, due_at) for id in ids],
            account_id=handover.account_id,
            started_at=handover.started_at,
        )
        _announce_lost(uow, rows, now)
    return list(members)


_TAKEN = """
SELECT uuid_send(m.message_id), m.campaign_id, m.attempt_count FROM message m
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = ANY (%(ids)b::uuid[]) AND m.state = ANY (%(states)s)
  AND m.cost IS NULL AND m.sent_at IS NOT NULL AND m.account_id = %(account_id)s
"""


async def _taken(uow: UnitOfWork, handover: Handover, members: Sequence[bytes]) -> list[Taken]:
    """Returns those of a lost hand-over of which receipts told before anybody recorded them."""
    rows = await uow.fetch_all(
        _TAKEN,
        {
            "tenant_id": uow.tenant_id,
            "ids": columns.uuids(members),
            "states": [int(state) for state in RECEIVED],
            "account_id": handover.account_id,
        },
    )
    return [
        Taken(id, campaign_id, attempts, handover.provider, handover.account_id, handover.channel)
        for id, campaign_id, attempts in rows
    ]


def _announce_lost(uow: UnitOfWork, rows: Sequence[tuple[bytes, int, UUID | None]], now: datetime) -> None:
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    grouped: defaultdict[str, list[Stopped]] = defaultdict(list)
    for id, _, campaign in rows:
        grouped[str(campaign or "")].append(Stopped(id, "worker_lost"))
    for campaign_id, messages in grouped.items():
        uow.emit(announce.stopped("unknown", uow.tenant_id, campaign_id, now, messages))


def new(
    account_id: UUID, provider: str, lane: Lane, channel: Channel, items: list[Item], now: datetime
) -> Handover:
    """Returns a hand-over that is about to be written down."""
    return Handover(uuid7(), account_id, provider, lane, channel, now, items)
