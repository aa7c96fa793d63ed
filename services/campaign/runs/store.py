"""SQL of runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from services.campaign.blocks.domain import BLOCK
from services.campaign.ledger.addresses import address_sql
from services.campaign.ledger.domain import RecipientState
from services.campaign.runs.domain import Order, Phase, Run, RunState
from services.common.db.uow import UnitOfWork

_RUN = (
    "run_id, campaign_id, run_number, state, phase, planned_at, started_at, completed_at, audience_count, "
    "after_contact_id, next_block, chunks, delivery_order"
)


class RunKey(NamedTuple):
    """Names a run among all tenants."""

    tenant_id: UUID
    run_id: UUID
    campaign_id: UUID


# Runs


async def insert(uow: UnitOfWork, run: Run, budget_month: str) -> None:
    """Adds a run."""
    await uow.execute(
        f"INSERT INTO campaign_run (tenant_id, {_RUN}, order_attempts, budget_month) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 0, %s)",
        (
            uow.tenant_id,
            run.run_id,
            run.campaign_id,
            run.number,
            int(run.state),
            int(run.phase),
            run.planned_at,
            run.started_at,
            run.completed_at,
            run.audience_count,
            run.after,
            run.next_block,
            run.chunks,
            int(run.order),
            budget_month,
        ),
    )


async def by_id(uow: UnitOfWork, run_id: UUID, *, lock: bool = False) -> Run | None:
    """Returns a run, or None."""
    row = await uow.fetch_one(
        f"SELECT {_RUN} FROM campaign_run WHERE tenant_id = %s AND run_id = %s{' FOR NO KEY UPDATE' if lock else ''}",
        (uow.tenant_id, run_id),
    )
    return None if row is None else _run(row)


async def newest(uow: UnitOfWork, campaign_id: UUID) -> Run | None:
    """Returns the newest run of a campaign, or None."""
    runs = await page(uow, campaign_id, None, 1)
    return runs[0] if runs else None


async def page(uow: UnitOfWork, campaign_id: UUID, before: int | None, limit: int) -> list[Run]:
    """Returns runs of a campaign, newest first, numbered below `before`."""
    rows = await uow.fetch_all(
        f"SELECT {_RUN} FROM campaign_run WHERE tenant_id = %s AND campaign_id = %s "
        "AND (%s::int4 IS NULL OR run_number < %s) ORDER BY run_number DESC LIMIT %s",
        (uow.tenant_id, campaign_id, before, before, limit),
    )
    return [_run(row) for row in rows]


async def budget_month(uow: UnitOfWork, run_id: UUID) -> str:
    """Returns the month whose budget a run reserved from."""
    month: str = await uow.fetch_value(
        "SELECT budget_month FROM campaign_run WHERE tenant_id = %s AND run_id = %s", (uow.tenant_id, run_id)
    )
    return month


async def change_state(
    uow: UnitOfWork, run_id: UUID, before: Sequence[RunState], after: RunState, order: Order = Order.NONE
) -> bool:
    """Moves a run on, with what delivery is to be told of it; False when it is in none of the states before."""
    completed = uow.now() if after in (RunState.COMPLETED, RunState.CANCELLED) else None
    return bool(
        await uow.execute(
            "UPDATE campaign_run SET state = %s, completed_at = %s, delivery_order = %s, order_due_at = %s, "
            "order_attempts = 0 WHERE tenant_id = %s AND run_id = %s AND state = ANY (%s::int2[])",
            (
                int(after),
                completed,
                int(order),
                uow.now() if order else None,
                uow.tenant_id,
                run_id,
                [int(state) for state in before],
            ),
        )
    )


# Expansion


async def expanding(uow: UnitOfWork) -> list[RunKey]:
    """Returns runs whose audience is still being written down; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        "SELECT tenant_id, run_id, campaign_id FROM campaign_run WHERE state = 1 AND phase = 1 "
        "ORDER BY started_at LIMIT 100"
    )
    return [RunKey(*row) for row in rows]


