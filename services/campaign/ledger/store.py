"""SQL of the send ledger.

Who changes lines of a run holds the row of its tally: changes of one run follow each other, so a line's state before a
change is known without locking lines, two blocks never wait for each other crosswise, and the tally always equals the
lines. Statements name the ids they speak of, or their range, so that only their partitions are looked at.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from services.campaign.ledger.domain import (
    RANKS,
    Counts,
    Recipient,
    RecipientState,
    first_id,
    last_id,
)
from services.campaign.tallies import store as tallies
from services.common.db.sets import named_unnest
from services.common.db.uow import UnitOfWork

PENDING, HANDED_OVER = RecipientState.PENDING, RecipientState.HANDED_OVER
NO_ADDRESS = "no_address"

_BY_NUMBER = [RANKS[state] for state in RecipientState]
_RANK = f"(ARRAY{_BY_NUMBER})[{{}}]"


class Move(NamedTuple):
    """Where a line goes, and the times that are known of it."""

    recipient_id: UUID
    state: RecipientState
    reason: str = ""
    sent_at: datetime | None = None
    delivered_at: datetime | None = None


class Moved(NamedTuple):
    """How many lines of a run went from one state to another."""

    run_id: UUID
    before: RecipientState
    after: RecipientState
    lines: int


class Skipped(NamedTuple):
    """A line that is not handed over."""

    recipient_id: UUID
    contact_id: UUID
    variant: int
    reason: str


# Lines


async def without_address(uow: UnitOfWork, run_id: UUID, block_no: int) -> list[Skipped]:
    """Returns the lines of a chunk that were skipped as they were written."""
    rows = await uow.fetch_all(
        "SELECT recipient_id, contact_id, variant FROM campaign_recipient WHERE tenant_id = %s AND run_id = %s "
        "AND block_no = %s AND recipient_id BETWEEN %s AND %s",
        (uow.tenant_id, run_id, block_no, first_id(run_id), last_id(run_id)),
    )
    return [Skipped(line, contact, variant, NO_ADDRESS) for line, contact, variant in rows]


async def skip(uow: UnitOfWork, run_id: UUID, reasons: Mapping[UUID, str]) -> list[Skipped]:
    """Skips pending lines of a run, whose tally must be locked; returns those that were still pending."""
    rows = await uow.fetch_all(
        f"""
        UPDATE campaign_recipient r SET state = {int(RecipientState.SKIPPED)}, reason = rows.reason
        FROM {named_unnest({"id": "uuid", "reason": "text"})}
        WHERE r.tenant_id = %(tenant_id)s AND r.recipient_id = ANY (%(id)b::uuid[]) AND r.recipient_id = rows.id
            AND r.state = {int(PENDING)}
        RETURNING r.recipient_id, r.contact_id, r.variant, r.reason
        """,
        {
            "id": list(reasons),
            "reason": list(reasons.values()),
            "tenant_id": uow.tenant_id,
        },
    )
    skipped = [Skipped(*row) for row in rows]
    await tallies.move(uow, run_id, {PENDING: -len(skipped), RecipientState.SKIPPED: len(skipped)})
    return skipped


async def pending_of(uow: UnitOfWork, run_id: UUID, block_no: int) -> list[UUID]:
    """Returns the pending lines of a block."""
    rows = await uow.fetch_all(
        "SELECT recipient_id FROM campaign_recipient WHERE tenant_id = %s AND run_id = %s AND block_no = %s "
        f"AND state = {int(PENDING)} AND recipient_id BETWEEN %s AND %s",
        (uow.tenant_id, run_id, block_no, first_id(run_id), last_id(run_id)),
    )
    return [recipient_id for (recipient_id,) in rows]


async def move_block(uow: UnitOfWork, run_id: UUID, block_no: int, state: RecipientState) -> int:
    """Moves the pending lines of a block on; the tally must be locked. Lines that went further stay there."""
    moved = await uow.execute(
        f"UPDATE campaign_recipient SET state = %s WHERE tenant_id = %s AND run_id = %s AND block_no = %s "
        f"AND state = {int(PENDING)} AND recipient_id BETWEEN %s AND %s",
        (int(state), uow.tenant_id, run_id, block_no, first_id(run_id), last_id(run_id)),
    )
    await tallies.move(uow, run_id, {PENDING: -moved, state: moved})
    return moved


async def split_block(uow: UnitOfWork, run_id: UUID, block_no: int, keep: int, into: int) -> int:
    """Moves all but the first `keep` pending lines of a block into another; returns how many."""
    return await uow.execute(
        f"""
        UPDATE campaign_recipient SET block_no = %(into)s
        WHERE tenant_id = %(tenant_id)s AND recipient_id BETWEEN %(low)s AND %(high)s AND recipient_id IN (
            SELECT recipient_id FROM campaign_recipient
            WHERE tenant_id = %(tenant_id)s AND run_id = %(run_id)s AND block_no = %(block_no)s
                AND state = {int(PENDING)} AND recipient_id BETWEEN %(low)s AND %(high)s
            ORDER BY contact_id OFFSET %(keep)s
        )
        """,
        {
            "into": into,
            "tenant_id": uow.tenant_id,
            "run_id": run_id,
            "block_no": block_no,
            "keep": keep,
            "low": first_id(run_id),
            "high": last_id(run_id),
        },
    )


_APPLY = f"""
WITH given AS MATERIALIZED (
    SELECT * FROM {named_unnest({"id": "uuid", "state": "int2", "reason": "text", "sent_at": "timestamptz", "delivered_at": "timestamptz"})}
), old AS MATERIALIZED (
    SELECT recipient_id, state, reason, sent_at, delivered_at FROM campaign_recipient
    WHERE tenant_id = %(tenant_id)s AND recipient_id = ANY (%(id)b::uuid[])
), wanted AS MATERIALIZED (
    SELECT old.recipient_id, old.state AS before,
        CASE WHEN {_RANK.format("given.state")} > {_RANK.format("old.state")} THEN given.state ELSE old.state END AS state,
        CASE WHEN {_RANK.format("given.state")} > {_RANK.format("old.state")}
            THEN NULLIF(given.reason, '') ELSE old.reason END AS reason,
        COALESCE(old.sent_at, given.sent_at) AS sent_at,
        COALESCE(old.delivered_at, given.delivered_at) AS delivered_at
    FROM given JOIN old ON old.recipient_id = given.id
    WHERE {_RANK.format("given.state")} > {_RANK.format("old.state")}
        OR (old.sent_at IS NULL AND given.sent_at IS NOT NULL)
        OR (old.delivered_at IS NULL AND given.delivered_at IS NOT NULL)
), changed AS (
    UPDATE campaign_recipient r SET state = wanted.state, reason = wanted.reason, sent_at = wanted.sent_at,
        delivered_at = wanted.delivered_at
    FROM wanted
    WHERE r.tenant_id = %(tenant_id)s AND r.recipient_id = ANY (%(id)b::uuid[])
        AND r.recipient_id = wanted.recipient_id
    RETURNING r.run_id, wanted.before, r.state AS after
)
SELECT run_id, before, after, count(*) FROM changed WHERE before <> after GROUP BY run_id, before, after
"""


async def apply(uow: UnitOfWork, moves: Sequence[Move]) -> list[Moved]:
    """Moves lines forward, never back, and keeps the first times; tallies must be locked and are moved too.

    Ids that are no lines are passed over. Each id stands once.
    """
    if not moves:
        return []
    ids = [move.recipient_id for move in moves]
    rows = await uow.fetch_all(
        _APPLY,
        {
            "id": ids,
            "state": [int(move.state) for move in moves],
            "reason": [move.reason for move in moves],
            "sent_at": [move.sent_at for move in moves],
            "delivered_at": [move.delivered_at for move in moves],
            "tenant_id": uow.tenant_id,
        },
    )
    moved = [
        Moved(run_id, RecipientState(before), RecipientState(after), lines)
        for run_id, before, after, lines in rows
    ]
    deltas: dict[UUID, dict[RecipientState, int]] = {}
    for one in moved:
        of_run = deltas.setdefault(one.run_id, {})
        of_run[one.before] = of_run.get(one.before, 0) - one.lines
        of_run[one.after] = of_run.get(one.after, 0) + one.lines
    for run_id in sorted(deltas):
        await tallies.move(uow, run_id, deltas[run_id])
    return moved


_RETRIED = """
WITH changed AS (
    UPDATE campaign_recipient SET state = %(waiting)s, reason = NULL
    WHERE tenant_id = %(tenant_id)s AND recipient_id = ANY (%(ids)b::uuid[]) AND state = %(failed)s
    RETURNING run_id
)
SELECT run_id, count(*) FROM changed GROUP BY run_id ORDER BY run_id
"""


async def reopen_failed(uow: UnitOfWork, ids: Sequence[UUID]) -> int:
    """Lets failed lines wait again, for delivery tries their messages anew; tallies must be locked and are moved too."""
    rows = await uow.fetch_all(
        _RETRIED,
        {
            "tenant_id": uow.tenant_id,
            "ids": list(ids),
            "waiting": int(RecipientState.HANDED_OVER),
            "failed": int(RecipientState.FAILED),
        },
    )
    for run_id, lines in rows:
        await tallies.move(uow, run_id, {RecipientState.FAILED: -lines, RecipientState.HANDED_OVER: lines})
    return sum(lines for _, lines in rows)


async def complain(uow: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Notes complaints, each line's once; returns how many were new by run."""
    if not ids:
        return {}
    rows = await uow.fetch_all(
        "WITH noted AS (UPDATE campaign_recipient SET complained = true WHERE tenant_id = %(tenant_id)s "
        "AND recipient_id = ANY (%(ids)b::uuid[]) AND NOT complained RETURNING run_id) SELECT run_id, count(*) FROM noted GROUP BY run_id ORDER BY run_id",
        {"tenant_id": uow.tenant_id, "ids": list(ids)},
    )
    for run_id, lines in rows:
        await tallies.move(uow, run_id, {}, complaints=lines)
    return dict(rows)


