"""SQL that reads the send ledger."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.campaign.ledger.domain import (
    Counts,
    Recipient,
    RecipientState,
    bounds_of,
    first_id,
    last_id,
    recipient_id_of,
)
from services.common.db.uow import UnitOfWork


async def fold(uow: UnitOfWork, run_id: UUID, *, is_triggered: bool = False) -> Counts:
    """Returns the lines of a run by state, counted from the lines themselves."""
    low, high = bounds_of(run_id, is_triggered=is_triggered)
    rows = await uow.fetch_all(
        "SELECT state, count(*) FROM campaign_recipient "
        "WHERE tenant_id = %s AND run_id = %s AND recipient_id BETWEEN %s AND %s GROUP BY state",
        (uow.tenant_id, run_id, low, high),
    )
    return Counts({RecipientState(state): lines for state, lines in rows})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines of a run are read; empty means all."""

    state: int = 0
    variant: int = 0
    contact_id: UUID | None = None
    is_triggered: bool = False
    """Whether the run is of a trigger campaign, whose lines have ids of others."""


async def page(
    uow: UnitOfWork, run_id: UUID, wanted: Wanted, *, address: str, after: UUID | None, limit: int
) -> list[Recipient]:
    """Returns lines of a run in the order of their ids.

    `address` is the SQL of the channel's address of a contact `c`; trusted text.
    """
    low, high = bounds_of(run_id, is_triggered=wanted.is_triggered)
    if wanted.contact_id is not None and not wanted.is_triggered:
        low = high = recipient_id_of(run_id, wanted.contact_id)
    rows = await uow.fetch_all(
        f"""
        SELECT r.recipient_id, r.contact_id, r.variant, r.state, r.reason, r.sent_at, r.delivered_at, {address}
        FROM campaign_recipient r
        LEFT JOIN contact c ON c.tenant_id = r.tenant_id AND c.contact_id = r.contact_id
        WHERE r.tenant_id = %(tenant_id)s AND r.run_id = %(run_id)s
            AND r.recipient_id BETWEEN %(low)s AND %(high)s AND r.recipient_id > %(after)s
            AND (%(contact)s::uuid IS NULL OR r.contact_id = %(contact)s)
            AND %(state)s IN (0, r.state) AND %(variant)s IN (0, r.variant)
        ORDER BY r.recipient_id LIMIT %(limit)s
        """,
        {
            "tenant_id": uow.tenant_id,
            "run_id": run_id,
            "low": low,
            "high": high,
            "contact": wanted.contact_id,
            "after": after or UUID(int=0),
            "state": wanted.state,
            "variant": wanted.variant,
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


async def reasons(uow: UnitOfWork, run_id: UUID, *, is_triggered: bool = False) -> list[tuple[str, int]]:
    """Returns the reasons of lines that were skipped or failed, most frequent first."""
    low, high = bounds_of(run_id, is_triggered=is_triggered)
    return [
        (reason, lines)
        for reason, lines in await uow.fetch_all(
            "SELECT reason, count(*) FROM campaign_recipient WHERE tenant_id = %s AND run_id = %s "
            "AND recipient_id BETWEEN %s AND %s AND reason IS NOT NULL GROUP BY reason ORDER BY 2 DESC, 1 LIMIT 100",
            (uow.tenant_id, run_id, low, high),
        )
    ]


async def handed_over_before(uow: UnitOfWork, run_id: UUID, instant: datetime) -> AsyncIterator[list[UUID]]:
    """Yields, in blocks, the lines that delivery should know: those of blocks done before an instant."""
    blocks = uow.stream(
        f"""
        SELECT r.recipient_id FROM campaign_recipient r
        JOIN campaign_block b ON b.tenant_id = r.tenant_id AND b.run_id = r.run_id AND b.block_no = r.block_no
        WHERE r.tenant_id = %s AND r.run_id = %s AND r.recipient_id BETWEEN %s AND %s
            AND r.state = {int(RecipientState.HANDED_OVER)} AND b.done_at < %s
        """,
        (uow.tenant_id, run_id, first_id(run_id), last_id(run_id), instant),
    )
    async for rows in blocks:
        yield [recipient_id for (recipient_id,) in rows]