async def lock_expanding(uow: UnitOfWork, run_id: UUID) -> Run | None:
    """Returns a run whose next chunk is due, for this transaction alone; None when another has it, or none is due."""
    row = await uow.fetch_one(
        f"SELECT {_RUN} FROM campaign_run WHERE tenant_id = %s AND run_id = %s AND state = 1 AND phase = 1 "
        "FOR NO KEY UPDATE SKIP LOCKED",
        (uow.tenant_id, run_id),
    )
    return None if row is None else _run(row)


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one chunk of an expansion wrote down."""

    lines: int
    reachable: int
    last_block: int | None
    last_contact: UUID | None


# The bucket is the first 8 bytes of the digest, big-endian, modulo 10,000 (CAM-102); as there is no unsigned 8-byte
# integer, in two halves: 2^32 leaves 7,296.
_HALF = " + ".join(f"(get_byte(drawn, {{}} + {byte})::int8 << {24 - 8 * byte})" for byte in range(4))
_BUCKET = f"((({_HALF.format(0, 0, 0, 0)}) %% 10000 * 7296 + ({_HALF.format(4, 4, 4, 4)})) %% 10000)::int4"
_DRAWN = "sha256(convert_to(%(x_campaign_id)s || ':' || c.contact_id::text, 'UTF8'))"

# Blocks follow the ids of their lines, so that those of one block, and its messages, lie close in every index.
_CHUNK = """
WITH picked AS MATERIALIZED (
    SELECT c.contact_id, {address} IS NOT NULL AS reachable, {drawn} AS drawn,
        sha256(uuid_send(%(x_run_id)s) || uuid_send(c.contact_id)) AS mark
    FROM contact c
    WHERE {where} AND c.contact_id > %(x_after)s AND c.created_at <= %(x_launched)s
    ORDER BY c.contact_id
    LIMIT %(x_limit)s
), varied AS (
    SELECT contact_id, reachable, {variant} AS variant, encode(mark, 'hex') AS mark,
        substr('89ab', (get_byte(mark, 2) & 3) + 1, 1) AS nibble
    FROM picked
), named AS (
    SELECT contact_id, reachable, variant,
        (%(x_prefix)s || '7' || substr(mark, 1, 3) || nibble || substr(mark, 7, 15))::uuid AS recipient_id
    FROM varied
), numbered AS MATERIALIZED (
    SELECT contact_id, reachable, variant, recipient_id,
        CASE WHEN reachable THEN %(x_next_block)s + greatest(variant - 1, 0) + %(x_arms)s * (
            (row_number() OVER (PARTITION BY reachable, variant ORDER BY recipient_id) - 1) / %(x_block)s
        )::int4 ELSE %(x_unreachable)s END AS block_no
    FROM named
), lines AS (
    INSERT INTO campaign_recipient
        (tenant_id, recipient_id, run_id, contact_id, block_no, variant, state, cost_attempt, complained, reason)
    SELECT %(x_tenant_id)s, recipient_id, %(x_run_id)s, contact_id, block_no, variant,
        CASE WHEN reachable THEN {pending} ELSE {skipped} END, 0, false,
        CASE WHEN reachable THEN NULL ELSE 'no_address' END
    FROM numbered
), blocks AS (
    INSERT INTO campaign_block (tenant_id, run_id, block_no, variant, size, state, attempts, spelling, due_at)
    SELECT %(x_tenant_id)s, %(x_run_id)s, block_no, variant, count(*), 1, 0, 0, %(x_now)s
    FROM numbered WHERE reachable GROUP BY block_no, variant
)
SELECT count(*), count(*) FILTER (WHERE reachable), max(block_no) FILTER (WHERE reachable),
    (SELECT contact_id FROM picked ORDER BY contact_id DESC LIMIT 1)
FROM numbered
"""


async def write_chunk(
    uow: UnitOfWork,
    run: Run,
    *,
    channel: int,
    bounds: Sequence[int],
    where: str,
    params: dict[str, Any],
    size: int,
) -> Chunk:
    """Writes the next contacts of an audience down as lines and blocks, in one statement.

    Args:
        uow: The transaction; it holds the run's row, so that chunks of a run follow each other.
        run: The run, with the contact after which to go on.
        channel: Channel of the campaign; contacts without an address on it are skipped at once.
        bounds: Cumulative bounds of the variants' buckets; empty without A/B test.
        where: Condition of the audience over the alias `c` of table contact.
        params: Its parameters; none begins with `x_`.
        size: How many contacts at most.
    """
    row = await uow.fetch_one(
        _CHUNK.format(
            address=address_sql(channel),
            drawn=_DRAWN if bounds else "NULL::bytea",
            variant=f"(width_bucket({_BUCKET}, %(x_bounds)s::int4[]) + 1)::int2" if bounds else "0::int2",
            where=where,
            pending=int(RecipientState.PENDING),
            skipped=int(RecipientState.SKIPPED),
        ),
        {
            **params,
            "x_tenant_id": uow.tenant_id,
            "x_run_id": run.run_id,
            "x_campaign_id": str(run.campaign_id),
            "x_prefix": run.run_id.hex[:12],
            "x_after": run.after or UUID(int=0),
            "x_launched": run.started_at,
            "x_limit": size,
            "x_bounds": list(bounds),
            "x_arms": max(len(bounds), 1),
            "x_next_block": run.next_block,
            "x_block": BLOCK,
            "x_unreachable": unreachable_block(run.chunks),
            "x_now": uow.now(),
        },
        prepare=False,
    )
    assert row is not None  # noqa: S101 - an aggregate always has a row
    return Chunk(*row)


def unreachable_block(chunk: int) -> int:
    """Returns the number under which the lines of a chunk without address are found."""
    return -1 - chunk


async def advance(
    uow: UnitOfWork, run: Run, *, after: UUID | None, next_block: int, lines: int, done: bool
) -> None:
    """Notes how far the expansion of a locked run is."""
    await uow.execute(
        "UPDATE campaign_run SET after_contact_id = %s, next_block = %s, chunks = chunks + 1, phase = %s, "
        "audience_count = audience_count + %s WHERE tenant_id = %s AND run_id = %s",
        (
            after,
            next_block,
            int(Phase.EXPANDED if done else Phase.EXPANDING),
            lines,
            uow.tenant_id,
            run.run_id,
        ),
    )


async def audience_page(
    uow: UnitOfWork, where: str, params: dict[str, Any], *, channel: int, after: UUID | None, limit: int
) -> list[tuple[UUID, str | None]]:
    """Returns contacts of an audience with their addresses, in the order of their ids."""
    rows = await uow.fetch_all(
        f"SELECT c.contact_id, {address_sql(channel)} FROM contact c WHERE {where} AND c.contact_id > %(x_after)s "
        "ORDER BY c.contact_id LIMIT %(x_limit)s",
        {**params, "x_after": after or UUID(int=0), "x_limit": limit},
        prepare=False,
    )
    return [(contact_id, address) for contact_id, address in rows]


# What ends or holds a run


async def running(uow: UnitOfWork, limit: int = 1000) -> list[RunKey]:
    """Returns running runs; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        "SELECT tenant_id, run_id, campaign_id FROM campaign_run WHERE state = 1 ORDER BY started_at LIMIT %s",
        (limit,),
    )
    return [RunKey(*row) for row in rows]