_COSTS = f"""
WITH given AS MATERIALIZED (SELECT * FROM {named_unnest({"id": "uuid", "attempt": "int2", "amount": "numeric"})}),
old AS MATERIALIZED (
    SELECT recipient_id, cost, cost_attempt FROM campaign_recipient
    WHERE tenant_id = %(tenant_id)s AND recipient_id = ANY (%(id)b::uuid[])
), changed AS (
    UPDATE campaign_recipient r SET
        cost = CASE WHEN given.attempt = old.cost_attempt THEN given.amount
            ELSE COALESCE(old.cost, 0) + given.amount END,
        cost_attempt = given.attempt
    FROM given JOIN old ON old.recipient_id = given.id
    WHERE r.tenant_id = %(tenant_id)s AND r.recipient_id = ANY (%(id)b::uuid[]) AND r.recipient_id = given.id
        AND given.attempt >= old.cost_attempt
    RETURNING r.run_id, r.cost - COALESCE(old.cost, 0) AS more
)
SELECT run_id, sum(more) FROM changed GROUP BY run_id ORDER BY run_id
"""


async def record_costs(uow: UnitOfWork, costs: Sequence[tuple[UUID, int, Decimal]]) -> dict[UUID, Decimal]:
    """Notes what attempts cost and returns what was added by run; tallies must be locked and are moved too.

    A later price of the same attempt replaces the earlier one; one of an earlier attempt comes too late.
    """
    if not costs:
        return {}
    ids = [message_id for message_id, _, _ in costs]
    rows = await uow.fetch_all(
        _COSTS,
        {
            "id": ids,
            "attempt": [attempt for _, attempt, _ in costs],
            "amount": [amount for _, _, amount in costs],
            "tenant_id": uow.tenant_id,
        },
    )
    for run_id, more in rows:
        await tallies.move(uow, run_id, {}, cost=more)
    return dict(rows)


