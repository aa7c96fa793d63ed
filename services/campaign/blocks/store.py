"""SQL of blocks."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from services.campaign.blocks.domain import Block, BlockState
from services.campaign.ledger.addresses import address_sql
from services.campaign.runs.store import RunKey
from services.common.db.partitions import in_month_of
from services.common.db.uow import UnitOfWork

_BLOCK_COLUMNS = "run_id, block_no, variant, size, state, attempts, spelling, expires_at"
_OPEN = (
    f"b.state < {int(BlockState.DONE)} AND (b.leased_until IS NULL OR b.leased_until <= clock_timestamp())"
)


async def ready(uow: UnitOfWork, now: datetime, limit: int = 20) -> list[RunKey]:
    """Returns running runs with a block to hand over, the longest unserved first; needs all tenants."""
    rows = await uow.fetch_all(
        f"""
        SELECT r.tenant_id, r.run_id, r.campaign_id
        FROM campaign_run r JOIN campaign_run_tally t ON t.tenant_id = r.tenant_id AND t.run_id = r.run_id
        WHERE r.state = 1 AND (t.paced_until IS NULL OR t.paced_until <= %(now)s) AND EXISTS (
            SELECT FROM campaign_block b
            WHERE b.tenant_id = r.tenant_id AND b.run_id = r.run_id AND b.due_at <= %(now)s AND {_OPEN}
        )
        ORDER BY t.claimed_at NULLS FIRST LIMIT %(limit)s
        """,
        {"now": now, "limit": limit},
    )
    return [RunKey(*row) for row in rows]


async def claim(uow: UnitOfWork, run_id: UUID, *, rate: int, most: int, lease: timedelta) -> Block | None:
    """Leases the next block of a run, at its pace; None when none is due, or enough are on their way.

    Args:
        uow: A transaction of the run's tenant.
        run_id: The run.
        rate: Recipients a second.
        most: Blocks of the run that may be under way at once.
        lease: How soon another process takes the block over when this one dies.
    """
    now = uow.now()
    pace = await uow.fetch_one(
        "SELECT t.paced_until FROM campaign_run_tally t "
        "JOIN campaign_run r ON r.tenant_id = t.tenant_id AND r.run_id = t.run_id "
        "WHERE t.tenant_id = %s AND t.run_id = %s AND r.state = 1 FOR UPDATE OF t",
        (uow.tenant_id, run_id),
    )
    if pace is None or (pace[0] is not None and pace[0] > now):
        return None
    row = await uow.fetch_one(
        f"""
        UPDATE campaign_block b SET leased_until = clock_timestamp() + %(lease)s, attempts = b.attempts + 1
        WHERE b.tenant_id = %(tenant_id)s AND b.run_id = %(run_id)s AND b.block_no = (
            SELECT b.block_no FROM campaign_block b
            WHERE b.tenant_id = %(tenant_id)s AND b.run_id = %(run_id)s AND b.due_at <= %(now)s AND {_OPEN}
            ORDER BY b.due_at, b.block_no LIMIT 1
        ) AND %(most)s > (
            SELECT count(*) FROM campaign_block b
            WHERE b.tenant_id = %(tenant_id)s AND b.run_id = %(run_id)s AND b.state < {int(BlockState.DONE)}
                AND b.leased_until > clock_timestamp()
        )
        RETURNING {_BLOCK_COLUMNS}
        """,
        {"lease": lease, "tenant_id": uow.tenant_id, "run_id": run_id, "now": now, "most": most},
    )
    if row is None:
        return None
    block = _block(row)
    await uow.execute(
        "UPDATE campaign_run_tally SET paced_until = %s, claimed_at = clock_timestamp() "
        "WHERE tenant_id = %s AND run_id = %s",
        (now + timedelta(seconds=block.size / rate), uow.tenant_id, run_id),
    )
    return block


async def judge(uow: UnitOfWork, block: Block, size: int, expires_at: datetime) -> None:
    """Notes that consent was asked for a block: from now on it is these people in every repeat."""
    await uow.execute(
        f"UPDATE campaign_block SET state = {int(BlockState.JUDGED)}, size = %s, expires_at = %s "
        "WHERE tenant_id = %s AND run_id = %s AND block_no = %s",
        (size, expires_at, uow.tenant_id, block.run_id, block.number),
    )


async def finish(uow: UnitOfWork, block: Block) -> None:
    """Notes that nothing of a block is left to do."""
    await uow.execute(
        f"UPDATE campaign_block SET state = {int(BlockState.DONE)}, leased_until = NULL, done_at = %s "
        "WHERE tenant_id = %s AND run_id = %s AND block_no = %s",
        (uow.now(), uow.tenant_id, block.run_id, block.number),
    )


async def give_back(uow: UnitOfWork, block: Block, due_at: datetime, *, respell: bool = False) -> None:
    """Ends the lease of a block; it is due again later, perhaps under another key."""
    await uow.execute(
        "UPDATE campaign_block SET leased_until = NULL, due_at = %s, spelling = spelling + %s "
        "WHERE tenant_id = %s AND run_id = %s AND block_no = %s",
        (due_at, int(respell), uow.tenant_id, block.run_id, block.number),
    )


async def add_block(
    uow: UnitOfWork, run_id: UUID, number: int, variant: int, size: int, due_at: datetime
) -> None:
    """Adds a block of lines that stand under its number."""
    await uow.execute(
        "INSERT INTO campaign_block (tenant_id, run_id, block_no, variant, size, state, attempts, spelling, due_at) "
        "VALUES (%s, %s, %s, %s, %s, 1, 0, 0, %s)",
        (uow.tenant_id, run_id, number, variant, size, due_at),
    )


async def take_block_numbers(uow: UnitOfWork, run_id: UUID, count: int) -> int:
    """Returns the first of some numbers that no block of the run has or will have."""
    first: int = await uow.fetch_value(
        "UPDATE campaign_run SET next_block = next_block + %s WHERE tenant_id = %s AND run_id = %s "
        "RETURNING next_block - %s",
        (count, uow.tenant_id, run_id, count),
    )
    return first


async def open_blocks(uow: UnitOfWork, run_id: UUID, limit: int) -> list[Block]:
    """Returns unfinished blocks of a run that nobody has in hand, locked."""
    rows = await uow.fetch_all(
        f"SELECT {_BLOCK_COLUMNS} FROM campaign_block b WHERE b.tenant_id = %s AND b.run_id = %s AND {_OPEN} "
        "ORDER BY b.block_no LIMIT %s FOR UPDATE",
        (uow.tenant_id, run_id, limit),
    )
    return [_block(row) for row in rows]


async def under_way(uow: UnitOfWork, run_id: UUID) -> bool:
    """Returns whether a block of a run is in somebody's hands."""
    return bool(
        await uow.fetch_value(
            f"SELECT EXISTS (SELECT FROM campaign_block WHERE tenant_id = %s AND run_id = %s "
            f"AND state < {int(BlockState.DONE)} AND leased_until > clock_timestamp())",
            (uow.tenant_id, run_id),
        )
    )