async def settled(uow: UnitOfWork, limit: int = 50) -> list[RunKey]:
    """Returns running runs with nothing left to wait for; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        "SELECT r.tenant_id, r.run_id, r.campaign_id FROM campaign_run r "
        "JOIN campaign_run_tally t ON t.tenant_id = r.tenant_id AND t.run_id = r.run_id "
        "WHERE r.state = 1 AND r.phase = 2 AND t.pending = 0 AND t.handed_over = 0 AND t.unknown = 0 LIMIT %s",
        (limit,),
    )
    return [RunKey(*row) for row in rows]


async def waiting_too_long(uow: UnitOfWork, planned_before: datetime, limit: int = 50) -> list[RunKey]:
    """Returns running runs whose pending lines waited too long; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        "SELECT r.tenant_id, r.run_id, r.campaign_id FROM campaign_run r "
        "JOIN campaign_run_tally t ON t.tenant_id = r.tenant_id AND t.run_id = r.run_id "
        "WHERE r.state = 1 AND r.planned_at < %s AND t.pending > 0 LIMIT %s",
        (planned_before, limit),
    )
    return [RunKey(*row) for row in rows]


class DueOrder(NamedTuple):
    """What delivery has still to be told about a run."""

    tenant_id: UUID
    run_id: UUID
    order: Order
    attempts: int


async def orders_due(uow: UnitOfWork, now: datetime, limit: int = 50) -> list[DueOrder]:
    """Returns what delivery has to be told now; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        "SELECT tenant_id, run_id, delivery_order, order_attempts FROM campaign_run "
        "WHERE delivery_order > 0 AND order_due_at <= %s ORDER BY order_due_at LIMIT %s",
        (now, limit),
    )
    return [DueOrder(tenant, run, Order(order), attempts) for tenant, run, order, attempts in rows]


async def delay_order(uow: UnitOfWork, run_id: UUID, order: Order, due_at: datetime, *, failed: bool) -> None:
    """Has delivery told again later, unless another order came meanwhile."""
    await uow.execute(
        "UPDATE campaign_run SET order_due_at = %s, order_attempts = order_attempts + %s "
        "WHERE tenant_id = %s AND run_id = %s AND delivery_order = %s",
        (due_at, int(failed), uow.tenant_id, run_id, int(order)),
    )


async def order_done(uow: UnitOfWork, run_id: UUID, order: Order) -> None:
    """Notes that delivery knows, unless another order came meanwhile."""
    await uow.execute(
        "UPDATE campaign_run SET delivery_order = 0, order_due_at = NULL "
        "WHERE tenant_id = %s AND run_id = %s AND delivery_order = %s",
        (uow.tenant_id, run_id, int(order)),
    )


async def tune_partitions(uow: UnitOfWork) -> None:
    """Gives new partitions of the ledger their free room; needs a unit of work across tenants."""
    await uow.execute("SELECT tune_partitions()")


def _run(row: Sequence[Any]) -> Run:
    run_id, campaign_id, number, state, phase, planned, started, completed, *rest = row
    audience, after, next_block, chunks, order = rest
    return Run(
        run_id, campaign_id, number, RunState(state), Phase(phase), planned, started, completed,
        audience, after, next_block, chunks, Order(order),
    )  # fmt: skip