# Reading


async def fold(uow: UnitOfWork, run_id: UUID) -> Counts:
    """Returns the lines of a run by state, counted from the lines themselves."""
    rows = await uow.fetch_all(
        "SELECT state, count(*) FROM campaign_recipient "
        "WHERE tenant_id = %s AND run_id = %s AND recipient_id BETWEEN %s AND %s GROUP BY state",
        (uow.tenant_id, run_id, first_id(run_id), last_id(run_id)),
    )
    return Counts({RecipientState(state): lines for state, lines in rows})


async def page(
    uow: UnitOfWork,
    run_id: UUID,
    *,
    state: int,
    variant: int,
    address: str,
    after: UUID | None,
    limit: int,
) -> list[Recipient]:
    """Returns lines of a run in the order of their ids; a state or variant of 0 means all.

    `address` is the SQL of the channel's address of a contact `c`; trusted text.
    """
    rows = await uow.fetch_all(
        f"""
        SELECT r.recipient_id, r.contact_id, r.variant, r.state, r.reason, r.sent_at, r.delivered_at, {address}
        FROM campaign_recipient r
        LEFT JOIN contact c ON c.tenant_id = r.tenant_id AND c.contact_id = r.contact_id
        WHERE r.tenant_id = %(tenant_id)s AND r.run_id = %(run_id)s
            AND r.recipient_id BETWEEN %(low)s AND %(high)s AND r.recipient_id > %(after)s
            AND %(state)s IN (0, r.state) AND %(variant)s IN (0, r.variant)
        ORDER BY r.recipient_id LIMIT %(limit)s
        """,
        {
            "tenant_id": uow.tenant_id,
            "run_id": run_id,
            "low": first_id(run_id),
            "high": last_id(run_id),
            "after": after or UUID(int=0),
            "state": state,
            "variant": variant,
            "limit": limit,
        },
    )
    return [
        Recipient(
            recipient_id,
            contact_id,
            variant,
            RecipientState(state),
            reason or "",
            sent,
            delivered,
            found or "",
        )
        for recipient_id, contact_id, variant, state, reason, sent, delivered, found in rows
    ]


