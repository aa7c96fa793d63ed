"""SQL of the send ledger's lines on their way to delivery.

Who changes lines of a run holds the row of its tally: changes of one run follow each other, so a line's state before a
change is known without locking lines, two blocks never wait for each other crosswise, and the tally always equals the
lines. Statements name the ids they speak of, so that only their partitions are looked at. Those that speak of a block
name the month of its run: the range of the run's own ids would tempt the planner to read all of them for each block.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from services.campaign.ledger.domain import RecipientState
from services.campaign.tallies import store as tallies
from services.common.db.partitions import in_month_of
from services.common.db.sets import named_unnest
from services.common.db.uow import UnitOfWork

PENDING, HANDED_OVER = RecipientState.PENDING, RecipientState.HANDED_OVER
NO_ADDRESS = "no_address"


class Skipped(NamedTuple):
    """A line that is not handed over."""

    recipient_id: UUID
    contact_id: UUID
    variant: int
    reason: str


async def without_address(uow: UnitOfWork, run_id: UUID, block_no: int) -> list[Skipped]:
    """Returns the lines of a chunk that were skipped as they were written."""
    rows = await uow.fetch_all(
        "SELECT recipient_id, contact_id, variant FROM campaign_recipient WHERE tenant_id = %s AND run_id = %s "
        f"AND block_no = %s AND {in_month_of(run_id, 'recipient_id')}",
        (uow.tenant_id, run_id, block_no),
    )
    return [Skipped(line, contact, variant, NO_ADDRESS) for line, contact, variant in rows]


async def add_triggered(uow: UnitOfWork, run_id: UUID, messages: Sequence[tuple[UUID, UUID]]) -> int:
    """Adds lines of messages that triggers sent, each once; the tally must be locked. Returns how many were new."""
    added = await uow.execute(
        f"""
        INSERT INTO campaign_recipient
            (tenant_id, recipient_id, run_id, contact_id, block_no, variant, state, complained)
        SELECT %(tenant_id)s, id, %(run_id)s, contact, 0, 0, {int(HANDED_OVER)}, false
        FROM {named_unnest({"id": "uuid", "contact": "uuid"})}
        ON CONFLICT DO NOTHING
        """,
        {
            "tenant_id": uow.tenant_id,
            "run_id": run_id,
            "id": [message_id for message_id, _ in messages],
            "contact": [contact_id for _, contact_id in messages],
        },
    )
    await tallies.move(uow, run_id, {HANDED_OVER: added})
    return added


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
        f"AND state = {int(PENDING)} AND {in_month_of(run_id, 'recipient_id')}",
        (uow.tenant_id, run_id, block_no),
    )
    return [recipient_id for (recipient_id,) in rows]


async def move_block(uow: UnitOfWork, run_id: UUID, block_no: int, state: RecipientState) -> int:
    """Moves the pending lines of a block on; the tally must be locked. Lines that went further stay there."""
    moved = await uow.execute(
        f"UPDATE campaign_recipient SET state = %s WHERE tenant_id = %s AND run_id = %s AND block_no = %s "
        f"AND state = {int(PENDING)} AND {in_month_of(run_id, 'recipient_id')}",
        (int(state), uow.tenant_id, run_id, block_no),
    )
    await tallies.move(uow, run_id, {PENDING: -moved, state: moved})
    return moved


async def give_variant(uow: UnitOfWork, run_id: UUID, block_no: int, variant: int) -> None:
    """Gives the lines of a block that waited for a winner its variant."""
    await uow.execute(
        "UPDATE campaign_recipient SET variant = %s WHERE tenant_id = %s AND run_id = %s AND block_no = %s "
        f"AND variant = 0 AND {in_month_of(run_id, 'recipient_id')}",
        (variant, uow.tenant_id, run_id, block_no),
    )


async def split_block(uow: UnitOfWork, run_id: UUID, block_no: int, keep: int, into: int) -> int:
    """Moves all but the first `keep` pending lines of a block into another; returns how many."""
    in_month = in_month_of(run_id, "recipient_id")
    return await uow.execute(
        f"""
        UPDATE campaign_recipient SET block_no = %(into)s
        WHERE tenant_id = %(tenant_id)s AND {in_month} AND recipient_id = ANY (ARRAY(
            SELECT recipient_id FROM campaign_recipient
            WHERE tenant_id = %(tenant_id)s AND run_id = %(run_id)s AND block_no = %(block_no)s
                AND state = {int(PENDING)} AND {in_month}
            ORDER BY contact_id OFFSET %(keep)s
        ))
        """,
        {
            "into": into,
            "tenant_id": uow.tenant_id,
            "run_id": run_id,
            "block_no": block_no,
            "keep": keep,
        },
    )


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