class Person(NamedTuple):
    """A pending line with what a message to its contact needs."""

    recipient_id: UUID
    contact_id: UUID
    state: int | None
    address: str | None
    name: str | None
    first_name: str | None
    last_name: str | None
    language_code: str | None
    time_zone: str | None
    attributes: dict[str, Any] | None


async def people(uow: UnitOfWork, block: Block, channel: int, *, attributes: bool) -> list[Person]:
    """Returns the pending lines of a block with their contacts, in the order of the contacts."""
    rows = await uow.fetch_all(
        f"""
        SELECT r.recipient_id, r.contact_id, c.state, {address_sql(channel)}, c.name, c.first_name, c.last_name,
            c.language_code, c.time_zone, {"c.attributes" if attributes else "NULL"}
        FROM campaign_recipient r
        LEFT JOIN LATERAL (
            SELECT * FROM contact WHERE tenant_id = r.tenant_id AND contact_id = r.contact_id LIMIT 1
        ) AS c ON true
        WHERE r.tenant_id = %s AND r.run_id = %s AND r.block_no = %s AND r.state = 1
            AND {in_month_of(block.run_id, "r.recipient_id")}
        ORDER BY r.contact_id
        """,
        (uow.tenant_id, block.run_id, block.number),
    )
    return [Person(*row) for row in rows]


# Limits


async def usage(uow: UnitOfWork, campaign_id: UUID, first: date, last: date) -> int:
    """Returns the messages of a campaign handed over in a range of days, both included."""
    used: int = await uow.fetch_value(
        "SELECT COALESCE(sum(messages), 0)::int8 FROM campaign_usage "
        "WHERE tenant_id = %s AND campaign_id = %s AND day BETWEEN %s AND %s",
        (uow.tenant_id, campaign_id, first, last),
    )
    return used


async def use(uow: UnitOfWork, campaign_id: UUID, day: date, messages: int) -> None:
    """Counts messages of a campaign against its limits."""
    await uow.execute(
        "INSERT INTO campaign_usage AS used (tenant_id, campaign_id, day, messages) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (tenant_id, campaign_id, day) DO UPDATE SET messages = used.messages + EXCLUDED.messages",
        (uow.tenant_id, campaign_id, day, messages),
    )


def _block(row: Sequence[Any]) -> Block:
    run_id, number, variant, size, state, attempts, spelling, expires = row
    return Block(run_id, number, variant, size, BlockState(state), attempts, spelling, expires)