async def reasons(uow: UnitOfWork, run_id: UUID) -> list[tuple[str, int]]:
    """Returns the reasons of lines that were skipped or failed, most frequent first."""
    return [
        (reason, lines)
        for reason, lines in await uow.fetch_all(
            "SELECT reason, count(*) FROM campaign_recipient WHERE tenant_id = %s AND run_id = %s "
            "AND recipient_id BETWEEN %s AND %s AND reason IS NOT NULL GROUP BY reason ORDER BY 2 DESC, 1 LIMIT 100",
            (uow.tenant_id, run_id, first_id(run_id), last_id(run_id)),
        )
    ]


# Reconciliation


async def handed_over_before(uow: UnitOfWork, run_id: UUID, instant: datetime) -> AsyncIterator[list[UUID]]:
    """Yields, in blocks, the lines that delivery should know: those of blocks done before an instant."""
    blocks = uow.stream(
        f"""
        SELECT r.recipient_id FROM campaign_recipient r
        JOIN campaign_block b ON b.tenant_id = r.tenant_id AND b.run_id = r.run_id AND b.block_no = r.block_no
        WHERE r.tenant_id = %s AND r.run_id = %s AND r.recipient_id BETWEEN %s AND %s
            AND r.state = {int(HANDED_OVER)} AND b.done_at < %s
        """,
        (uow.tenant_id, run_id, first_id(run_id), last_id(run_id), instant),
    )
    async for rows in blocks:
        yield [recipient_id for (recipient_id,) in rows]


async def reopen(uow: UnitOfWork, run_id: UUID, ids: Sequence[UUID], block_no: int) -> list[tuple[int, int]]:
    """Makes lines that delivery never got pending again, in blocks from `block_no` on; the tally must be locked.

    The only way back there is. Returns variant and size by new block; each variant has one.
    """
    rows = await uow.fetch_all(
        f"""
        WITH back AS (
            UPDATE campaign_recipient SET state = {int(PENDING)}, block_no = %(block_no)s + variant
            WHERE tenant_id = %(tenant_id)s AND recipient_id = ANY (%(ids)b::uuid[])
                AND state = {int(HANDED_OVER)}
            RETURNING variant
        )
        SELECT variant, count(*) FROM back GROUP BY variant
        """,
        {
            "block_no": block_no,
            "tenant_id": uow.tenant_id,
            "ids": list(ids),
        },
    )
    reopened = sum(lines for _, lines in rows)
    await tallies.move(uow, run_id, {HANDED_OVER: -reopened, PENDING: reopened})
    return [(variant, lines) for variant, lines in rows]
